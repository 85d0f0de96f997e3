import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { INDEXES, SERIES_ROW } from '../functions/aws/table/keys.ts';
import { TABLE_NAME } from './embedded-cloud.ts';

/**
 * Reckons the write units that index entries cost, which the embedded DynamoDB does not: 1 for an entry that appears or
 * goes, 2 for one whose key changes, none where it stays (Amazon DynamoDB Developer Guide, "Provisioned throughput
 * considerations for global secondary indexes"; our indexes hold keys only, below 1 KB). Series rows alone have
 * entries here. Right only where one write to a row follows another; the counting runs are made so.
 */
export class IndexWrites {
  readonly #reader: DynamoDBClient;
  readonly #entries = new Map<string, IndexEntry | undefined>();
  /** Units by index and partition key, for example `byState RECEIVING#2`. */
  readonly units = new Map<string, number>();

  /** @param reader a client of its own, whose calls are not counted */
  constructor(reader: DynamoDBClient) {
    this.#reader = reader;
  }

  /** Units of the indexes for the write of this input, after it has been made. */
  async after(input: object): Promise<number> {
    const key = seriesKeyOf(input);
    if (key === undefined) return 0;
    const { Item: row = {} } = await this.#reader.send(
      new GetItemCommand({
        TableName: TABLE_NAME,
        Key: { pk: { S: key }, sk: { S: SERIES_ROW } },
        ConsistentRead: true,
      }),
    );
    return Object.entries(INDEXES).reduce((units, [name, { partitionKey, sortKey }]) => {
      const slot = `${name} ${key}`;
      const before = this.#entries.get(slot);
      const now = entryOf(row[partitionKey], row[sortKey]);
      this.#entries.set(slot, now);
      if (before?.partition === now?.partition && before?.sort === now?.sort) return units;
      const changed = [before, now].filter((entry) => entry !== undefined);
      for (const { partition } of changed) {
        const at = `${name} ${partition}`;
        this.units.set(at, (this.units.get(at) ?? 0) + 1);
      }
      return units + changed.length;
    }, 0);
  }
}

interface IndexEntry {
  partition: string;
  sort: string;
}

function entryOf(
  partition: AttributeValue | undefined,
  sort: AttributeValue | undefined,
): IndexEntry | undefined {
  return partition?.S === undefined || sort?.S === undefined
    ? undefined
    : { partition: partition.S, sort: sort.S };
}

/** The partition key of a series row that is put or updated; in a document client's form or in the wire's. */
function seriesKeyOf(input: object): string | undefined {
  const row = 'Item' in input ? input.Item : 'Key' in input ? input.Key : undefined;
  if (typeof row !== 'object' || row === null || !('pk' in row) || !('sk' in row)) return undefined;
  return textOf(row.sk) === SERIES_ROW ? textOf(row.pk) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'S' in value ? String(value.S) : undefined;
}
