import type { IndexDeps } from '../ingest/index-deps.ts';
import type { Marker } from '../instances/marker.ts';
import type { CompletionMessage } from '../series/messages.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import type { Source } from '../sources/source.ts';
import { type CompletionDeps, handleLateArrival } from './complete-series.ts';
import { type Complete, walkMarker } from './walk-marker.ts';

export type CheckMarkerDeps = CompletionDeps & IndexDeps;

type MarkerMessage = Extract<CompletionMessage, { kind: 'marker' }>;

/** Counts under way at once: a marker may name thousands of series. */
const COUNTS_AT_ONCE = 16;

/** Completes the series for which the marker expects no further instance and the index has them all. `isLastTry`: see `coverPage`. */
export async function checkMarker(
  deps: CheckMarkerDeps,
  marker: Marker,
  source: Source,
  message: MarkerMessage,
  isLastTry: boolean,
): Promise<void> {
  const { expectation } = marker;
  const complete: Complete = (id, evidence) => handleLateArrival(deps, id, source, evidence);
  if (expectation.kind === 'series')
    return completeByCounts(deps, marker, expectation.series, message.series, complete);
  return walkMarker(deps, marker, source, message, complete, isLastTry);
}

/**
 * The marker gives a number of instances for each series. Each series is completed when its own number is indexed. `arrived`: only
 * these have changed. The marker is fulfilled when all have; they are counted in its order, each once, up to the first that lacks some.
 */
async function completeByCounts(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: Record<string, number>,
  arrived: readonly string[] | undefined,
  complete: Complete,
): Promise<void> {
  const counts = Object.entries(expected);
  const asked = new Map<string, Promise<boolean>>();
  // All rows of a series are read to count them: once for a message.
  const hasReached = ([seriesInstanceUid, count]: [string, number]) => {
    const known =
      asked.get(seriesInstanceUid) ??
      deps.instances.count({ source: marker.source, seriesInstanceUid }).then((found) => found >= count);
    asked.set(seriesInstanceUid, known);
    return known;
  };
  const named = arrived === undefined ? counts : counts.filter(([uid]) => arrived.includes(uid));
  await mapConcurrently(named, COUNTS_AT_ONCE, async (entry) => {
    if (!(await hasReached(entry))) return;
    await complete({ source: marker.source, seriesInstanceUid: entry[0] }, 'count');
  });
  const { reached: before } = await deps.markers.progressOf(marker);
  let reached = before;
  for (let next = counts[reached]; next !== undefined && (await hasReached(next)); next = counts[reached])
    reached += 1;
  if (reached > before) await deps.markers.saveProgress(marker, { reached });
  if (reached === counts.length) await deps.markers.markFulfilled(marker);
}
