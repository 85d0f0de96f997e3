import type { Slice } from './volume.ts';

/** Positions that differ by less are one: they are written with one to six decimals. */
export const SAME_PLACE_MM = 0.01;

/**
 * The slices as one stack, or one stack for each AcquisitionNumber (0020,0012) where that explains why `keyOf` has values twice:
 * two phases of contrast in one series have each position twice, and nothing is doubled.
 */
export function stacksOf(slices: readonly Slice[], keyOf: (slice: Slice) => number | undefined): Slice[][] {
  const repeated = repetitionsIn(slices, keyOf);
  if (repeated === 0) return [[...slices]];
  const byAcquisition = [...Map.groupBy(slices, ({ acquisition }) => acquisition).values()];
  const left = byAcquisition.reduce((sum, stack) => sum + repetitionsIn(stack, keyOf), 0);
  return left < repeated ? byAcquisition : [[...slices]];
}

/** A position as a key: equal for positions that are one. */
export function placeKeyOf({ place }: Slice): number | undefined {
  return place === undefined ? undefined : Math.round(place / SAME_PLACE_MM);
}

function repetitionsIn(slices: readonly Slice[], keyOf: (slice: Slice) => number | undefined): number {
  const keys = slices.map(keyOf).filter((key) => key !== undefined);
  return keys.length - new Set(keys).size;
}
