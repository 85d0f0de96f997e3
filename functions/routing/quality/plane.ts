import type { DicomHeader } from '@qure-dropoff/dicom';

/** Geometry of one slice, by DICOM PS3.3 section C.7.6.2.1.1. Values that describe no plane count as absent. */

export type Vector = readonly [number, number, number];

export interface Orientation {
  row: Vector;
  column: Vector;
  normal: Vector;
}

/** Rounded cosines of real scanners are off by less than a hundredth. */
const LENGTH_TOLERANCE = 0.1;

export function orientationOf({
  imageOrientation,
}: Pick<DicomHeader, 'imageOrientation'>): Orientation | undefined {
  const [a, b, c, d, e, f, ...more] = imageOrientation ?? [];
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (d === undefined || e === undefined || f === undefined || more.length > 0) return undefined;
  const row: Vector = [a, b, c];
  const column: Vector = [d, e, f];
  const normal: Vector = [b * f - c * e, c * d - a * f, a * e - b * d];
  const areUnits = [row, column, normal].every((one) => Math.abs(dot(one, one) - 1) <= LENGTH_TOLERANCE);
  return areUnits ? { row, column, normal } : undefined;
}

/** Millimetres along `normal`. */
export function placeAlong(
  { imagePositionMm }: Pick<DicomHeader, 'imagePositionMm'>,
  normal: Vector,
): number | undefined {
  const [x, y, z, ...more] = imagePositionMm ?? [];
  if (x === undefined || y === undefined || z === undefined || more.length > 0) return undefined;
  const place = dot([x, y, z], normal);
  return Number.isFinite(place) ? place : undefined;
}

/** The cosine of the angle between two unit vectors. */
export function dot(one: Vector, other: Vector): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}
