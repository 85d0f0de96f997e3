import type { SenderHistory } from '@qure-dropoff/learned-quiet';
import { BrokenInvariantError } from './broken-invariant.ts';
import { type Drop, instancesIn } from './drops.ts';
import { coverageKey } from './fault-plan.ts';
import type { SimulatedWorld } from './world.ts';

/** An event takes 4 s, and a queue and a run as long again. */
const ON_ITS_WAY_MS = 10_000;

/**
 * 14: a sender is not thought to have been silent for longer than its series took to come, whatever time S3 gives an upload in parts.
 * Only where nothing else was late: the time at which an object was indexed may stand for its arrival.
 */
export function expectTrueSilences(world: SimulatedWorld, drops: readonly Drop[]): void {
  const others = new Set(world.plan.coverage.keys());
  others.delete(coverageKey('parts_drop', 'index-instances'));
  if (others.size > 0 || world.scenario.maxSkewMs > 0) return;
  const longestMs = Math.max(0, ...spansOf(drops)) + ON_ITS_WAY_MS;
  for (const [key, row] of world.rows) {
    if (!key.includes(' SENDER#')) continue;
    const { few, many } = row['history'] as SenderHistory;
    const isLonger = [few, many].some(({ longest }) => lengthAboveMs(longest.length - 1) > longestMs);
    if (isLonger)
      throw new BrokenInvariantError('14: a sender is thought to have been silent for longer than it was');
  }
}

/** From the first drop of each series to its last one. */
function spansOf(drops: readonly Drop[]): number[] {
  const times = new Map<string, number[]>();
  for (const { atSeconds, place } of drops)
    for (const { source, seriesInstanceUid } of instancesIn(place)) {
      const id = `${source} ${seriesInstanceUid}`;
      times.set(id, [...(times.get(id) ?? []), atSeconds]);
    }
  return Array.from(times.values(), (seconds) => (Math.max(...seconds) - Math.min(...seconds)) * 1000);
}

/** What a silence that is counted there is longer than: up to 1 s, and each time a quarter more (`Silences`). */
function lengthAboveMs(bucket: number): number {
  return bucket < 1 ? 0 : 1_000 * 1.25 ** (bucket - 1);
}
