import { mixedIn } from './alike.ts';
import { doubledNumbers, missingNumbers } from './numbers.ts';
import { judgePositions } from './positions.ts';
import type { SeriesQuality } from './quality-facts.ts';
import { type QualityHeader, type Slice, volumeOf } from './volume.ts';

/**
 * What can be said against the instances of a series as a volume; `undefined` where nothing is. CT only, and single frames only. Of
 * what a header lacks nothing is concluded, and in doubt nothing is said (docs/quality.md). Does not throw.
 */
export function qualityOf(instances: readonly QualityHeader[]): SeriesQuality | undefined {
  const volume = volumeOf(instances);
  if (volume === undefined) return undefined;
  const { slices, offPlane, others } = volume;
  const quality: SeriesQuality = {};
  const taken = new Set([...offPlane, ...others].flatMap(({ instanceNumber }) => instanceNumber ?? []));
  const missing = missingNumbers(slices, taken);
  if (missing.length > 0) quality.missing = missing;
  const doubled = doubledNumbers(slices);
  if (doubled.length > 0) quality.doubled = doubled;
  const { gaps, doubledPositions } = judgePositions(slices);
  if (gaps > 0) quality.gaps = gaps;
  if (doubledPositions > 0) quality.doubledPositions = doubledPositions;
  if (offPlane.length > 0 && offPlane.length < slices.length) quality.offPlane = offPlane.length;
  const mixed = mixedIn(volume);
  if (mixed.length > 0) quality.mixed = mixed;
  const claimed = claimedInstances(slices);
  if (claimed !== undefined && claimed > instances.length) quality.claimedInstances = claimed;
  return Object.keys(quality).length > 0 ? quality : undefined;
}

/** What most slices claim that there are; the smaller number of two that as many claim. */
function claimedInstances(slices: readonly Slice[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { header } of slices) {
    const claim = header.expectedInstances;
    if (claim !== undefined && Number.isSafeInteger(claim)) counts.set(claim, (counts.get(claim) ?? 0) + 1);
  }
  const [most] = [...counts].sort(
    ([claim, times], [other, otherTimes]) => otherTimes - times || claim - other,
  );
  return most?.[0];
}

/** Whether an instance that is still to come could mend it. */
export function isAwaited(quality: SeriesQuality): boolean {
  return isShort(quality) || quality.claimedInstances !== undefined;
}

/** Whether it is no whole volume. A claim of the headers proves nothing, and what is mixed or beside it lacks nothing. */
export function isIncomplete(quality: SeriesQuality): boolean {
  return isShort(quality) || quality.doubled !== undefined || quality.doubledPositions !== undefined;
}

function isShort({ missing, gaps }: SeriesQuality): boolean {
  return missing !== undefined || gaps !== undefined;
}
