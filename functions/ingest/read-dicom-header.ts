import {
  FIRST_READ_BYTES,
  type FinalOutcome,
  MAX_HEADER_BYTES,
  parseHeader,
  rejected,
} from '@qure-dropoff/dicom';
import type { StoredObject } from '../instances/instance.ts';

export type { FinalOutcome, RejectionReason } from '@qure-dropoff/dicom';

/** The lengths of the prefix that are tried in turn: few requests, and no more than four times the header read. */
const PREFIX_LENGTHS_BYTES = [FIRST_READ_BYTES, 64 * 1024, 256 * 1024, 1024 * 1024, MAX_HEADER_BYTES];
const MAX_ATTEMPTS = 3;

/** What one ranged GET of an object answers. */
export interface RangeRead {
  /** Fewer than asked for where the object ends before. */
  bytes: Uint8Array;
  /** Of the whole object (`Content-Range`). 0 where S3 answers 416 to a range that starts at 0. */
  totalSizeBytes: number;
  /** Without quotes; may be empty where the object is. */
  etag: string;
}

/** Reads a range of one object, both ends included, as it is stored (no content decoding). Rejects on failure. */
export type RangeReader = (firstByte: number, lastByte: number) => Promise<RangeRead>;

export interface HeaderReading {
  outcome: FinalOutcome;
  /** The content that the outcome is about. `isGzip` is told by the content and only where there is a header. */
  object: Omit<StoredObject, 'key'>;
}

/** Happens when an object is replaced each time its next part is asked for. Transient: its last event comes later. */
export class ObjectKeepsChangingError extends Error {
  override name = 'ObjectKeepsChangingError';

  constructor() {
    super(
      `expected one ETag while a header was read, got a new one ${MAX_ATTEMPTS} times; read the object again later`,
    );
  }
}

/**
 * Reads the header of one object: its first 16 KiB and, only where the header is longer, more, up to 4 MiB.
 *
 * @throws what `readRange` rejects with, and `ObjectKeepsChangingError`
 */
export async function readHeader(readRange: RangeReader): Promise<HeaderReading> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const reading = await readOneVersion(readRange);
    if (reading !== undefined) return reading;
  }
  throw new ObjectKeepsChangingError();
}

/** `undefined` when the object was replaced between two reads. */
async function readOneVersion(readRange: RangeReader): Promise<HeaderReading | undefined> {
  const first = await readRange(0, FIRST_READ_BYTES - 1);
  const { etag, totalSizeBytes: sizeBytes } = first;
  let prefix = first.bytes;
  for (;;) {
    const outcome = parseHeader(prefix, sizeBytes);
    if (outcome.kind !== 'more') {
      const isGzip = outcome.kind === 'header' && outcome.isGzip;
      return { outcome, object: { etag, sizeBytes, isGzip } };
    }
    const wanted = PREFIX_LENGTHS_BYTES.find((length) => length >= outcome.wantBytes) ?? MAX_HEADER_BYTES;
    const end = Math.min(wanted, sizeBytes);
    if (end <= prefix.length) {
      const detail = `the header is longer than ${MAX_HEADER_BYTES} bytes, the most that is read`;
      return { outcome: rejected('too_large_header', detail), object: { etag, sizeBytes, isGzip: false } };
    }
    const next = await readRange(prefix.length, end - 1);
    if (next.etag !== etag || next.totalSizeBytes !== sizeBytes) return undefined;
    if (next.bytes.length === 0) {
      throw new Error(
        `expected bytes ${prefix.length} to ${end - 1} of ${sizeBytes}, got none; read the object again`,
      );
    }
    prefix = Buffer.concat([prefix, next.bytes]);
  }
}
