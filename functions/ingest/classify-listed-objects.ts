import { type DropBucket, type ListedObject, ObjectUnreadableError } from '../instances/drop-bucket.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { type Instance, isOlder } from '../instances/instance.ts';
import type { QuarantinedObject } from '../instances/quarantine.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { Clock } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { type ReadObject, readDroppedObject } from './read-dropped-object.ts';

export interface ClassificationDeps {
  drop: DropBucket;
  instances: InstanceStore;
  clock: Clock;
}

/** One hook for each class of listed object. Each object is passed to one hook once, unless `unknown` answers `again`. */
export interface ObjectHooks {
  /** These objects have rows in this series. */
  known(id: SeriesId, instances: readonly Instance[], objects: readonly ListedObject[]): Promise<void> | void;
  /** The content is no instance, and the object has no quarantine row yet. */
  rejected(object: ListedObject, rejection: QuarantinedObject): Promise<void>;
  /**
   * The row of its instance has another ETag and was not dropped later: a replacement, or the same content with another
   * ETag. `indexed`: the hook has indexed the object, so the rows are read again.
   */
  differing(object: ListedObject, held: Instance): Promise<'indexed' | 'skipped'>;
  /** The row of its instance has the same ETag under another key. */
  copied(object: ListedObject, held: Instance): Promise<void>;
  /** Its instance has no row. `again`: the hook has written rows, so all `open` objects are classified again. */
  unknown(object: ListedObject, open: readonly ListedObject[]): Promise<'again' | 'skipped'>;
  /** S3 refuses it, and no row of the other objects' series knows it. Archived objects that no row knows get no call. */
  unreadable(object: ListedObject, refusal: ObjectUnreadableError): unknown;
}

/**
 * Classifies listed objects of a source by their rows. The table has no index by key, which would cost a second write for each
 * instance. So one header of each series is read to find the series, and its rows are matched with all other objects. Throws
 * when S3 or the table cannot be read; an object that S3 refuses holds up no other one.
 */
export async function classifyListedObjects(
  deps: ClassificationDeps,
  source: Source,
  objects: readonly ListedObject[],
  hooks: ObjectHooks,
): Promise<void> {
  let open = objects;
  const refusals = new Map<ListedObject, ObjectUnreadableError>();
  const isReadable = (object: ListedObject) => object.isArchived !== true && !refusals.has(object);
  const rowsOf = new Map<string, readonly Instance[]>();
  for (let object = open.find(isReadable); object !== undefined; object = open.find(isReadable)) {
    const read = await readUnlessRefused(deps, { key: object.key, source });
    if (read instanceof ObjectUnreadableError) {
      refusals.set(object, read);
      continue;
    }
    if (read.kind !== 'instance') {
      if (read.kind === 'quarantined') await hooks.rejected(object, read.object);
      open = without(open, object);
      continue;
    }
    const id = { source: source.name, seriesInstanceUid: read.instance.seriesInstanceUid };
    // Each copy of an instance gets its own hook call; the rows are read once for all of them.
    let instances = rowsOf.get(id.seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
    const held = instances.find(({ sopInstanceUid }) => sopInstanceUid === read.instance.sopInstanceUid);
    if (held === undefined) {
      const outcome = await hooks.unknown(object, open.filter(isReadable));
      if (outcome === 'skipped') open = without(open, object);
      rowsOf.clear();
      continue;
    }
    if (held.object.etag !== read.instance.object.etag) {
      // A content that was dropped later has replaced this one in the row.
      const isSuperseded = isOlder(read.instance.object, held.object);
      if (!isSuperseded && (await hooks.differing(object, held)) === 'indexed')
        instances = await deps.instances.ofSeries(id);
    } else if (held.object.key !== object.key) {
      await hooks.copied(object, held);
    }
    rowsOf.set(id.seriesInstanceUid, instances);
    const rows = new Set(instances.map((instance) => `${instance.object.etag} ${instance.object.key}`));
    const hasRow = (listed: ListedObject) => listed === object || rows.has(`${listed.etag} ${listed.key}`);
    await hooks.known(id, instances, open.filter(hasRow));
    open = open.filter((listed) => !hasRow(listed));
  }
  for (const object of open) {
    const refusal = refusals.get(object);
    if (refusal !== undefined) hooks.unreadable(object, refusal);
  }
}

async function readUnlessRefused(
  deps: ClassificationDeps,
  dropped: { key: string; source: Source },
): Promise<ReadObject | ObjectUnreadableError> {
  try {
    return await readDroppedObject(deps.drop, dropped, deps.clock().toISOString());
  } catch (error) {
    if (error instanceof ObjectUnreadableError) return error;
    throw error;
  }
}

function without(objects: readonly ListedObject[], object: ListedObject): readonly ListedObject[] {
  return objects.filter((other) => other !== object);
}
