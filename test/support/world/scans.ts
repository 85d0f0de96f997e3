import { buildDicom, type DicomOverrides } from '@qure-dropoff/dicom/testing';
import type { World } from './world.ts';

export const STUDY = '1.2.840.1';
export const SERIES = '1.2.840.1.2';
export const ID = { source: 'default', seriesInstanceUid: SERIES };

export function sopUid(number: number, seriesInstanceUid = SERIES): string {
  return `${seriesInstanceUid}.${number}`;
}

/** A key as people make them: with a name in it that must never be seen outside the bucket. */
export function keyOf(number: number, folder = 'default/Doe^Jane'): string {
  return `${folder}/IM ${String(number).padStart(4, '0')}`;
}

/** A slice of a head CT. */
export function slice(number: number, overrides: DicomOverrides = {}): Buffer {
  const seriesInstanceUid = overrides.seriesInstanceUid ?? SERIES;
  return buildDicom({
    studyInstanceUid: STUDY,
    seriesInstanceUid,
    sopInstanceUid: sopUid(number, seriesInstanceUid),
    instanceNumber: number,
    ...overrides,
  });
}

/** Puts slices `1` to `count` of one series into the bucket and gives their keys. */
export function putSlices(
  world: World,
  count: number,
  options: { folder?: string; from?: number; overrides?: DicomOverrides } = {},
): string[] {
  const { folder, from = 1, overrides } = options;
  return Array.from({ length: count }, (_, at) => {
    const key = keyOf(from + at, folder);
    world.drop.put(key, slice(from + at, overrides));
    return key;
  });
}
