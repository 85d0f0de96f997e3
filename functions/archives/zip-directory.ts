import {
  BadArchiveError,
  exactly,
  expectBytes,
  isArchiveName,
  isFolderName,
  type ReadBytes,
} from './archive-bytes.ts';
import { readZipEnd } from './zip-end.ts';

/** One entry, without its name: that may be the name of a patient, and nothing depends on it. */
export interface ZipEntry {
  /** Its place in the directory, from 1. */
  number: number;
  /** Of its local header. */
  offset: number;
  /** Up to here it may reach: the next entry or the directory begins. */
  limit: number;
  storedBytes: number;
  sizeBytes: number;
  crc32: number;
  /** 0 stored, 8 deflated; no other one is read. */
  method: number;
  /** By its name: an archive within the archive. */
  isArchive: boolean;
  isFolder: boolean;
  /** A symbolic link: its bytes are a name. */
  isLink: boolean;
}

/** A study has a few thousand files; the entries of ten archives fit into the memory of a function at once. */
export const MAX_ENTRIES = 50_000;
export const MAX_DIRECTORY_BYTES = 8 * 1024 * 1024;

const RECORD = 0x02014b50;
const RECORD_BYTES = 46;
const IS_ENCRYPTED = 0x1;
const HAS_STRONG_ENCRYPTION = 0x40;
const AES = 99;
const STORED = 0;
const DEFLATED = 8;
/** "Version made by": UNIX, and OS X. */
const UNIX_HOSTS = new Set([3, 19]);
const LINK_TYPE = 0xa;
const IN_EXTRA = 0xffffffff;
const DISK_IN_EXTRA = 0xffff;
const ZIP64_EXTRA = 0x0001;
/** Of a local header, without its name and its extra field. */
export const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;
/** Deflate packs 1,032 to 1 at most. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * The entries by their offsets. Source: APPNOTE.TXT 6.3.10, section 4.3.12. Linear in the size of the directory.
 *
 * @throws BadArchiveError for an archive of which nothing may be used: no whole directory, too many entries, entries that share
 * bytes (D. Fifield, "A better zip bomb", 2019), encryption, sizes that cannot be
 */
export async function readZipDirectory(read: ReadBytes, archiveBytes: number): Promise<ZipEntry[]> {
  const end = await readZipEnd(read, archiveBytes);
  if (end.entries > MAX_ENTRIES || end.directoryBytes > MAX_DIRECTORY_BYTES)
    throw new BadArchiveError(
      `expected at most ${MAX_ENTRIES} entries in a directory of ${MAX_DIRECTORY_BYTES} bytes, got more: split the archive`,
    );
  const directory = await expectBytes(read, end.directoryOffset, end.directoryBytes, 'a directory');
  const entries: ZipEntry[] = [];
  let position = 0;
  while (position < directory.length) {
    const { entry, bytes } = readRecord(directory.subarray(position), entries.length + 1);
    entries.push(entry);
    position += bytes;
    if (entries.length > end.entries) break;
  }
  if (entries.length !== end.entries)
    throw new BadArchiveError(`expected ${end.entries} entries in the directory, got another count`);
  return withLimits(entries, end.directoryOffset);
}

function readRecord(rest: Buffer, number: number): { entry: ZipEntry; bytes: number } {
  if (rest.length < RECORD_BYTES || rest.readUInt32LE(0) !== RECORD) throw damaged(number);
  const flags = rest.readUInt16LE(8);
  const method = rest.readUInt16LE(10);
  if ((flags & (IS_ENCRYPTED | HAS_STRONG_ENCRYPTION)) !== 0 || method === AES)
    throw new BadArchiveError(`expected entries without a password, got an encrypted one (entry ${number})`);
  const nameBytes = rest.readUInt16LE(28);
  const extraBytes = rest.readUInt16LE(30);
  const bytes = RECORD_BYTES + nameBytes + extraBytes + rest.readUInt16LE(32);
  if (bytes > rest.length) throw damaged(number);
  const wide = zip64Reader(rest.subarray(RECORD_BYTES + nameBytes, RECORD_BYTES + nameBytes + extraBytes));
  // The extra field holds those that do not fit, in this order.
  const sizeBytes = wide(rest.readUInt32LE(24), number);
  const storedBytes = wide(rest.readUInt32LE(20), number);
  const offset = wide(rest.readUInt32LE(42), number);
  const disk = rest.readUInt16LE(34);
  if (disk !== 0 && disk !== DISK_IN_EXTRA)
    throw new BadArchiveError('expected one zip archive, got a part of a split one');
  const isPossible =
    (method !== STORED || storedBytes === sizeBytes) &&
    (method !== DEFLATED || sizeBytes <= storedBytes * MAX_DEFLATE_RATIO);
  if (!isPossible)
    throw new BadArchiveError(`expected sizes that an entry can have, got others (entry ${number})`);
  const name = rest.toString('latin1', RECORD_BYTES, RECORD_BYTES + nameBytes);
  const kind = { isArchive: isArchiveName(name), isFolder: isFolderName(name), isLink: isLink(rest) };
  const crc32 = rest.readUInt32LE(16);
  return {
    entry: { number, offset, limit: 0, storedBytes, sizeBytes, crc32, method, ...kind },
    bytes,
  };
}

/** By the file type of Unix in the external attributes. Source: APPNOTE.TXT 6.3.10, sections 4.4.2 and 4.4.15; stat.h, `S_IFLNK`. */
function isLink(record: Buffer): boolean {
  return UNIX_HOSTS.has(record.readUInt8(5)) && record.readUInt16LE(40) >> 12 === LINK_TYPE;
}

/** Reads the numbers of the zip64 extra field one after the other, each where the record has no room for it. */
function zip64Reader(extra: Buffer): (value: number, number: number) => number {
  let field: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === ZIP64_EXTRA)
      field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  let position = 0;
  return (value, number) => {
    if (value !== IN_EXTRA) return value;
    if (field === undefined || position + 8 > field.length) throw damaged(number);
    position += 8;
    return exactly(field.readBigUInt64LE(position - 8));
  };
}

/** By offset. The name in front of an entry's bytes is counted from its local header, when that is read. */
function withLimits(entries: readonly ZipEntry[], directoryOffset: number): ZipEntry[] {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset);
  return sorted.map((entry, at) => {
    const limit = sorted[at + 1]?.offset ?? directoryOffset;
    if (entry.offset + LOCAL_HEADER_BYTES + entry.storedBytes > limit)
      throw new BadArchiveError(
        `expected entries with bytes of their own, got one that shares them (entry ${entry.number})`,
      );
    return { ...entry, limit };
  });
}

function damaged(number: number): BadArchiveError {
  return new BadArchiveError(`expected a whole directory, got a damaged one (entry ${number})`);
}

/**
 * Where the bytes of an entry begin, by the start of its local header. `undefined`: there is no such header, or the entry does not
 * fit before what follows it.
 */
export function contentOffsetOf(entry: ZipEntry, header: Uint8Array): number | undefined {
  if (header.byteLength < LOCAL_HEADER_BYTES) return undefined;
  const view = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  if (view.readUInt32LE(0) !== LOCAL_HEADER) return undefined;
  const offset = entry.offset + LOCAL_HEADER_BYTES + view.readUInt16LE(26) + view.readUInt16LE(28);
  return offset + entry.storedBytes > entry.limit ? undefined : offset;
}
