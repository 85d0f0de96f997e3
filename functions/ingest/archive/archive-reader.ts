import type { ReadBytes } from '../../archives/archive-bytes.ts';
import { MAX_READ_BYTES } from '../../archives/read-plan.ts';
import type { Archive } from '../../instances/archive.ts';
import type { DropBucket } from '../../instances/drop-bucket.ts';

/** The archive was deleted or replaced while it was read, and no version of it is left. */
export class ArchiveGoneError extends Error {
  override name = 'ArchiveGoneError';
}

/**
 * Reads the very content that was registered, as the upload does: what an upload can read, a walk can read to its end.
 * @throws ArchiveGoneError
 */
export function archiveReader(drop: DropBucket, archive: Archive): ReadBytes {
  const { key, sizeBytes } = archive;
  return async (offset, length) => {
    const end = Math.min(offset + length, sizeBytes);
    if (end <= offset) return new Uint8Array();
    const range = await drop.readRange(key, offset, end - 1, archive);
    if (range.kind === 'missing') throw new ArchiveGoneError('expected the archive that was registered');
    return range.bytes;
  };
}

/** For reads that follow one another: each request brings some megabytes, of which the next reads are served. */
export function readAhead(read: ReadBytes): ReadBytes {
  let window = { offset: 0, bytes: new Uint8Array() };
  return async (offset, length) => {
    const isInside = offset >= window.offset && offset + length <= window.offset + window.bytes.length;
    if (!isInside)
      window = { offset, bytes: new Uint8Array(await read(offset, Math.max(length, MAX_READ_BYTES))) };
    const at = offset - window.offset;
    return window.bytes.subarray(at, at + length);
  };
}
