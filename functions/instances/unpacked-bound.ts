const MIB = 1024 ** 2;
/** Scans shrink to a half or a third; a slice of one value alone shrinks more, and stays below the floor. */
const MAX_GROWTH = 200;
const MIN_BOUND_BYTES = 8 * MIB;
/** The length of native pixel data has 32 bits (DICOM PS3.5 section 7.1.2). A multi-frame CT may have 2 GiB. */
const MAX_BOUND_BYTES = 4096 * MIB;

/** So many bytes may come out of a file that is packed into this many. */
export function unpackedBound(packedBytes: number): number {
  return Math.min(MAX_BOUND_BYTES, Math.max(MIN_BOUND_BYTES, MAX_GROWTH * packedBytes));
}
