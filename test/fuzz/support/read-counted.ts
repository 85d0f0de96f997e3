import type { DicomHeader } from '@qure-dropoff/dicom';
import { isValidUid, MAX_HEADER_BYTES } from '@qure-dropoff/dicom';
import { expect } from 'vitest';
import { type FinalOutcome, readHeader } from '../../../functions/ingest/read-dicom-header.ts';

const REASONS = ['not_dicom', 'truncated', 'missing_uid', 'invalid_uid', 'too_large_header', 'empty_object'];
/** 16 KiB, 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
const MAX_READS = 5;
const MAX_TEXT_LENGTH = 128;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;

/** Reads an object as the indexer does and checks what holds for any content whatever. */
export async function readCounted(bytes: Uint8Array): Promise<FinalOutcome> {
  let reads = 0;
  let nextByte = 0;
  const { outcome, object } = await readHeader(async (firstByte, lastByte) => {
    reads += 1;
    // No byte is asked for twice, and none beyond the most that is read.
    expect(firstByte).toBe(nextByte);
    expect(lastByte).toBeLessThan(MAX_HEADER_BYTES);
    nextByte = lastByte + 1;
    return { bytes: bytes.subarray(firstByte, lastByte + 1), totalSizeBytes: bytes.length, etag: 'e' };
  });
  expect(reads).toBeLessThanOrEqual(MAX_READS);
  expect(object.sizeBytes).toBe(bytes.length);
  expectContract(outcome);
  return outcome;
}

function expectContract(outcome: FinalOutcome): void {
  if (outcome.kind === 'rejected') {
    expect(REASONS).toContain(outcome.reason);
    expect(outcome.detail.length).toBeLessThan(300);
    expect(outcome.detail).not.toMatch(CONTROLS);
  } else if (outcome.kind === 'header') {
    expectIndexable(outcome.header);
  } else {
    expect(outcome).toEqual({ kind: 'dicomdir' });
  }
}

/** What may become a row: valid UIDs, short clean texts, numbers that DynamoDB takes. */
function expectIndexable(header: DicomHeader): void {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = header;
  expect([studyInstanceUid, seriesInstanceUid, sopInstanceUid].every(isValidUid)).toBe(true);
  for (const value of Object.values(header).flat()) {
    if (typeof value === 'number') {
      expect(Number.isFinite(value)).toBe(true);
    } else {
      expect(value.length).toBeGreaterThan(0);
      expect(value.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
      expect(value).not.toMatch(CONTROLS);
      expect(value.isWellFormed()).toBe(true);
    }
  }
}
