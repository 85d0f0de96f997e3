import { type Instance, isOlder } from '../core/instance.ts';
import type { DropBucket, InstanceStore, ListedObject } from '../core/ports.ts';
import type { QuarantinedObject } from '../core/quarantine.ts';
import type { SeriesId } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import type { Clock } from '../core/time.ts';
import { readDroppedObject } from './read-dropped-object.ts';

export interface AccountingDeps {
  drop: DropBucket;
  instances: InstanceStore;
  clock: Clock;
}

/** What becomes of listed objects. Each is told of once, unless the index was changed meanwhile (`again`). */
export interface AccountingHooks {
  /** Rows of this series stand for these objects. */
  known(id: SeriesId, instances: readonly Instance[], objects: readonly ListedObject[]): Promise<void> | void;
  /** The content is no instance; its quarantine row is not there yet. */
  rejected(object: ListedObject, rejection: QuarantinedObject): Promise<void>;
  /** The row of its instance stands for another content, dropped no later, or a copy's ETag says nothing. Rows that were written meanwhile count from then on. */
  differing(object: ListedObject, held: Instance): Promise<'indexed' | 'left'>;
  /** The row of its instance has the same ETag under another key. */
  copied(object: ListedObject, held: Instance): Promise<void>;
  /** No row has its instance. `again`: rows were written, and what is still open is looked at anew. */
  unknown(object: ListedObject, open: readonly ListedObject[]): Promise<'again' | 'passed'>;
}

/**
 * Finds the rows behind listed objects of a source. No index leads from a key to its row, since that would cost a second
 * write for each instance: one header of each series tells which it is, and the rows of that series account for all its
 * other objects. Throws when S3 or the table cannot be read.
 */
export async function accountFor(
  deps: AccountingDeps,
  source: Source,
  objects: readonly ListedObject[],
  hooks: AccountingHooks,
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
    // Copies of one instance are told one by one; the rows are read once for all of them.
    let instances = rowsOf.get(id.seriesInstanceUid) ?? (await deps.instances.ofSeries(id));
    const held = instances.find(({ sopInstanceUid }) => sopInstanceUid === read.instance.sopInstanceUid);
    if (held === undefined) {
      const outcome = await hooks.unknown(object, open);
      if (outcome === 'passed') open = open.slice(1);
      rowsOf.clear();
      continue;
    }
    if (held.object.etag !== read.instance.object.etag) {
      // Where another content was dropped later, the row stands for that one.
      const isSuperseded = isOlder(read.instance.object, held.object);
      if (!isSuperseded && (await hooks.differing(object, held)) === 'indexed')
        instances = await deps.instances.ofSeries(id);
    } else if (held.object.key !== object.key) {
      await hooks.copied(object, held);
    }
    rowsOf.set(id.seriesInstanceUid, instances);
    const rows = new Set(instances.map((instance) => `${instance.object.etag} ${instance.object.key}`));
    const isAccounted = (listed: ListedObject) =>
      listed === object || rows.has(`${listed.etag} ${listed.key}`);
    await hooks.known(id, instances, open.filter(isAccounted));
    open = open.filter((listed) => !isAccounted(listed));
  }
}
