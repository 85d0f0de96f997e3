import { classifyListedObjects } from '../ingest/classify-listed-objects.ts';
import type { IndexDeps } from '../ingest/index-deps.ts';
import { indexObjects } from '../ingest/index-objects.ts';
import type { Archive } from '../instances/archive.ts';
import type { ListedObject, ObjectUnreadableError } from '../instances/drop-bucket.ts';
import type { Instance, StoredObject } from '../instances/instance.ts';
import type { Marker } from '../instances/marker.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { defined } from '../shared/defined.ts';
import { classifyKey } from '../sources/drop-key.ts';
import { isPastRetention } from '../sources/row-expiry.ts';
import type { Source } from '../sources/source.ts';
import { coverArchives, findArchives, isWithin, type MarkerPlace } from './covered-archives.ts';

export interface CoveredSeries {
  id: SeriesId;
  instances: readonly Instance[];
  /** An object of the series was dropped after the marker. */
  hasYoungerObject: boolean;
}

export interface CoveredPage {
  /** By SeriesInstanceUID. */
  series: ReadonlyMap<string, CoveredSeries>;
  /** The instances whose object is on this page. */
  instances: readonly Instance[];
  /** Absent on the last page. */
  next?: MarkerPlace;
}

/** An object that S3 lists was indexed here, and still has no row. The processing of its own event shows the reason. */
export class UnindexedObjectError extends Error {
  override name = 'UnindexedObjectError';
}

/**
 * Finds the series of one page of the objects beside and below a marker. An object that S3 lists and the index does not have yet
 * (its event is still in the queue) is indexed here. An object that S3 refuses fails the page, since a policy may be mended soon; on
 * the last try, or where it is archived, the page goes on without it. An archive is indexed by its own message: `waitsFor` the last
 * one that is not yet.
 */
export async function coverPage(
  deps: IndexDeps,
  marker: Marker,
  source: Source,
  place: MarkerPlace,
  isLastTry: boolean,
): Promise<CoveredPage | { waitsFor: string }> {
  const page = await deps.drop.list(marker.prefix, place.after);
  const now = deps.clock().toISOString();
  const listed = page.objects.filter(
    ({ key, sizeBytes, lastModified }) =>
      classifyKey(key, sizeBytes, [source]).kind === 'object' &&
      // S3 is late with what has expired; its rows may be gone.
      !isPastRetention(lastModified, source.retention, now),
  );
  const archives = await findArchives(deps, source, listed);
  // A total covers the younger ones too.
  const isCovered = ([{ lastModified }]: readonly [ListedObject, Archive]) =>
    marker.expectation.kind === 'instances' || !isYounger(lastModified, marker);
  const unfinished = [...archives.unfinished].findLast(isCovered);
  if (unfinished !== undefined) return { waitsFor: unfinished[1].id };
  const series = new Map<string, CoveredSeries>();
  const ofArchives = await coverArchives(deps, listed, archives, place, (archive, uid, instances) => {
    const isYoung =
      series.get(uid)?.hasYoungerObject === true ||
      isYounger(archive.lastModified, marker) ||
      instances.some(({ object }) => isYoungerBelow(object, marker));
    series.set(uid, {
      id: { source: source.name, seriesInstanceUid: uid },
      instances,
      hasYoungerObject: isYoung,
    });
  });
  const objects = ofArchives.before.filter(
    (object) => !archives.known.has(object) && !archives.unfinished.has(object),
  );
  // Read by now, an archive would be taken for a file that is none.
  const readable = objects.filter((object) => !archives.refused.has(object));
  const refused = await coverObjects(deps, marker, source, readable, series);
  const refusals = [...archives.refused.values(), ...refused];
  const passing = refusals.find(({ isArchived }) => !isArchived);
  if (passing !== undefined && !isLastTry) throw passing;
  if (refusals.length > 0)
    deps.log('warn', 'objects below a marker cannot be read', {
      source: source.name,
      markerId: marker.id,
      objects: refusals.length,
    });
  const keys = new Set(objects.map(({ key }) => key));
  // By the rows as they were read last: indexing an object may have taken an instance away from an archive.
  const onPage = (instance: Instance) => {
    const entries = ofArchives.entries.get(instance.object.key);
    return keys.has(instance.object.key) || (entries !== undefined && isWithin(instance, entries));
  };
  const instances = [...series.values()].flatMap((one) => one.instances.filter(onPage));
  const last = page.objects.at(-1)?.key;
  const next = ofArchives.next ?? (page.isLast || last === undefined ? undefined : { after: last });
  return { series, instances, ...defined({ next }) };
}

/** Returns the refusals of S3. */
async function coverObjects(
  deps: IndexDeps,
  marker: Marker,
  source: Source,
  objects: readonly ListedObject[],
  covered: Map<string, CoveredSeries>,
): Promise<ObjectUnreadableError[]> {
  const refusals: ObjectUnreadableError[] = [];
  const quarantined = await deps.quarantine.find(objects.map(({ key }) => key));
  const rejected = new Set(quarantined.map(({ key, etag }) => `${etag} ${key}`));
  const open = objects.filter(({ key, etag }) => !rejected.has(`${etag} ${key}`));
  let hasIndexed = false;
  const index = async (listed: readonly ListedObject[]) => {
    const failed = await indexObjects(
      deps,
      listed.map(({ key }) => ({ key, source })),
    );
    // What S3 refuses is found so again. A series must not be completed without the others, nor before its own row exists.
    const unindexed = [...failed.values()].filter((cause) => cause !== 'object_unreadable').length;
    if (unindexed > 0)
      throw new UnindexedObjectError(
        `${unindexed} object(s) below a marker could not be indexed; the marker is checked again`,
      );
  };
  await classifyListedObjects(deps, source, open, {
    known(id, instances, ofSeries) {
      const earlier = covered.get(id.seriesInstanceUid);
      covered.set(id.seriesInstanceUid, {
        id,
        instances,
        hasYoungerObject:
          earlier?.hasYoungerObject === true ||
          ofSeries.some(({ lastModified }) => isYounger(lastModified, marker)) ||
          // The other pages: their objects have rows by the time at which the series is completed.
          instances.some(({ object }) => isYoungerBelow(object, marker)),
      });
    },
    async rejected(object) {
      // Its event may not have been processed yet: indexing writes its quarantine row.
      await index([object]);
    },
    async differing(object) {
      // A replacement whose event is still in the queue, or the same content with another ETag: indexing compares them.
      await index([object]);
      return 'indexed';
    },
    async copied() {
      // The same instance under two keys counts once.
    },
    async unknown(_object, stillOpen) {
      if (hasIndexed)
        throw new UnindexedObjectError(
          'an object below a marker could not be indexed; the marker is checked again',
        );
      await index(stillOpen);
      hasIndexed = true;
      return 'again';
    },
    unreadable: (_object, refusal) => refusals.push(refusal),
  });
  return refusals;
}

/** S3 gives times in whole seconds. An object of the same second as the marker does not count as younger. */
function isYounger(lastModified: string, marker: Marker): boolean {
  return Math.floor(Date.parse(lastModified) / 1000) > Math.floor(Date.parse(marker.droppedAt) / 1000);
}

function isYoungerBelow({ key, lastModified }: StoredObject, marker: Marker): boolean {
  return lastModified !== undefined && key.startsWith(marker.prefix) && isYounger(lastModified, marker);
}
