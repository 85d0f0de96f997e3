import { indexObjects } from '../../ingest/index-objects.ts';
import { quarantineUnowned } from '../../ingest/quarantine-unowned.ts';
import { registerMarker } from '../../ingest/register-marker.ts';
import type { ListedObject } from '../../instances/drop-bucket.ts';
import { markerIdOf, markerPrefix } from '../../instances/marker.ts';
import type { QuarantinedObject } from '../../instances/quarantine.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { defined } from '../../shared/defined.ts';
import { addSeconds } from '../../shared/time.ts';
import { classifyKey } from '../../sources/drop-key.ts';
import { isPastRetention } from '../../sources/row-expiry.ts';
import type { Source } from '../../sources/source.ts';
import { checkArchives } from './check-archives.ts';
import { type DriftedObject, findDrift } from './find-drift.ts';
import type { PageContext, PhaseWork } from './page-context.ts';

/** Parts of a page that are classified at once: each X-ray is a series of its own, and each series costs a header read. */
const PARTS = 8;

/**
 * Compares one page of the bucket's listing with the index, as far as it is recent. An object without a row is indexed as its event would have done;
 * an event that still comes finds its row.
 */
export const OBJECTS: PhaseWork<ListedObject> = {
  async list(context, after) {
    const { source } = context.request;
    const only = context.sourceNamed(source);
    if (source !== undefined && only === undefined) return { items: [] };
    const { objects, isLast } = await context.deps.drop.list(only?.prefix ?? '', after);
    return { items: objects, ...(isLast ? {} : defined({ next: objects.at(-1)?.key })) };
  },
  async check(context, listed) {
    const old = listed.filter(
      ({ lastModified }) => context.isRecent(lastModified) && context.isOldEnough(lastModified),
    );
    const rows = await context.deps.quarantine.find(old.map(({ key }) => key));
    const quarantined = new Map(rows.map((row) => [row.key, row]));
    const bySource = new Map<Source, ListedObject[]>();
    for (const object of old) {
      const row = quarantined.get(object.key);
      const place = classifyKey(object.key, object.sizeBytes, context.sources);
      // S3 is late with it, or a person has restored it: its rows may have expired, and it is none that is new.
      if ('source' in place && isPastRetention(object.lastModified, place.source.retention, context.now))
        continue;
      if (place.kind === 'no_source') await checkUnowned(context, object, row);
      if (place.kind === 'marker')
        await context.unlessUnreadable({ source: place.source.name, key: object.key }, () =>
          checkMarkerObject(context, object, place.source, row),
        );
      if (place.kind !== 'object' || row?.etag === object.etag) continue;
      bySource.set(place.source, [...(bySource.get(place.source) ?? []), object]);
    }
    for (const [source, objects] of bySource) {
      const others = await checkArchives(context, source, objects, quarantined);
      await checkSource(context, source, others, quarantined);
    }
  },
};

async function checkSource(
  context: PageContext,
  source: Source,
  objects: readonly ListedObject[],
  quarantined: ReadonlyMap<string, QuarantinedObject>,
): Promise<void> {
  const outdated = objects.filter(({ key }) => quarantined.has(key));
  const open = objects.filter(({ key }) => !quarantined.has(key));
  const size = Math.ceil(open.length / PARTS);
  const parts = Array.from({ length: PARTS }, (_, part) => open.slice(part * size, (part + 1) * size));
  const found: DriftedObject[] = outdated.map((object) => ({ object, kind: 'quarantine_outdated' }));
  const seen = new Set<string>();
  const find = (part: ListedObject[]) => findDrift(context, source, part, seen);
  found.push(...(await mapConcurrently(parts, PARTS, find)).flat());
  if (found.length === 0) return;
  const failed = context.request.isRepair
    ? await indexObjects(
        context.deps,
        found.map(({ object }) => ({ key: object.key, source })),
      )
    : undefined;
  for (const { object, kind, seriesInstanceUid } of found) {
    if (kind === 'set_differs' && seriesInstanceUid !== undefined)
      context.noteRecheck({ source: source.name, seriesInstanceUid });
    const about = {
      source: source.name,
      key: object.key,
      ...defined({ seriesInstanceUid }),
    };
    const outcome = failed === undefined ? 'reported' : failed.has(object.key) ? 'failed' : 'repaired';
    context.report(kind, about, outcome);
  }
}

/** A daily pass has checked an object this many times before it counts as old. */
const UNOWNED_DAYS = 14;

/**
 * An object below no source's prefix without a quarantine row: its event was lost. An old one may belong to a source that has
 * been removed and still has rows, so it is only reported. An object below the prefix of a misconfigured source waits for the
 * correction of its parameter.
 */
async function checkUnowned(
  context: PageContext,
  object: ListedObject,
  row: QuarantinedObject | undefined,
): Promise<void> {
  const { key, lastModified } = object;
  if (row !== undefined || context.misconfiguredPrefixes.some((prefix) => key.startsWith(prefix))) return;
  const isYoung = lastModified > addSeconds(context.now, -UNOWNED_DAYS * 86_400);
  if (!context.request.isRepair) context.report('object_unowned', { key }, 'reported');
  else if (!isYoung) context.report('object_unowned', { key }, 'skipped');
  else {
    const failed = await quarantineUnowned(context.deps, [key]);
    context.report('object_unowned', { key }, failed.size > 0 ? 'failed' : 'repaired');
  }
}

async function checkMarkerObject(
  context: PageContext,
  object: ListedObject,
  source: Source,
  row: QuarantinedObject | undefined,
): Promise<void> {
  if (row?.etag === object.etag) return;
  const [marker] = await context.deps.markers.find(source.name, [markerIdOf(markerPrefix(object.key))]);
  // Some answers of S3 give times in whole seconds, others in milliseconds.
  if (marker !== undefined && seconds(marker.droppedAt) >= seconds(object.lastModified)) return;
  const about = { source: source.name, key: object.key };
  if (!context.request.isRepair) return context.report('marker_unknown', about, 'reported');
  const failed = await registerMarker(context.deps, object.key, source);
  context.report('marker_unknown', about, failed.size > 0 ? 'failed' : 'repaired');
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
