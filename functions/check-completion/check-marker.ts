import type { Instance } from '../core/instance.ts';
import type { Marker } from '../core/marker.ts';
import type { SeriesId } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import type { IndexDeps } from '../index-instances/index-objects.ts';
import { type CoveredSeries, walkCovered } from './covered-series.ts';
import { type SettleDeps, settleLate } from './settle-series.ts';

export type CheckMarkerDeps = SettleDeps & IndexDeps;

/** Settles the series of which a marker says, and the index shows, that nothing is missing. */
export async function checkMarker(deps: CheckMarkerDeps, marker: Marker, source: Source): Promise<void> {
  switch (marker.promise.kind) {
    case 'everything':
      return settleCovered(deps, marker, source);
    case 'instances':
      return settleTotal(deps, marker, marker.promise.instances, source);
    case 'series':
      return settleCounted(deps, marker, marker.promise.series, source);
    default:
      return marker.promise satisfies never;
  }
}

/**
 * Everything beside and below the marker has been dropped. Objects that are younger than the marker show that it came
 * too early for their series: those wait for silence as if there were no marker.
 */
async function settleCovered(deps: CheckMarkerDeps, marker: Marker, source: Source): Promise<void> {
  const covered = await walkCovered(deps, marker, source);
  for (const { id, hasYoungerObject } of covered.values()) {
    if (!hasYoungerObject) await settleLate(deps, id, source, 'marker');
  }
}

/** So many instances in all beside and below the marker. */
async function settleTotal(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: number,
  source: Source,
): Promise<void> {
  const covered = await walkCovered(deps, marker, source);
  const belowMarker = (instance: Instance) => instance.object.key.startsWith(marker.prefix);
  const count = [...covered.values()].reduce(
    (sum, series) => sum + series.instances.filter(belowMarker).length,
    0,
  );
  if (count < expected) return;
  await settleAll(deps, marker, [...covered.values()], source);
}

/** So many instances of each named series. Each is settled as soon as its own count is reached. */
async function settleCounted(
  deps: CheckMarkerDeps,
  marker: Marker,
  expected: Record<string, number>,
  source: Source,
): Promise<void> {
  const reached: { id: SeriesId }[] = [];
  const counts = Object.entries(expected);
  for (const [seriesInstanceUid, count] of counts) {
    const id = { source: marker.source, seriesInstanceUid };
    if ((await deps.instances.count(id)) < count) continue;
    reached.push({ id });
    await settleLate(deps, id, source, 'count');
  }
  if (reached.length === counts.length) await deps.markers.markKept(marker);
}

async function settleAll(
  deps: CheckMarkerDeps,
  marker: Marker,
  covered: readonly CoveredSeries[],
  source: Source,
) {
  for (const { id } of covered) await settleLate(deps, id, source, 'count');
  await deps.markers.markKept(marker);
}
