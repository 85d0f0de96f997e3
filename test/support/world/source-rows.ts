import { decodeCursor, encodeCursor } from '../../../functions/adapters/table/series-listing.ts';
import type { Circuit } from '../../../functions/core/circuit.ts';
import type { Marker } from '../../../functions/core/marker.ts';
import type { ModelVersion } from '../../../functions/core/model-version.ts';
import type {
  CircuitStore,
  MarkerStore,
  ModelVersionStore,
  QuarantineStore,
  QuotaStore,
  WorkspaceStore,
} from '../../../functions/core/ports.ts';
import type { QuarantinedObject } from '../../../functions/core/quarantine.ts';
import { NO_QUOTA, type Quota } from '../../../functions/core/quota.ts';
import { expectDistinct, storedCopy } from './stored-copy.ts';

/** Quarantine rows by key, listed newest first. */
export class QuarantineRows implements QuarantineStore {
  readonly #rows = new Map<string, QuarantinedObject>();

  all(): QuarantinedObject[] {
    return storedCopy([...this.#rows.values()]);
  }

  async find(keys: readonly string[]): Promise<QuarantinedObject[]> {
    expectDistinct(keys);
    return keys.flatMap((key) => storedCopy(this.#rows.get(key) ?? []));
  }

  async put(objects: readonly QuarantinedObject[]): Promise<void> {
    expectDistinct(objects.map(({ key }) => key));
    for (const object of objects) this.#rows.set(object.key, storedCopy(object));
  }

  async remove(keys: readonly string[]): Promise<void> {
    expectDistinct(keys);
    for (const key of keys) this.#rows.delete(key);
  }

  async list({ limit, cursor }: { limit: number; cursor?: string }) {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = this.all()
      .map((object) => ({ object, position: `${object.at} ${object.id}` }))
      .filter(({ position }) => after === undefined || position < `${after.changedAt} ${after.pk}`)
      .sort((a, b) => (a.position < b.position ? 1 : -1));
    const items = rows.slice(0, limit).map(({ object }) => object);
    const last = items.at(-1);
    return rows.length > limit && last !== undefined
      ? { items, cursor: encodeCursor({ changedAt: last.at, pk: last.id }) }
      : { items };
  }
}

export class MarkerRows implements MarkerStore {
  readonly #rows = new Map<string, Marker>();

  async put(marker: Marker): Promise<void> {
    this.#rows.set(`${marker.source}#${marker.id}`, storedCopy(marker));
  }

  async markKept(marker: Marker): Promise<void> {
    const row = this.#rows.get(`${marker.source}#${marker.id}`);
    if (row?.droppedAt === marker.droppedAt) await this.put({ ...row, isKept: true });
  }

  async load(source: string, markerId: string): Promise<Marker | undefined> {
    return (await this.find(source, [markerId]))[0];
  }

  async find(source: string, markerIds: readonly string[]): Promise<Marker[]> {
    expectDistinct(markerIds);
    return markerIds.flatMap((id) => storedCopy(this.#rows.get(`${source}#${id}`) ?? []));
  }
}

export class WorkspaceRows implements WorkspaceStore {
  readonly #holders = new Map<string, string>();

  async take(workspace: string, uid: string, source: string): Promise<string> {
    const key = `${workspace} ${uid}`;
    const holder = this.#holders.get(key) ?? source;
    this.#holders.set(key, holder);
    return holder;
  }
}

export class CircuitRows implements CircuitStore {
  readonly #circuits = new Map<string, Circuit>();
  readonly #denials = new Map<string, number>();

  async load(source: string): Promise<{ circuit?: Circuit; denials: number }> {
    const circuit = this.#circuits.get(source);
    const denials = this.#denials.get(source) ?? 0;
    return circuit === undefined ? { denials } : { circuit: storedCopy(circuit), denials };
  }

  async put(circuit: Circuit): Promise<void> {
    this.#circuits.set(circuit.source, storedCopy(circuit));
  }

  async amend(circuit: Circuit): Promise<void> {
    if (this.#circuits.get(circuit.source)?.openedAt === circuit.openedAt) await this.put(circuit);
  }

  async removeRecovered(source: string): Promise<void> {
    if (this.#circuits.get(source)?.recoveringAt !== undefined) this.#circuits.delete(source);
  }

  async countDenial(source: string): Promise<number> {
    const count = (this.#denials.get(source) ?? 0) + 1;
    this.#denials.set(source, count);
    return count;
  }

  async resetDenials(source: string): Promise<void> {
    this.#denials.delete(source);
  }
}

/** Model versions by source and use case. */
export class ModelVersionRows implements ModelVersionStore {
  readonly #rows = new Map<string, ModelVersion>();

  async load(source: string, usecase: string): Promise<ModelVersion | undefined> {
    const row = this.#rows.get(`${source} ${usecase}`);
    return row === undefined ? undefined : storedCopy(row);
  }

  async replace(next: ModelVersion, before: ModelVersion | undefined): Promise<boolean> {
    const key = `${next.source} ${next.usecase}`;
    const standing = this.#rows.get(key);
    if (standing?.modelVersion !== before?.modelVersion || standing?.since !== before?.since) return false;
    this.#rows.set(key, storedCopy(next));
    return true;
  }
}

/** Quotas by source; nobody else is at them. */
export class QuotaRows implements QuotaStore {
  readonly #rows = new Map<string, Quota>();
  /** Writes so far. */
  saves = 0;

  of(source: string): Quota {
    return storedCopy(this.#rows.get(source) ?? NO_QUOTA);
  }

  async decide<D extends { quota: Quota }>(source: string, decision: (standing: Quota) => D): Promise<D> {
    const standing = this.of(source);
    const decided = decision(standing);
    if (decided.quota === standing) return decided;
    this.#rows.set(source, storedCopy({ ...decided.quota, version: standing.version + 1 }));
    this.saves += 1;
    return decided;
  }
}
