import { placeKeyOf, SAME_PLACE_MM, stacksOf } from './stacks.ts';
import type { Slice } from './volume.ts';

/** What the positions of slices along their normal say. */
export interface PositionFindings {
  gaps: number;
  doubledPositions: number;
}

/** A distance of so many of its neighbours' is no unevenness of a table any more. */
const GAP_FACTOR = 1.5;
/** So many distances on either side say what is usual. */
const NEIGHBOURS = 3;
/** Of four slices: with fewer, nothing is usual. */
const MIN_DISTANCES = 3;
/** The share of distances that must be like their neighbours', or the spacing is free, and says nothing. */
const MIN_REGULAR_SHARE = 2 / 3;
/** More gaps than so many, or than this share of the distances, are a way to scan: groups of slices with gaps between. */
const MAX_GAPS = 2;
const MAX_GAP_SHARE = 0.1;

export function judgePositions(slices: readonly Slice[]): PositionFindings {
  const findings = stacksOf(slices, placeKeyOf).map(judgeStack);
  return {
    gaps: findings.reduce((sum, { gaps }) => sum + gaps, 0),
    doubledPositions: findings.reduce((sum, { doubledPositions }) => sum + doubledPositions, 0),
  };
}

/** Slices at one position. */
interface Level {
  place: number;
  slices: Slice[];
}

function judgeStack(stack: readonly Slice[]): PositionFindings {
  const levels = levelsOf(stack);
  const passes = usualCount(levels);
  // A slice that says no position may lie in any gap.
  const areAllPlaced = stack.every(({ place }) => place !== undefined);
  const doubled = levels.filter(({ slices }) => slices.length > passes);
  return {
    gaps: areAllPlaced ? gapsIn(levels) + thinnedIn(levels, passes) : 0,
    doubledPositions:
      // Where it is most of them, the series has more passes than its headers name.
      doubled.length * 2 < levels.length ? doubled.reduce((sum, { slices }) => sum + slices.length, 0) : 0,
  };
}

function levelsOf(stack: readonly Slice[]): Level[] {
  const placed = stack
    .flatMap((slice) => (slice.place === undefined ? [] : [{ place: slice.place, slice }]))
    .sort((a, b) => a.place - b.place);
  const levels: Level[] = [];
  for (const { place, slice } of placed) {
    const last = levels.at(-1);
    if (last !== undefined && place - last.place < SAME_PLACE_MM) last.slices.push(slice);
    else levels.push({ place, slices: [slice] });
  }
  return levels;
}

/** How many slices most positions have; the larger number of two that are as frequent. */
function usualCount(levels: readonly Level[]): number {
  const counts = Map.groupBy(levels, ({ slices }) => slices.length);
  const [most] = [...counts].sort(
    ([count, those], [other, otherThose]) => otherThose.length - those.length || other - count,
  );
  return most?.[0] ?? 1;
}

/** Of several passes over the same positions: those where one pass has no slice, and both neighbours have all. */
function thinnedIn(levels: readonly Level[], passes: number): number {
  return levels.filter(
    ({ slices }, at) =>
      slices.length < passes &&
      levels[at - 1]?.slices.length === passes &&
      levels[at + 1]?.slices.length === passes,
  ).length;
}

function gapsIn(levels: readonly Level[]): number {
  const distances = levels.slice(1).map(({ place }, at) => place - (levels[at]?.place ?? place));
  if (distances.length < MIN_DISTANCES) return 0;
  const usual = distances.map((_distance, at) => ({
    before: lowerMedian(distances.slice(Math.max(0, at - NEIGHBOURS), at)),
    after: lowerMedian(distances.slice(at + 1, at + 1 + NEIGHBOURS)),
  }));
  const regular = distances.filter((distance, at) => {
    const { before, after } = usual[at] ?? {};
    return isLike(distance, before) || isLike(distance, after);
  });
  if (regular.length < distances.length * MIN_REGULAR_SHARE) return 0;
  const gaps = distances.flatMap((distance, at) => {
    const { before, after } = usual[at] ?? {};
    return isGap(distance, before, after, () => areNumberedOn(levels[at], levels[at + 1])) ? [at] : [];
  });
  const most = Math.max(MAX_GAPS, distances.length * MAX_GAP_SHARE);
  return gaps.length > most || areGroups(gaps, levels.length) ? 0 : gaps.length;
}

/** A change of spacing once is no gap: then the distance is like those on one side. */
function isGap(
  distance: number,
  before: number | undefined,
  after: number | undefined,
  areNeighbours: () => boolean,
): boolean {
  if (before !== undefined && after !== undefined)
    return distance >= GAP_FACTOR * before && distance >= GAP_FACTOR * after;
  // At an end the spacing may change for a single slice: it must be a multiple, and the numbers must not go on.
  const usual = before ?? after;
  if (usual === undefined || distance < GAP_FACTOR * usual) return false;
  const multiple = distance / usual;
  return Math.abs(multiple - Math.round(multiple)) <= 0.15 && !areNeighbours();
}

/** Equal numbers of slices between two gaps each: they were scanned so. */
function areGroups(gaps: readonly number[], levels: number): boolean {
  if (gaps.length < 2) return false;
  const sizes = [...gaps, levels - 1].map((gap, at) => gap - (gaps[at - 1] ?? -1));
  return sizes.every((size) => size === sizes[0]);
}

function areNumberedOn(one: Level | undefined, next: Level | undefined): boolean {
  return (one?.slices ?? []).some(({ number }) =>
    (next?.slices ?? []).some(
      (slice) => number !== undefined && slice.number !== undefined && Math.abs(slice.number - number) === 1,
    ),
  );
}

/** Positions are written with one decimal by some: 0.6 and 0.7 are the same spacing. */
function isLike(distance: number, usual: number | undefined): boolean {
  return usual !== undefined && Math.abs(distance - usual) <= 0.15 * usual + 0.06;
}

function lowerMedian(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
