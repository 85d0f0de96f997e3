import type { DropBucket, ListedObject } from '../instances/drop-bucket.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { type Instance, isOlder } from '../instances/instance.ts';
import type { QuarantinedObject } from '../instances/quarantine.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { Clock } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { readDroppedObject } from './read-dropped-object.ts';

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
}

/**
 * Classifies listed objects of a source by their rows. The table has no index by key, which would cost a second write for each
 * instance. So one header of each series is read to find the series, and its rows are matched with all other objects. Throws
 * when S3 or the table cannot be read.
 */
export async function classifyListedObjects(
  deps: ClassificationDeps,
  source: Source,
  objects: readonly ListedObject[],
  hooks: ObjectHooks,
): Promise<void> {
  let open = objects;
  const rowsOf = new Map<string, readonly Instance[]>();
  while (open[0] !== undefined) {
    const [object] = open;
    const read = await readDroppedObject(deps.drop, { key: object.key, source }, deps.clock().toISOString());
    if (read.kind !== 'instance') {
      if (read.kind === 'quarantined') await hooks.rejected(object, read.object);
      open = open.slice(1);
      continue;
    }
    const id = { source: source.name, seriesInstanceUid: read.instance.seriesInstanceUid };
    // Each copy of an instance gets its own hook call; the rows are read once for all of them.
    let instances = rowsOf.get(id.seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
    const held = instances.find(({ sopInstanceUid }) => sopInstanceUid === read.instance.sopInstanceUid);
    if (held === undefined) {
      const outcome = await hooks.unknown(object, open);
      if (outcome === 'skipped') open = open.slice(1);
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
}
