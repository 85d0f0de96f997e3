import type { Instance } from '../core/instance.ts';
import type { Marker } from '../core/marker.ts';
import type { SeriesId } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import type { IndexDeps } from '../index-instances/index-deps.ts';
import { walkCovered } from './covered-series.ts';
import { type SettleDeps, settleLate } from './settle-series.ts';

export type CheckMarkerDeps = SettleDeps & IndexDeps;

type Settle = (id: SeriesId, evidence: 'marker' | 'count') => Promise<void>;

/** Settles the series of which a marker says, and the index shows, that nothing is missing. */
export async function checkMarker(deps: CheckMarkerDeps, marker: Marker, source: Source): Promise<void> {
  const { promise } = marker;
  const settle: Settle = (id, evidence) => settleLate(deps, id, source, evidence);
  switch (promise.kind) {
    case 'everything':
      return settleCovered(deps, marker, source, settle);
    case 'instances':
      return settleTotal(deps, marker, promise.instances, source, settle);
    case 'series':
      return settleCounted(deps, marker, promise.series, settle);
    default:
      return promise satisfies never;
  }
}

/**
 * Everything beside and below the marker has been dropped. Objects that are younger than the marker show that it came
 * too early for their series: those wait for silence as if there were no marker.
 */
async function settleCovered(
  deps: CheckMarkerDeps,
  marker: Marker,
  source: Source,
  settle: Settle,
): Promise<void> {
  const covered = await walkCovered(deps, marker, source);
  for (const { id, hasYoungerObject } of covered.values()) {
    if (!hasYoungerObject) await settle(id, 'marker');
  }
}

/** So many instances in all beside and below the marker. */
async function settleTotal(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: number,
  source: Source,
  settle: Settle,
): Promise<void> {
  const covered = await walkCovered(deps, marker, source);
  const belowMarker = (instance: Instance) => instance.object.key.startsWith(marker.prefix);
  const count = [...covered.values()].reduce(
    (sum, series) => sum + series.instances.filter(belowMarker).length,
    0,
  );
  if (count < expected) return;
  for (const { id } of covered.values()) await settle(id, 'count');
  await deps.markers.markKept(marker);
}

/** So many instances of each named series. Each is settled as soon as its own count is reached. */
async function settleCounted(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: Record<string, number>,
  settle: Settle,
): Promise<void> {
  const reached: { id: SeriesId }[] = [];
  const counts = Object.entries(expected);
  for (const [seriesInstanceUid, count] of counts) {
    const id = { source: marker.source, seriesInstanceUid };
    if ((await deps.instances.count(id)) < count) continue;
    reached.push({ id });
    await settle(id, 'count');
  }
  if (reached.length === counts.length) await deps.markers.markKept(marker);
}
