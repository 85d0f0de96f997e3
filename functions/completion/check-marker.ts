import type { IndexDeps } from '../ingest/index-deps.ts';
import type { Instance } from '../instances/instance.ts';
import type { Marker } from '../instances/marker.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { Source } from '../sources/source.ts';
import { type CompletionDeps, handleLateArrival } from './complete-series.ts';
import { walkCovered } from './covered-series.ts';

export type CheckMarkerDeps = CompletionDeps & IndexDeps;

type Complete = (id: SeriesId, evidence: 'marker' | 'count') => Promise<void>;

/** Completes the series for which the marker expects no further instance and the index has them all. `isLastTry`: see `walkCovered`. */
export async function checkMarker(
  deps: CheckMarkerDeps,
  marker: Marker,
  source: Source,
  isLastTry: boolean,
): Promise<void> {
  const { expectation } = marker;
  const complete: Complete = (id, evidence) => handleLateArrival(deps, id, source, evidence);
  switch (expectation.kind) {
    case 'everything':
      return completeCovered(deps, marker, source, complete, isLastTry);
    case 'instances':
      return completeByTotal(deps, marker, expectation.instances, source, complete, isLastTry);
    case 'series':
      return completeByCounts(deps, marker, expectation.series, complete);
    default:
      return expectation satisfies never;
  }
}

/**
 * The marker says: everything beside and below it has been dropped. A series with an object younger than the marker was not
 * finished yet; it waits for the quiet period as if there were no marker.
 */
async function completeCovered(
  deps: CheckMarkerDeps,
  marker: Marker,
  source: Source,
  complete: Complete,
  isLastTry: boolean,
): Promise<void> {
  const covered = await walkCovered(deps, marker, source, isLastTry);
  for (const { id, hasYoungerObject } of covered.values()) {
    if (!hasYoungerObject) await complete(id, 'marker');
  }
}

/** The marker gives the number of instances beside and below it. All its series are completed when that many are indexed. */
async function completeByTotal(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: number,
  source: Source,
  complete: Complete,
  isLastTry: boolean,
): Promise<void> {
  const covered = await walkCovered(deps, marker, source, isLastTry);
  const belowMarker = (instance: Instance) => instance.object.key.startsWith(marker.prefix);
  const count = [...covered.values()].reduce(
    (sum, series) => sum + series.instances.filter(belowMarker).length,
    0,
  );
  if (count < expected) return;
  for (const { id } of covered.values()) await complete(id, 'count');
  await deps.markers.markFulfilled(marker);
}

/** The marker gives a number of instances for each series. Each series is completed when its own number is indexed. */
async function completeByCounts(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: Record<string, number>,
  complete: Complete,
): Promise<void> {
  const reached: { id: SeriesId }[] = [];
  const counts = Object.entries(expected);
  for (const [seriesInstanceUid, count] of counts) {
    const id = { source: marker.source, seriesInstanceUid };
    if ((await deps.instances.count(id)) < count) continue;
    reached.push({ id });
    await complete(id, 'count');
  }
  if (reached.length === counts.length) await deps.markers.markFulfilled(marker);
}
