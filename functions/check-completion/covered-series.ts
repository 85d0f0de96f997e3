import { classifyKey } from '../core/drop-key.ts';
import type { Instance } from '../core/instance.ts';
import type { Marker } from '../core/marker.ts';
import type { ListedObject } from '../core/ports.ts';
import type { SeriesId } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import { type IndexDeps, indexObjects } from '../index-instances/index-objects.ts';
import { readDroppedObject } from '../index-instances/read-dropped-object.ts';

export interface CoveredSeries {
  id: SeriesId;
  instances: readonly Instance[];
  /** An object of the series was dropped after the marker. */
  hasYoungerObject: boolean;
}

/**
 * Finds the series of all objects beside and below a marker, and makes sure that every one of these objects is
 * indexed: what S3 lists and the index does not know yet (its event is still in line) is indexed here.
 *
 * No index leads from a key to its row, since that would cost a second write for each instance. One header of each
 * series tells which it is, and the rows of that series account for all its other objects.
 */
export async function walkCovered(
  deps: IndexDeps,
  marker: Marker,
  source: Source,
): Promise<Map<string, CoveredSeries>> {
  const covered = new Map<string, CoveredSeries>();
  let startAfter: string | undefined;
  for (;;) {
    const page = await deps.drop.list(marker.prefix, startAfter);
    const objects = page.objects.filter(
      ({ key, sizeBytes }) => classifyKey(key, sizeBytes, [source]).kind === 'object',
    );
    await accountFor(deps, marker, source, objects, covered);
    startAfter = page.objects.at(-1)?.key;
    if (page.isLast || startAfter === undefined) return covered;
  }
}

async function accountFor(
  deps: IndexDeps,
  marker: Marker,
  source: Source,
  objects: readonly ListedObject[],
  covered: Map<string, CoveredSeries>,
): Promise<void> {
  const quarantined = await deps.quarantine.find(objects.map(({ key }) => key));
  const rejected = new Set(quarantined.map(({ key, etag }) => `${etag} ${key}`));
  let open = objects.filter(({ key, etag }) => !rejected.has(`${etag} ${key}`));
  const rowsOf = new Map<string, readonly Instance[]>();
  let hasIndexed = false;
  while (open[0] !== undefined) {
    const [object] = open;
    const read = await readDroppedObject(deps.drop, { key: object.key, source }, deps.clock().toISOString());
    if (read.kind !== 'instance') {
      // Rejected just now, and perhaps never seen before: its quarantine row is written like any other.
      if (read.kind === 'quarantined') await indexObjects(deps, [{ key: object.key, source }]);
      open = open.slice(1);
      continue;
    }
    const id = { source: source.name, seriesInstanceUid: read.instance.seriesInstanceUid };
    // Copies of one instance are told one by one; the rows are read once for all of them.
    let instances = rowsOf.get(id.seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
    const held = instances.find(({ sopInstanceUid }) => sopInstanceUid === read.instance.sopInstanceUid);
    if (held !== undefined && held.object.etag !== read.instance.object.etag) {
      // A replacement whose event is still in line, or a copy whose ETag says nothing: indexing tells them apart.
      await indexObjects(deps, [{ key: object.key, source }]);
      instances = await deps.instances.ofSeries(id);
    }
    rowsOf.set(id.seriesInstanceUid, instances);
    if (held === undefined) {
      if (hasIndexed)
        throw new Error('an object below a marker stayed out of the index; the marker is looked at again');
      await indexObjects(
        deps,
        open.map(({ key }) => ({ key, source })),
      );
      hasIndexed = true;
      rowsOf.clear();
      continue;
    }
    const rows = new Set(instances.map((instance) => `${instance.object.etag} ${instance.object.key}`));
    const isAccounted = (listed: ListedObject) =>
      listed === object || rows.has(`${listed.etag} ${listed.key}`);
    const ofSeries = open.filter(isAccounted);
    const earlier = covered.get(id.seriesInstanceUid);
    covered.set(id.seriesInstanceUid, {
      id,
      instances,
      hasYoungerObject:
        earlier?.hasYoungerObject === true ||
        ofSeries.some(({ lastModified }) => isYounger(lastModified, marker)),
    });
    open = open.filter((listed) => !isAccounted(listed));
  }
}

/** S3 tells times in whole seconds; within the marker's own second nothing is younger. */
function isYounger(lastModified: string, marker: Marker): boolean {
  return Math.floor(Date.parse(lastModified) / 1000) > Math.floor(Date.parse(marker.droppedAt) / 1000);
}
