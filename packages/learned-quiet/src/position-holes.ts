import type { Arrival } from './arrival.ts';

/** Positions that differ by less are one: they are written with one to six decimals. */
const SAME_PLACE_MM = 0.01;
/** More than rounding makes of one spacing, and less than a slice that lacks. */
const HOLE_FACTOR = 1.6;
/** With fewer, nothing is a usual distance. */
const MIN_PLACES = 4;

/**
 * Whether two neighbours are further apart than most. Along the normal of the plane (DICOM PS3.3 section C.7.6.2.1.1); `false` where a
 * slice has no place, no plane, or another one.
 */
export function hasPositionHole(slices: readonly Pick<Arrival, 'positionMm' | 'orientation'>[]): boolean {
  const normal = normalOf(slices[0]?.orientation);
  if (normal === undefined) return false;
  const places: number[] = [];
  for (const { positionMm, orientation } of slices) {
    const own = normalOf(orientation);
    if (own === undefined || positionMm?.length !== 3 || dot(own, normal) < 0.99) return false;
    const place = dot(positionMm, normal);
    if (!Number.isFinite(place)) return false;
    places.push(place);
  }
  places.sort((a, b) => a - b);
  const distances = places
    .map((place, at) => place - (places[at - 1] ?? place))
    .filter((distance) => distance >= SAME_PLACE_MM)
    .sort((a, b) => a - b);
  if (distances.length < MIN_PLACES - 1) return false;
  const usual = distances[Math.floor((distances.length - 1) / 2)] ?? 0;
  return (distances.at(-1) ?? 0) > HOLE_FACTOR * usual;
}

function normalOf(orientation: readonly number[] | undefined): readonly number[] | undefined {
  const [a, b, c, d, e, f, ...more] = orientation ?? [];
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (d === undefined || e === undefined || f === undefined || more.length > 0) return undefined;
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
  return Math.abs(dot(normal, normal) - 1) <= 0.1 ? normal : undefined;
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? Number.NaN), 0);
}
