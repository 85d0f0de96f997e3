import { mapConcurrently } from '../core/concurrency.ts';
import { defined } from '../core/defined.ts';
import { classifyKey } from '../core/drop-key.ts';
import { markerIdOf, markerPrefix } from '../core/marker.ts';
import type { ListedObject } from '../core/ports.ts';
import type { QuarantinedObject } from '../core/quarantine.ts';
import type { Source } from '../core/source.ts';
import { addSeconds } from '../core/time.ts';
import { indexObjects } from '../index-instances/index-objects.ts';
import { quarantineUnowned } from '../index-instances/quarantine-unowned.ts';
import { registerMarker } from '../index-instances/register-marker.ts';
import { type DriftedObject, findDrift } from './find-drift.ts';
import type { Slice } from './slice.ts';

/** Parts of a page that are walked at once: an X-ray is a series of its own, and each series costs a header. */
const LANES = 8;

/**
 * One page of the bucket's listing against the index. What no row knows is indexed as its event would have had it; an
 * event that comes after all finds it known. Answers the last key of the page, or `undefined` after the last page.
 */
export async function checkObjects(slice: Slice, after: string | undefined): Promise<string | undefined> {
  const { deps, request } = slice;
  const only = slice.sourceNamed(request.source);
  if (request.source !== undefined && only === undefined) return undefined;
  const page = await deps.drop.list(only?.prefix ?? '', after);
  const settled = page.objects.filter(({ lastModified }) => slice.isSettled(lastModified));
  const rows = await deps.quarantine.find(settled.map(({ key }) => key));
  const quarantined = new Map(rows.map((row) => [row.key, row]));
  const bySource = new Map<Source, ListedObject[]>();
  for (const object of settled) {
    const row = quarantined.get(object.key);
    const place = classifyKey(object.key, object.sizeBytes, slice.sources);
    if (place.kind === 'no_source') await checkUnowned(slice, object, row);
    if (place.kind === 'marker') await checkMarkerObject(slice, object, place.source, row);
    if (place.kind !== 'object' || row?.etag === object.etag) continue;
    bySource.set(place.source, [...(bySource.get(place.source) ?? []), object]);
  }
  for (const [source, objects] of bySource) await checkSource(slice, source, objects, quarantined);
  return page.isLast ? undefined : page.objects.at(-1)?.key;
}

async function checkSource(
  slice: Slice,
  source: Source,
  objects: readonly ListedObject[],
  quarantined: ReadonlyMap<string, QuarantinedObject>,
): Promise<void> {
  const outdated = objects.filter(({ key }) => quarantined.has(key));
  const open = objects.filter(({ key }) => !quarantined.has(key));
  const size = Math.ceil(open.length / LANES);
  const lanes = Array.from({ length: LANES }, (_, lane) => open.slice(lane * size, (lane + 1) * size));
  const found: DriftedObject[] = outdated.map((object) => ({ object, kind: 'quarantine_outdated' }));
  const seen = new Set<string>();
  const look = (lane: ListedObject[]) => findDrift(slice, source, lane, seen);
  found.push(...(await mapConcurrently(lanes, LANES, look)).flat());
  if (found.length === 0) return;
  const failed = slice.request.isRepair
    ? await indexObjects(
        slice.deps,
        found.map(({ object }) => ({ key: object.key, source })),
      )
    : undefined;
  for (const { object, kind, seriesInstanceUid } of found) {
    const about = {
      source: source.name,
      key: object.key,
      ...defined({ seriesInstanceUid }),
    };
    const outcome = failed === undefined ? 'reported' : failed.has(object.key) ? 'failed' : 'repaired';
    slice.find(kind, about, outcome);
  }
}

/** A pass a day looks at each object so often before it is old. */
const UNOWNED_DAYS = 14;

/**
 * Below no source's prefix, and nobody has said so: its event was lost. An older one belongs to a source that was taken away,
 * perhaps, whose rows still stand for it: that is told, and left for a person. What a source with a mistaken parameter owns
 * waits for its correction.
 */
async function checkUnowned(
  slice: Slice,
  object: ListedObject,
  row: QuarantinedObject | undefined,
): Promise<void> {
  const { key, lastModified } = object;
  if (row !== undefined || slice.brokenPrefixes.some((prefix) => key.startsWith(prefix))) return;
  const isYoung = lastModified > addSeconds(slice.now, -UNOWNED_DAYS * 86_400);
  if (!slice.request.isRepair) slice.find('object_stray', { key }, 'reported');
  else if (!isYoung) slice.find('object_stray', { key }, 'left');
  else {
    const failed = await quarantineUnowned(slice.deps, [key]);
    slice.find('object_stray', { key }, failed.size > 0 ? 'failed' : 'repaired');
  }
}

async function checkMarkerObject(
  slice: Slice,
  object: ListedObject,
  source: Source,
  row: QuarantinedObject | undefined,
): Promise<void> {
  if (row?.etag === object.etag) return;
  const [marker] = await slice.deps.markers.find(source.name, [markerIdOf(markerPrefix(object.key))]);
  // S3 tells times in whole seconds in some answers, with milliseconds in others.
  if (marker !== undefined && seconds(marker.droppedAt) >= seconds(object.lastModified)) return;
  const about = { source: source.name, key: object.key };
  if (!slice.request.isRepair) return slice.find('marker_unknown', about, 'reported');
  const failed = await registerMarker(slice.deps, object.key, source);
  slice.find('marker_unknown', about, failed.size > 0 ? 'failed' : 'repaired');
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
