import { type DropBucket, type ListedObject, ObjectUnreadableError } from '../instances/drop-bucket.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { type Instance, isOlder } from '../instances/instance.ts';
import type { QuarantinedObject } from '../instances/quarantine.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import type { Clock } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { type ReadObject, readDroppedObject } from './read-dropped-object.ts';

/** Header reads at once, and the objects of a series below which it is a small one. */
const READS_AT_ONCE = 16;
const FEW_OBJECTS = 4;

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
  unknown(
    object: ListedObject,
    open: readonly ListedObject[],
    instance: Instance,
  ): Promise<'again' | 'skipped'>;
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
  const loadRows = async (id: SeriesId) => {
    const rows = rowsOf.get(id.seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
    rowsOf.set(id.seriesInstanceUid, rows);
    return rows;
  };
  /** Answers whether all `open` objects are classified again. */
  const classify = async (object: ListedObject, read: ReadObject): Promise<boolean> => {
    if (read.kind !== 'instance') {
      if (read.kind === 'quarantined') await hooks.rejected(object, read.object);
      open = without(open, object);
      return false;
    }
    const id = { source: source.name, seriesInstanceUid: read.instance.seriesInstanceUid };
    // Each copy of an instance gets its own hook call; the rows are read once for all of them.
    let instances = await loadRows(id);
    const held = instances.find(({ sopInstanceUid }) => sopInstanceUid === read.instance.sopInstanceUid);
    if (held === undefined) {
      const outcome = await hooks.unknown(object, open.filter(isReadable), read.instance);
      if (outcome === 'skipped') open = without(open, object);
      rowsOf.clear();
      return outcome === 'again';
    }
    if (held.object.etag !== read.instance.object.etag) {
      // A content that was dropped later under another key has replaced this one in the row.
      const isSuperseded = held.object.key !== object.key && isOlder(read.instance.object, held.object);
      if (!isSuperseded && (await hooks.differing(object, held)) === 'indexed') {
        instances = await deps.instances.ofSeries(id);
        rowsOf.set(id.seriesInstanceUid, instances);
      }
    } else if (held.object.key !== object.key) {
      await hooks.copied(object, held);
    }
    const rows = new Set(instances.map((instance) => `${instance.object.etag} ${instance.object.key}`));
    const hasRow = (listed: ListedObject) => listed === object || rows.has(`${listed.etag} ${listed.key}`);
    await hooks.known(id, instances, open.filter(hasRow));
    open = open.filter((listed) => !hasRow(listed));
    return false;
  };
  let width = 1;
  for (let picks = pick(open, isReadable, width); picks.length > 0; picks = pick(open, isReadable, width)) {
    const before = open.length;
    const read = await mapConcurrently(picks, width, async (object) => {
      const answer = await readUnlessRefused(deps, { key: object.key, source });
      if (answer instanceof ObjectUnreadableError) refusals.set(object, answer);
      else if (answer.kind === 'instance' && width > 1) await loadRows(answer.instance);
      return { object, answer };
    });
    for (const { object, answer } of read) {
      // Another one of these has the same series.
      if (answer instanceof ObjectUnreadableError || !open.includes(object)) continue;
      if (await classify(object, answer)) break;
    }
    // Where a header tells of few other objects, as of X-rays, more are read at once.
    if (before - open.length < picks.length * FEW_OBJECTS) width = Math.min(width * 2, READS_AT_ONCE);
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

/** Some that can be read, far from one another: neighbours are likely to be of one series. */
function pick(
  objects: readonly ListedObject[],
  isReadable: (object: ListedObject) => boolean,
  count: number,
): ListedObject[] {
  if (count === 1) return objects.filter(isReadable).slice(0, 1);
  const readable = objects.filter(isReadable);
  const step = Math.max(1, Math.floor(readable.length / count));
  return readable.filter((_object, at) => at % step === 0).slice(0, count);
}

function without(objects: readonly ListedObject[], object: ListedObject): readonly ListedObject[] {
  return objects.filter((other) => other !== object);
}
