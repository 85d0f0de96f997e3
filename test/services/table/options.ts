export type Row = Readonly<Record<string, unknown>>;
export type MutableRow = Record<string, unknown>;

export interface TableKeys {
  partitionKey: string;
  sortKey: string;
}

/** All keys are strings. */
export interface TableSchema extends TableKeys {
  /** By name; each holds its own keys and the table's (projection KEYS_ONLY). */
  indexes: Readonly<Record<string, TableKeys>>;
}

export interface SimulatedTableOptions {
  tableName: string;
  schema: TableSchema;
  /** Milliseconds since 1970. Must never go back. */
  now(): number;
  /** How long each index, and each read that is not consistent, goes without the write made now. Asked once a write and index. */
  indexLagMs(): number;
  /** Rows of a page of Query at most, besides the 1 MB. @default no other limit */
  pageItems?: number;
  /** How many of a batch's items are left undone. @default none */
  unprocessed?(operation: 'BatchGetItem' | 'BatchWriteItem', items: number): number;
  /** Each row that was written, as it was and as it is; `undefined` where there was or is none. */
  onWrite?(before: Row | undefined, after: Row | undefined): void;
}
