import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { INDEXES } from '../functions/aws/table/keys.ts';
import { TABLE_NAME } from './embedded-cloud.ts';

/** What DynamoDB bills with each item and each index entry. Source: DynamoDB developer guide, "Item sizes and formats", and its pricing page. */
const ITEM_OVERHEAD_BYTES = 100;

/** What the table and its indexes hold, as DynamoDB bills storage. */
export async function storedBytes(client: DynamoDBClient): Promise<number> {
  let bytes = 0;
  for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE_NAME }))
    for (const item of Items) bytes += bytesOfItem(item);
  return bytes;
}

function bytesOfItem(item: Record<string, AttributeValue>): number {
  const entries = Object.values(INDEXES)
    .filter(({ partitionKey, sortKey }) => partitionKey in item && sortKey in item)
    .map(({ partitionKey, sortKey }) =>
      sizeOf(Object.fromEntries(['pk', 'sk', partitionKey, sortKey].map((name) => [name, item[name]]))),
    );
  return [sizeOf(item), ...entries].reduce((sum, bytes) => sum + bytes + ITEM_OVERHEAD_BYTES, 0);
}

/** Names and values as text; numbers and types are close enough to it. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean') return 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + sizeOf(one), 3);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + (TYPES.has(name) ? 0 : name.length) + sizeOf(one),
    0,
  );
}

/** Of the wire format, and no name of an attribute. */
const TYPES = new Set(['S', 'N', 'B', 'M', 'L', 'BOOL', 'NULL', 'SS', 'NS', 'BS']);
