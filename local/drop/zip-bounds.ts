const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** Deflate alone packs up to 1,032 to 1, and blank slices come near; a whole CD of scans does not come near 200 to 1. */
const MAX_RATIO = 200;
/** A small archive of blank test images is over the ratio, and harmless. */
const ALWAYS_ALLOWED_BYTES = 256 * MEBIBYTE;
/** So much of the disk is left to others, or half of it where it has little. */
const FREE_BYTES_TO_LEAVE = 5 * GIBIBYTE;
/** Many times a large study; the list is held in memory, about half a kilobyte for each. */
export const MAX_ENTRIES = 200_000;

/** APPNOTE.TXT section 4.3.7: the local header without its names. */
const LOCAL_HEADER_BYTES = 30;

/** What the central directory says of an entry. */
export interface EntryExtent {
  relativeOffsetOfLocalHeader: number;
  fileNameLength: number;
  compressedSize: number;
  uncompressedSize: number;
}

/** How much all entries of an archive may unpack to. */
export function maxUnpackedBytes(archiveBytes: number, freeBytes: number): number {
  const byDisk = Math.max(freeBytes - FREE_BYTES_TO_LEAVE, freeBytes / 2);
  return Math.floor(Math.min(byDisk, Math.max(MAX_RATIO * archiveBytes, ALWAYS_ALLOWED_BYTES)));
}

/**
 * Finds entries that share bytes with an earlier one, by which a few kilobytes unpack to as much as one likes. The first of them
 * is none of these. Source: D. Fifield, "A better zip bomb", 2019.
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
