import type { Arrival } from './arrival.ts';

/** Positions that differ by less are one: they are written with one to six decimals. */
const SAME_PLACE_MM = 0.01;
/** More than rounding makes of one spacing, and less than a slice that lacks. */
const HOLE_FACTOR = 1.6;
/** With fewer, nothing is a usual distance. */
const MIN_PLACES = 4;

/** Where the slices of a series are along the normal of their plane (DICOM PS3.3 section C.7.6.2.1.1). */
export class Places {
  #normal: readonly number[] | undefined;
  #areAllPlaced = true;
  /** In order, but for those that were added since. A slow series is asked after each slice: almost in order is soon sorted. */
  #places: number[] = [];

  add({ positionMm, orientation }: Pick<Arrival, 'positionMm' | 'orientation'>): void {
    if (!this.#areAllPlaced) return;
    const own = normalOf(orientation);
    const normal = this.#normal ?? own;
    this.#normal = normal;
    const isPlaced = own !== undefined && normal !== undefined && positionMm?.length === 3;
    const place = isPlaced && dot(own, normal) >= 0.99 ? dot(positionMm, normal) : Number.NaN;
    this.#areAllPlaced = Number.isFinite(place);
    this.#places.push(place);
  }

  /** Whether two neighbours are further apart than most; `false` where a slice has no place, no plane, or another one. */
  get haveHole(): boolean {
    if (!this.#areAllPlaced) return false;
    this.#places.sort((a, b) => a - b);
    const distances = this.#places
      .map((place, at) => place - (this.#places[at - 1] ?? place))
      .filter((distance) => distance >= SAME_PLACE_MM);
    if (distances.length < MIN_PLACES - 1) return false;
    const widest = distances.reduce((most, distance) => Math.max(most, distance));
    // Most series are even: then no usual distance has to be found.
    if (distances.every((distance) => widest <= HOLE_FACTOR * distance)) return false;
    distances.sort((a, b) => a - b);
    return widest > HOLE_FACTOR * (distances[Math.floor((distances.length - 1) / 2)] ?? 0);
  }
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
