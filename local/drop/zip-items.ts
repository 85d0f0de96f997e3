import { pipeline, type Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { MARKER_NAME } from '../../functions/instances/marker.ts';
import type { DropItem, OnProblem } from './drop-item.ts';
import { keyOf, segmentsOfEntryName } from './key-names.ts';
import { findOverlaps, MAX_ENTRIES } from './zip-bounds.ts';
import { ZipEntryCheck } from './zip-entry-check.ts';

export type BrokenArchive = 'dropped unopened' | 'not dropped';

export interface ZipSource {
  /** Bytes, because a file name is not always text. */
  path: Buffer;
  shownPath: string;
  /** Ends in `/`. */
  prefix: string;
  /** Segments of the archive's own key, its name last: entries are below it. */
  segments: readonly string[];
  /** The limit for the unpacked size of all entries. */
  maxUnpackedBytes: number;
  broken: BrokenArchive;
}

/** The reason why an entry is left out. */
function refusalOf(entry: Entry, overlaps: ReadonlySet<Entry>, bytesLeft: number): string | undefined {
  if (overlaps.has(entry)) {
    return 'expected an entry with its own bytes, got one that shares them with another: not dropped';
  }
  if (entry.uncompressedSize > bytesLeft) {
    return `expected an archive within the limits of the disk and of its own size, got more (${bytesLeft} bytes are left): not dropped`;
  }
  if (entry.isEncrypted()) return 'expected an entry without a password, got an encrypted one: not dropped';
  if (!entry.canDecodeFileData()) {
    return `expected a stored or deflated entry, got compression method ${entry.compressionMethod}: not dropped`;
  }
  return undefined;
}

/**
 * The files in a zip archive, streamed from it, in the archive's order with markers last. Nested archives are dropped
 * unopened. Returns false if the file is not a readable archive; damaged entries are reported and left out.
 */
export async function* itemsOfZip(zip: ZipSource, onProblem: OnProblem): AsyncGenerator<DropItem, boolean> {
  const entries = await entriesOf(zip, onProblem);
  if (entries === undefined) return false;
  const markers: DropItem[] = [];
  const keys = new Set<string>();
  let bytesLeft = zip.maxUnpackedBytes;
  if (entries.length === 0)
    onProblem({ path: zip.shownPath, reason: 'expected files in the archive, got none: not dropped' });
  const overlaps = findOverlaps(entries);
  for (const entry of entries) {
    const name = entryName(entry);
    if (/[/\\]$/.test(name) && entry.uncompressedSize === 0) continue;
    const path = `${zip.shownPath} entry ${name}`;
    const problem = refusalOf(entry, overlaps, bytesLeft);
    if (problem !== undefined) {
      onProblem({ path, reason: problem });
      continue;
    }
    bytesLeft -= entry.uncompressedSize;
    const segments = segmentsOfEntryName(name);
    const item: DropItem = {
      key: unusedKey(keys, zip, segments.length === 0 ? ['_'] : segments),
      sizeBytes: entry.uncompressedSize,
      path,
      isMarker: segments.at(-1) === MARKER_NAME,
      open: () => openEntry(zip.path, entry),
    };
    if (item.isMarker) markers.push(item);
    else yield item;
  }
  yield* markers;
  return true;
}

/**
 * All entries are listed before one is opened: only then shared bytes are visible. Entries after a damaged one are
 * reported.
 */
async function listEntries(archive: ZipFile, zip: ZipSource, onProblem: OnProblem): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entries.length === MAX_ENTRIES) {
        const reason = `expected at most ${MAX_ENTRIES} entries, got more: the rest is not dropped`;
        onProblem({ path: zip.shownPath, reason });
        break;
      }
      entries.push(entry);
    }
  } catch (error) {
    const reason = `expected a readable list of entries, got a damaged one after ${entries.length}: the rest is not dropped`;
    onProblem({ path: zip.shownPath, reason: `${reason} (${messageOf(error)})` });
  }
  return entries;
}

async function entriesOf(zip: ZipSource, onProblem: OnProblem): Promise<Entry[] | undefined> {
  let archive: ZipFile;
  try {
    archive = await openArchive(zip.path);
  } catch (error) {
    const reason = `expected a complete zip archive, got one that cannot be opened: ${zip.broken}`;
    onProblem({ path: zip.shownPath, reason: `${reason} (${messageOf(error)})` });
    return undefined;
  }
  try {
    return await listEntries(archive, zip, onProblem);
  } finally {
    archive.close();
  }
}

async function openArchive(path: Buffer): Promise<ZipFile> {
  // Names and sizes are checked here instead: yauzl would refuse the whole archive for one bad entry. The path goes
  // to fs.open unchanged; the types only allow text.
  const archive = await yauzl.openPromise(path as unknown as string, {
    autoClose: false,
    decodeStrings: false,
    validateEntrySizes: false,
  });
  archive.on('error', () => {
    // The calls report it; without a listener the event would end the process.
  });
  return archive;
}

/** Each has the archive open for itself: an entry may be read long after the others. */
async function openEntry(path: Buffer, entry: Entry): Promise<Readable> {
  const archive = await openArchive(path);
  try {
    const content = await archive.openReadStreamPromise(entry);
    // It is closed when its stream is. The reader of the returned stream gets the error.
    return pipeline(content, new ZipEntryCheck(entry), () => archive.close());
  } catch (error) {
    archive.close();
    throw error;
  }
}

/**
 * UTF-8 if the bytes are valid UTF-8, because old archivers do not set the flag; otherwise the encoding of the zip
 * specification.
 */
function entryName({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  const text = fileNameRaw.toString('utf8');
  if (Buffer.from(text).equals(fileNameRaw)) return text;
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
}

/** Two entries may have the same name, also after cleaning: later ones are in a numbered folder. */
function unusedKey(used: Set<string>, zip: ZipSource, segments: readonly string[]): string {
  let key = keyOf(zip.prefix, [...zip.segments, ...segments]);
  for (let copy = 2; used.has(key); copy += 1)
    key = keyOf(zip.prefix, [...zip.segments, `~${copy}`, ...segments]);
  used.add(key);
  return key;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
