import type { Instance, StoredObject } from '../../../functions/core/instance.ts';
import type { InstanceId, ReconcileStore } from '../../../functions/core/ports.ts';
import type { QuarantinedObject } from '../../../functions/core/quarantine.ts';
import type { GoneObject, Pass } from '../../../functions/core/reconciliation.ts';
import type { InstanceRows } from './instance-rows.ts';
import { pkOf } from './series-store.ts';
import type { QuarantineRows } from './source-rows.ts';
import { storedCopy } from './stored-copy.ts';

/** Rows of reconciliation with the conditions of `functions/adapters/table/reconcile-store.ts`. */
export class ReconcileRows implements ReconcileStore {
  readonly #instances: InstanceRows;
  readonly #quarantine: QuarantineRows;
  readonly #gone = new Map<string, GoneObject>();
  #pass: Pass | undefined;

  constructor(instances: InstanceRows, quarantine: QuarantineRows) {
    this.#instances = instances;
    this.#quarantine = quarantine;
  }

  async loadPass(): Promise<Pass | undefined> {
    return this.#pass === undefined ? undefined : storedCopy(this.#pass);
  }

  async savePass(pass: Pass): Promise<void> {
    this.#pass = storedCopy(pass);
  }

  async noteGone(gone: GoneObject): Promise<void> {
    const earlier = this.#gone.get(goneKey(gone));
    if (earlier === undefined || !isSameObject(earlier.object, gone.object))
      this.#gone.set(goneKey(gone), storedCopy(gone));
  }

  async listGone({ source }: { source?: string }): Promise<{ items: GoneObject[] }> {
    const items = [...this.#gone.values()].filter((gone) => source === undefined || gone.source === source);
    return { items: storedCopy(items) };
  }

  async forgetGone(id: InstanceId): Promise<void> {
    this.#gone.delete(goneKey(id));
  }

  async removeInstance(instance: Instance): Promise<'removed' | 'changed'> {
    const [row] = await this.#instances.find([instance]);
    if (row === undefined || !isSameObject(row.object, instance.object)) return 'changed';
    if (row.indexedAt !== instance.indexedAt) return 'changed';
    this.#instances.remove(instance);
    return 'removed';
  }

  async removeQuarantined(object: QuarantinedObject): Promise<'removed' | 'changed'> {
    const [row] = await this.#quarantine.find([object.key]);
    if (row?.at !== object.at || row.reason !== object.reason || row.etag !== object.etag) return 'changed';
    await this.#quarantine.remove([object.key]);
    return 'removed';
  }
}

function goneKey(id: InstanceId): string {
  return `${pkOf(id)}#${id.sopInstanceUid}`;
}

function isSameObject(a: StoredObject, b: StoredObject): boolean {
  return a.key === b.key && a.etag === b.etag;
}
