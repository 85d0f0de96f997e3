import { inflatePrefix, MAX_HEADER_BYTES, type PatientIdentity } from '@qure-dropoff/dicom';
import type { ReadBytes } from '../../archives/archive-bytes.ts';
import type { Archive } from '../../instances/archive.ts';
import { type ArchiveEntry, DamagedEntryError } from '../../instances/archive-entry.ts';
import type { Instance } from '../../instances/instance.ts';
import { defined } from '../../shared/defined.ts';
import type { Instant } from '../../shared/time.ts';
import { type RangeReader, readHeader } from '../read-dicom-header.ts';

/** What an entry is. `foreign`: no DICOM file, or a DICOMDIR. `unusable`: a DICOM file, or perhaps one, that cannot be indexed. */
export type ReadEntry =
  | { kind: 'instance'; instance: Instance; patient?: PatientIdentity }
  | { kind: 'foreign' }
  | { kind: 'unusable'; reason: string };

/** A file in an archive. */
export type FileInArchive = Omit<ArchiveEntry, 'crc32'> & { sizeBytes: number };

/** Stored bytes that are inflated at first: those of a header, in most cases. */
export const FIRST_STORED_BYTES = 16 * 1024;

/** A header is within so many: deflate makes hardly anything larger. A stream may hold any number of blocks without content. */
const MAX_STORED_BYTES = 2 * MAX_HEADER_BYTES;

/** Reads the header of an entry, and no more of it. @param read the archive */
export async function readEntry(
  read: ReadBytes,
  archive: Archive,
  file: FileInArchive,
  crc32: string,
  now: Instant,
): Promise<ReadEntry> {
  const { etag } = archive;
  const { sizeBytes, offset, storedBytes, method } = file;
  const readRange = method === 'stored' ? storedReader(read, file, etag) : inflatingReader(read, file, etag);
  try {
    const { outcome, object } = await readHeader(readRange);
    if (outcome.kind === 'dicomdir') return { kind: 'foreign' };
    if (outcome.kind === 'rejected') {
      const { reason } = outcome;
      return reason === 'not_dicom' ? { kind: 'foreign' } : { kind: 'unusable', reason };
    }
    const entry = { offset, storedBytes, method, crc32 };
    const { key, versionId, lastModified, source } = archive;
    const stored = {
      key,
      etag,
      sizeBytes,
      isGzip: object.isGzip,
      lastModified,
      entry,
      ...defined({ versionId }),
    };
    const instance = { ...outcome.header, source, object: stored, indexedAt: now };
    return { kind: 'instance', instance, ...defined({ patient: outcome.patient }) };
  } catch (error) {
    if (error instanceof DamagedEntryError) return { kind: 'unusable', reason: 'damaged' };
    throw error;
  }
}

function storedReader(read: ReadBytes, { offset, sizeBytes }: FileInArchive, etag: string): RangeReader {
  return async (first, last) => ({
    bytes: await read(offset + first, Math.min(last + 1, sizeBytes) - first),
    totalSizeBytes: sizeBytes,
    etag,
  });
}

/** Inflates from the start of the entry, so far as is asked for: four times as much at each step. */
function inflatingReader(read: ReadBytes, file: FileInArchive, etag: string): RangeReader {
  const { offset, storedBytes, sizeBytes } = file;
  let inflated: Uint8Array = new Uint8Array();
  let takenBytes = 0;
  return async (first, last) => {
    const end = Math.min(last + 1, sizeBytes);
    while (inflated.length < end) {
      if (takenBytes >= Math.min(storedBytes, MAX_STORED_BYTES))
        throw new DamagedEntryError('expected more bytes in the entry');
      takenBytes = Math.min(storedBytes, MAX_STORED_BYTES, Math.max(FIRST_STORED_BYTES, takenBytes * 4));
      const outcome = inflatePrefix('deflate', await read(offset, takenBytes), takenBytes === storedBytes);
      inflated = outcome.bytes;
      const isOver = outcome.end === 'damaged' || outcome.end === 'limit';
      if (isOver && inflated.length < end) throw new DamagedEntryError('expected a deflated stream');
    }
    return { bytes: inflated.subarray(first, end), totalSizeBytes: sizeBytes, etag };
  };
}
