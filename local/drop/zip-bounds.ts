const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** Deflate compresses up to 1,032 to 1, and blank slices are close to it; a whole CD of scans is far below 200 to 1. */
const MAX_RATIO = 200;
/** A small archive of blank test images exceeds the ratio, and is harmless. */
const ALWAYS_ALLOWED_BYTES = 256 * MEBIBYTE;
/** The free space that stays on the disk; half of it if there is less. */
const FREE_BYTES_TO_LEAVE = 5 * GIBIBYTE;
/** Many times a large study; the list is in memory, about half a kilobyte for each. */
export const MAX_ENTRIES = 200_000;

/** APPNOTE.TXT section 4.3.7: the local header without its names. */
const LOCAL_HEADER_BYTES = 30;

/** An entry of the central directory. */
export interface EntryExtent {
  relativeOffsetOfLocalHeader: number;
  fileNameLength: number;
  compressedSize: number;
  uncompressedSize: number;
}

/** The limit for the unpacked size of all entries of an archive. */
export function maxUnpackedBytes(archiveBytes: number, freeBytes: number): number {
  const byDisk = Math.max(freeBytes - FREE_BYTES_TO_LEAVE, freeBytes / 2);
  return Math.floor(Math.min(byDisk, Math.max(MAX_RATIO * archiveBytes, ALWAYS_ALLOWED_BYTES)));
}

/**
 * Finds entries that share bytes with an earlier one: with these, a few kilobytes can unpack to any size. The first of
 * them is not included. Source: D. Fifield, "A better zip bomb", 2019.
 */
export function findOverlaps<Entry extends EntryExtent>(entries: readonly Entry[]): Set<Entry> {
  const overlaps = new Set<Entry>();
  let end = 0;
  for (const entry of entries.toSorted(byOffset)) {
    if (entry.relativeOffsetOfLocalHeader < end) overlaps.add(entry);
    else end = endOf(entry);
  }
  return overlaps;
}

function byOffset(a: EntryExtent, b: EntryExtent): number {
  return a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader;
}

function endOf({ relativeOffsetOfLocalHeader: offset, fileNameLength, compressedSize }: EntryExtent): number {
  return offset + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
}
