import { compareUtf8 } from './attribute-values.ts';
import type { Row } from './options.ts';

/** A row where a table or an index keeps it. */
export interface Entry {
  partition: string;
  /** Its one place in the partition: the sort key of a table, the table's whole key in an index. */
  id: string;
  sort: string;
  row: Row;
  bytes: number;
}

interface Partition {
  byId: Map<string, Entry>;
  /** By sort key, then id; made at the first query. */
  sorted: Entry[] | undefined;
}

/** Rows by partition, each partition in the order of its sort key. */
export class SortedRows {
  readonly #partitions = new Map<string, Partition>();

  get(partition: string, id: string): Entry | undefined {
    return this.#partitions.get(partition)?.byId.get(id);
  }

  set(entry: Entry): void {
    let partition = this.#partitions.get(entry.partition);
    if (partition === undefined) {
      partition = { byId: new Map(), sorted: undefined };
      this.#partitions.set(entry.partition, partition);
    }
    const before = partition.byId.get(entry.id);
    partition.byId.set(entry.id, entry);
    const { sorted } = partition;
    if (sorted === undefined) return;
    if (before !== undefined && before.sort === entry.sort) sorted[placeOf(sorted, entry)] = entry;
    else {
      if (before !== undefined) sorted.splice(placeOf(sorted, before), 1);
      sorted.splice(placeOf(sorted, entry), 0, entry);
    }
  }

  delete(partitionKey: string, id: string): void {
    const partition = this.#partitions.get(partitionKey);
    const entry = partition?.byId.get(id);
    if (partition === undefined || entry === undefined) return;
    partition.byId.delete(id);
    if (partition.byId.size === 0) this.#partitions.delete(partitionKey);
    else partition.sorted?.splice(placeOf(partition.sorted, entry), 1);
  }

  /** All of a partition in order. Not to be changed by the caller. */
  ofPartition(partitionKey: string): readonly Entry[] {
    const partition = this.#partitions.get(partitionKey);
    if (partition === undefined) return [];
    partition.sorted ??= [...partition.byId.values()].sort(compareEntries);
    return partition.sorted;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const { byId } of this.#partitions.values()) yield* byId.values();
  }
}

export function compareEntries(a: Pick<Entry, 'sort' | 'id'>, b: Pick<Entry, 'sort' | 'id'>): number {
  return compareUtf8(a.sort, b.sort) || compareUtf8(a.id, b.id);
}

function placeOf(sorted: readonly Entry[], entry: Pick<Entry, 'sort' | 'id'>): number {
  return partitionPoint(sorted, (other) => compareEntries(other, entry) < 0);
}

/** How many of the first members the claim holds for; it must not hold for any after them. */
export function partitionPoint<T>(sorted: readonly T[], claim: (member: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (claim(sorted[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
