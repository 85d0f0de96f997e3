import { crc32 } from 'node:zlib';
import { BadArchiveError, type ReadBytes } from '../../archives/archive-bytes.ts';
import { planReads } from '../../archives/read-plan.ts';
import { expectTarEnd, nextTarEntry, type TarEntry } from '../../archives/tar-entries.ts';
import {
  contentOffsetOf,
  LOCAL_HEADER_BYTES,
  MAX_ENTRIES,
  readZipDirectory,
  type ZipEntry,
} from '../../archives/zip-directory.ts';
import type { Archive, EntrySum } from '../../instances/archive.ts';
import { crc32Text } from '../../instances/entry-content.ts';
import { unpackedBound } from '../../instances/unpacked-bound.ts';
import type { Instant } from '../../shared/time.ts';
import { readAhead } from './archive-reader.ts';
import { FIRST_STORED_BYTES, type ReadEntry, readEntry } from './read-entry.ts';

/** Entries of one step, and where the next step goes on. */
export interface EntryPage {
  entries: { number: number; read: ReadEntry }[];
  next: number;
  isLast: boolean;
  /** Of the entry at `next`, which this step has begun. */
  sum?: EntrySum;
}

/** Rows of one step, as many as most series have slices: each step costs some writes besides. They are written before its place is saved. */
const PAGE_ENTRIES = 300;
/** Of a tar, whose content is read for its CRC-32; of a single entry of it too. */
const PAGE_BYTES = 512 * 1024 * 1024;
/** A name and an extra field: longer ones cost a request. */
const NAME_BYTES = 512;
const CHUNK_BYTES = 1024 * 1024;

/** Throws `BadArchiveError` for an archive of which nothing may be used. */
export type ReadPage = (
  next: number,
  entriesBefore: number,
  now: Instant,
  sum?: EntrySum,
) => Promise<EntryPage>;

/** The directory is read once. */
export function zipPages(read: ReadBytes, archive: Archive): ReadPage {
  let directory: Promise<ZipEntry[]> | undefined;
  return async (next, _entriesBefore, now) => {
    directory ??= readZipDirectory(readTail(read, archive.sizeBytes), archive.sizeBytes);
    const all = await directory;
    const page = all.slice(next, next + PAGE_ENTRIES);
    const entries: EntryPage['entries'] = [];
    const spans = page.map((entry) => ({ ...spanOf(entry), entry }));
    for (const { read: span, spans: of } of planReads(spans)) {
      const bytes = await read(span.offset, span.length);
      const within: ReadBytes = async (offset, length) => {
        const at = offset - span.offset;
        const isInside = at >= 0 && at + length <= bytes.length;
        return isInside ? bytes.subarray(at, at + length) : read(offset, length);
      };
      for (const { entry } of of)
        entries.push({ number: entry.number, read: await readZipEntry(within, archive, entry, now) });
    }
    return { entries, next: next + page.length, isLast: next + page.length >= all.length };
  };
}

/** The end record and a small directory come with one request. */
function readTail(read: ReadBytes, sizeBytes: number): ReadBytes {
  const offset = Math.max(0, sizeBytes - 256 * 1024);
  let tail: Promise<Uint8Array> | undefined;
  return async (at, length) => {
    if (at < offset) return read(at, length);
    tail ??= read(offset, sizeBytes - offset);
    const bytes = await tail;
    return bytes.subarray(at - offset, at - offset + length);
  };
}

function spanOf({ offset, limit, storedBytes }: ZipEntry) {
  const wanted = LOCAL_HEADER_BYTES + NAME_BYTES + Math.min(storedBytes, FIRST_STORED_BYTES);
  return { offset, length: Math.min(wanted, limit - offset) };
}

async function readZipEntry(
  read: ReadBytes,
  archive: Archive,
  entry: ZipEntry,
  now: Instant,
): Promise<ReadEntry> {
  const { storedBytes, sizeBytes, method: code } = entry;
  if (entry.isFolder && sizeBytes === 0) return { kind: 'foreign' };
  const nothing = withoutContent(entry);
  if (nothing !== undefined) return nothing;
  if (entry.isArchive) return { kind: 'unusable', reason: 'nested_archive' };
  if (code !== 0 && code !== 8) return { kind: 'unusable', reason: 'unknown_compression' };
  const method = code === 0 ? 'stored' : 'deflated';
  if (method === 'deflated' && sizeBytes > unpackedBound(storedBytes))
    return { kind: 'unusable', reason: 'too_large' };
  const offset = contentOffsetOf(entry, await read(entry.offset, LOCAL_HEADER_BYTES));
  if (offset === undefined) return { kind: 'unusable', reason: 'damaged' };
  const file = { offset, storedBytes, sizeBytes, method } as const;
  return readEntry(read, archive, file, crc32Text(entry.crc32), now);
}

