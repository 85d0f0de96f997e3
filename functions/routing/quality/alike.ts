import { dot, type Orientation, orientationOf } from './plane.ts';
import type { SeriesQuality } from './quality-facts.ts';
import type { Slice, Volume } from './volume.ts';

/** 2 degrees: more than rounding, and less than any tilt that is chosen on a scanner. */
const SAME_DIRECTION = Math.cos(Math.PI / 90);

/** What not all slices have alike. A slice that does not say is like any other. */
export function mixedIn({ slices, orientation }: Volume): NonNullable<SeriesQuality['mixed']> {
  const mixed: NonNullable<SeriesQuality['mixed']> = [];
  if (hasSeveral(slices, matrixOf)) mixed.push('matrix');
  if (slices.some((slice) => isTurned(slice, orientation))) mixed.push('orientation');
  if (hasSeveral(slices, ({ header }) => header.convolutionKernel)) mixed.push('kernel');
  return mixed;
}

function matrixOf({ header: { rows, columns } }: Slice): string | undefined {
  return rows === undefined || columns === undefined ? undefined : `${rows}x${columns}`;
}

function hasSeveral(slices: readonly Slice[], wordOf: (slice: Slice) => string | undefined): boolean {
  return new Set(slices.map(wordOf).filter((value) => value !== undefined)).size > 1;
}

function isTurned({ header }: Slice, usual: Orientation | undefined): boolean {
  const own = orientationOf(header);
  if (own === undefined || usual === undefined) return false;
  return dot(own.row, usual.row) < SAME_DIRECTION || dot(own.column, usual.column) < SAME_DIRECTION;
}
