import { validationError } from '../service-errors.ts';
import { type StoredRow, storedRowOf } from './attribute-values.ts';
import { LaggingView } from './lagging-view.ts';
import type { Row, SimulatedTableOptions, TableKeys } from './options.ts';
import type { Queried } from './query-rows.ts';
import { type Entry, SortedRows } from './sorted-rows.ts';

export interface RowKey {
  partition: string;
  sort: string;
}

/** The rows of a table with what its indexes and its eventually consistent readers see of them. */
export class TableRows {
  readonly #options: SimulatedTableOptions;
  readonly #rows = new SortedRows();
  readonly #replica = new LaggingView();
  readonly #indexes: { keys: TableKeys; name: string; view: LaggingView }[];

  constructor(options: SimulatedTableOptions) {
    this.#options = options;
    this.#indexes = Object.entries(options.schema.indexes).map(([name, keys]) => ({
      name,
      keys,
      view: new LaggingView(),
    }));
  }

  /** @throws ValidationException for another table's key, or an empty one */
  keyOf(given: Row | undefined): RowKey {
    const { partitionKey, sortKey } = this.#options.schema;
    const isKey = given !== undefined && Object.keys(given).length === 2;
    if (!isKey) throw validationError('The provided key element does not match the schema');
    return { partition: keyText(given, partitionKey), sort: keyText(given, sortKey) };
  }

  keyOfItem(item: Row): RowKey {
    const { partitionKey, sortKey } = this.#options.schema;
    return { partition: keyText(item, partitionKey), sort: keyText(item, sortKey) };
  }

  read(key: RowKey, isConsistent: boolean): Row | undefined {
    const rows = isConsistent ? this.#rows : this.#replica.at(this.#options.now());
    return rows.get(key.partition, key.sort)?.row;
  }

  /** What would be stored for the item. @throws ValidationException when it is too large or cannot be indexed */
  prepare(item: Row): StoredRow {
    const stored = storedRowOf(item);
    for (const { keys } of this.#indexes) assertIndexable(stored.row, keys);
    return stored;
  }

  /** Replaces, adds, or (with nothing to store) removes the row. @returns how it was and how it is */
  write(key: RowKey, stored: StoredRow | undefined): { before: Row | undefined; after: Row | undefined } {
    const before = this.#rows.get(key.partition, key.sort)?.row;
    const after = stored?.row;
    const entry =
      stored === undefined
        ? undefined
        : { partition: key.partition, id: key.sort, sort: key.sort, row: stored.row, bytes: stored.bytes };
    if (entry === undefined) this.#rows.delete(key.partition, key.sort);
    else this.#rows.set(entry);
    this.#propagate(`${key.partition}\0${key.sort}`, entry, before, after);
    if (before !== undefined || after !== undefined) this.#options.onWrite?.(before, after);
    return { before, after };
  }

  /** @throws ValidationException when there is no such index, or it is asked for consistency */
  queried(indexName: string | undefined, isConsistent: boolean): Queried {
    const { schema, now, pageItems = Number.POSITIVE_INFINITY } = this.#options;
    const idOf = (row: Row) => this.keyOfItem(row);
    if (indexName === undefined) {
      return {
        rows: isConsistent ? this.#rows : this.#replica.at(now()),
        keys: schema,
        positionOf: (row) => {
          const { partition, sort } = this.keyOf(row);
          return { partition, sort, id: sort };
        },
        lastKeyOf: (row) => pick(row, [schema.partitionKey, schema.sortKey]),
        pageItems,
      };
    }
    const index = this.#indexes.find(({ name }) => name === indexName);
    if (index === undefined) {
      throw validationError(`The table does not have the specified index: ${indexName}`);
    }
    if (isConsistent) {
      throw validationError('Consistent reads are not supported on global secondary indexes');
    }
    const { keys, view } = index;
    const names = [schema.partitionKey, schema.sortKey, keys.partitionKey, keys.sortKey];
    return {
      rows: view.at(now()),
      keys,
      positionOf: (row) => {
        const id = idOf(row);
        if (new Set(names).size !== Object.keys(row).length) {
          throw validationError('The provided starting key is invalid');
        }
        return {
          partition: keyText(row, keys.partitionKey),
          sort: keyText(row, keys.sortKey),
          id: `${id.partition}\0${id.sort}`,
        };
      },
      lastKeyOf: (row) => pick(row, names),
      pageItems,
    };
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const { row } of this.#rows) yield row;
  }

  #propagate(rowId: string, entry: Entry | undefined, before: Row | undefined, after: Row | undefined): void {
    const nowMs = this.#options.now();
    this.#replica.write(rowId, entry, nowMs, this.#options.indexLagMs());
    for (const { keys, view } of this.#indexes) {
      const { partitionKey, sortKey } = keys;
      // Projected are the keys alone, so nothing else changes an index.
      if (before?.[partitionKey] === after?.[partitionKey] && before?.[sortKey] === after?.[sortKey])
        continue;
      view.write(rowId, this.#project(rowId, after, keys), nowMs, this.#options.indexLagMs());
    }
  }

  /** A row that lacks a key of the index is not in it. */
  #project(rowId: string, row: Row | undefined, keys: TableKeys): Entry | undefined {
    const partition = row?.[keys.partitionKey];
    const sort = row?.[keys.sortKey];
    if (row === undefined || typeof partition !== 'string' || typeof sort !== 'string') return undefined;
    const { partitionKey, sortKey } = this.#options.schema;
    const projected = Object.freeze(pick(row, [partitionKey, sortKey, keys.partitionKey, keys.sortKey]));
    return { partition, sort, id: rowId, row: projected, bytes: storedRowOf(projected).bytes };
  }
}

function pick(row: Row, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

/** Key limits: Amazon DynamoDB Developer Guide, "Quotas": 2048 bytes, 1024 of the sort key. Far from both here. */
function keyText(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string' && value !== '') return value;
  throw validationError(
    value === ''
      ? `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`
      : `One or more parameter values were invalid: Missing the key ${name} in the item, or it is no string`,
  );
}

function assertIndexable(row: Row, { partitionKey, sortKey }: TableKeys): void {
  for (const name of [partitionKey, sortKey]) {
    const value = row[name];
    if (value === undefined || (typeof value === 'string' && value !== '')) continue;
    throw validationError(`One or more parameter values were invalid: Type mismatch for Index Key ${name}`);
  }
}