/** What may have been a scan where the archive was written. As a file of its own it would be in the quarantine too. */
function withoutContent({
  isLink,
  sizeBytes,
}: Pick<ZipEntry, 'isLink' | 'sizeBytes'>): ReadEntry | undefined {
  if (isLink) return { kind: 'unusable', reason: 'link' };
  return sizeBytes === 0 ? { kind: 'unusable', reason: 'empty' } : undefined;
}

/** A tar has no directory and no CRC-32 of its files: it is read from its first to its last byte. @param stepBytes of one step */
export function tarPages(read: ReadBytes, archive: Archive, stepBytes = PAGE_BYTES): ReadPage {
  const ahead = readAhead(read);
  return async (next, entriesBefore, now, begun) => {
    const entries: EntryPage['entries'] = [];
    let at = next;
    let sum = begun ?? NO_BYTES;
    while (entries.length < PAGE_ENTRIES && at - next < stepBytes) {
      const number = entriesBefore + entries.length + 1;
      const entry = await nextTarEntry(ahead, archive.sizeBytes, at, number);
      if ('end' in entry) return { entries, next: at, isLast: true };
      const found = await readTarEntry(ahead, archive, entry, now);
      if (found.kind === 'instance') {
        sum = await addToSum(ahead, entry, sum, stepBytes);
        if (sum.bytes < entry.sizeBytes) return { entries, next: at, isLast: false, sum };
        entries.push({ number, read: withSum(found, entry, sum) });
      } else entries.push({ number, read: found });
      at = entry.next;
      sum = NO_BYTES;
    }
    return { entries, next: at, isLast: false };
  };
}

/** Its CRC-32 is not known yet. */
async function readTarEntry(
  read: ReadBytes,
  archive: Archive,
  entry: TarEntry,
  now: Instant,
): Promise<ReadEntry> {
  const { offset, sizeBytes, isArchive, isSparse } = entry;
  // A slice with holes must not be missing in silence.
  if (isSparse) return { kind: 'unusable', reason: 'sparse_file' };
  const nothing = withoutContent(entry);
  if (nothing !== undefined) return nothing;
  if (isArchive) return { kind: 'unusable', reason: 'nested_archive' };
  const file = { offset, storedBytes: sizeBytes, sizeBytes, method: 'stored' } as const;
  return readEntry(read, archive, file, '', now);
}

const NO_BYTES: EntrySum = { bytes: 0, crc32: 0 };

async function addToSum(
  read: ReadBytes,
  { offset, sizeBytes }: TarEntry,
  { bytes: before, crc32: sum }: EntrySum,
  mostBytes: number,
): Promise<EntrySum> {
  const end = Math.min(sizeBytes, before + mostBytes);
  let checksum = sum;
  for (let at = before; at < end; ) {
    const chunk = await read(offset + at, Math.min(CHUNK_BYTES, end - at));
    if (chunk.length === 0) throw new BadArchiveError('expected the whole archive, got one that is cut off');
    checksum = crc32(chunk, checksum);
    at += chunk.length;
  }
  return { bytes: end, crc32: checksum };
}

function withSum(
  found: Extract<ReadEntry, { kind: 'instance' }>,
  { offset, sizeBytes }: TarEntry,
  sum: EntrySum,
): ReadEntry {
  const entry = { offset, storedBytes: sizeBytes, method: 'stored', crc32: crc32Text(sum.crc32) } as const;
  return { ...found, instance: { ...found.instance, object: { ...found.instance.object, entry } } };
}

/** Whether a tar is whole, before anything of it is indexed: a part of a series must not pass for it. */
export function tarCheck(read: ReadBytes, archive: Archive) {
  const ahead = readAhead(read);
  return async (
    next: number,
    entriesBefore: number,
  ): Promise<{ next: number; entries: number; isLast: boolean }> => {
    let at = next;
    let entries = entriesBefore;
    while (at - next < PAGE_BYTES) {
      const entry = await nextTarEntry(ahead, archive.sizeBytes, at, entries + 1);
      if ('end' in entry) {
        await expectTarEnd(ahead, archive.sizeBytes, entry.end);
        return { next: at, entries, isLast: true };
      }
      at = entry.next;
      entries += 1;
      if (entries > MAX_ENTRIES)
        throw new BadArchiveError(`expected at most ${MAX_ENTRIES} files, got more: split the archive`);
    }
    return { next: at, entries, isLast: false };
  };
}
