import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../functions/ingest/read-dicom-header.ts';

/** Real files beside the repository, each with what pydicom reads from it. Only some checkouts have them. */
const SAMPLES = '../shared/dicom-samples';
const EXPECTED = join(SAMPLES, 'expected.json');

type Expected = Record<string, unknown> & { gzip: boolean };

const FIELDS = [
  'studyInstanceUid',
  'seriesInstanceUid',
  'sopInstanceUid',
  'sopClassUid',
  'transferSyntaxUid',
  'modality',
  'bodyPartExamined',
  'imageType',
];

/** Files on which pydicom and the index differ on purpose. */
const REJECTED: Readonly<Record<string, string>> = {
  // pydicom reads the header and leaves the missing pixels to the reader of pixels.
  'pydicom/test_files/MR_truncated.dcm': 'truncated',
};

function verdictFor(path: string, expected: Expected): string {
  if (path.includes('DICOMDIR')) return 'dicomdir';
  const hasUids = expected.studyInstanceUid && expected.seriesInstanceUid && expected.sopInstanceUid;
  return REJECTED[path] ?? (hasUids ? 'header' : 'missing_uid');
}

describe.skipIf(!existsSync(EXPECTED))('real files read as pydicom reads them', () => {
  const entries: [string, Expected][] = existsSync(EXPECTED)
    ? Object.entries(JSON.parse(readFileSync(EXPECTED, 'utf8')))
    : [];

  it.each(entries)('%s', async (path, expected) => {
    const bytes = readFileSync(join(SAMPLES, path));
    const { outcome, object } = await readHeader(async (firstByte, lastByte) => ({
      bytes: bytes.subarray(firstByte, lastByte + 1),
      totalSizeBytes: bytes.length,
      etag: 'e',
    }));
    expect(outcome.kind === 'rejected' ? outcome.reason : outcome.kind).toBe(verdictFor(path, expected));
    if (outcome.kind !== 'header') return;
    expect(object.isGzip).toBe(expected.gzip);
    const read = new Map<string, unknown>(Object.entries(outcome.header));
    expect(Object.fromEntries(FIELDS.map((field) => [field, read.get(field) ?? null]))).toEqual(
      Object.fromEntries(FIELDS.map((field) => [field, expected[field] ?? null])),
    );
  });
});
