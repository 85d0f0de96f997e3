import { createHash } from 'node:crypto';
import { parseHeader } from '@qure-dropoff/dicom';
import { expect, it } from 'vitest';
import { type SampleFile, sampleStudies } from '../../../local/samples/sample-studies.ts';

const files = [...sampleStudies()];
const digestOf = (all: SampleFile[]) =>
  all.reduce((hash, { path, bytes }) => hash.update(path).update(bytes), createHash('sha256')).digest('hex');

it('the samples are the same at every run', () => {
  expect(digestOf([...sampleStudies()])).toBe(digestOf(files));
});

it('the samples have the expected series, and one file that is not DICOM', () => {
  const series = new Map<string, number>();
  for (const { bytes } of files) {
    const outcome = parseHeader(bytes.subarray(0, 16_384), bytes.length);
    const name =
      outcome.kind === 'header'
        ? `${outcome.header.modality} ${outcome.header.bodyPartExamined} ${outcome.header.imageType?.[2] ?? '-'}`
        : outcome.kind === 'rejected' && outcome.reason;
    series.set(String(name), (series.get(String(name)) ?? 0) + 1);
  }
  expect(Object.fromEntries(series)).toEqual({
    'CT HEAD AXIAL': 24,
    'CT HEAD LOCALIZER': 1,
    'CT CHEST AXIAL': 30,
    'DX CHEST -': 1,
    'CR HAND -': 1,
    truncated: 1,
  });
});

it('paths and instances are unique, and all of it is small', () => {
  const uids = files.map(({ bytes }) => {
    const outcome = parseHeader(bytes, bytes.length);
    return outcome.kind === 'header' ? outcome.header.sopInstanceUid : outcome.kind;
  });
  expect(new Set(uids).size).toBe(files.length);
  expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
  expect(files.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(15_000_000);
});
