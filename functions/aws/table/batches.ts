import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { causeOf } from '../../shared/dead-letter-cause.ts';

/** Limits of BatchWriteItem and BatchGetItem (Amazon DynamoDB API Reference). */
const MAX_WRITES = 25;
const MAX_READS = 100;
/** Batches under way at once. */
const CONCURRENCY = 4;
const MAX_ATTEMPTS = 8;

export interface TableRef {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  tableName: string;
  /** Waits between attempts at a batch. @default a timer */
  sleep?(ms: number): Promise<unknown>;
  /** In [0, 1), for the jitter of these waits. @default Math.random */
  random?(): number;
}

export type Row = Record<string, unknown>;
export type RowKey = { pk: string; sk: string };
type WriteRequest = { PutRequest: { Item: Row } } | { DeleteRequest: { Key: RowKey } };

/** Writes all rows or throws: DynamoDB may leave a part of a batch unprocessed, which is sent again with growing waits. */
export async function writeRows(
  table: TableRef,
  puts: readonly Row[],
  deletes: readonly RowKey[] = [],
): Promise<void> {
  const requests: WriteRequest[] = [
    ...puts.map((Item) => ({ PutRequest: { Item } })),
    ...deletes.map((Key) => ({ DeleteRequest: { Key } })),
  ];
  await forEachChunk(requests, MAX_WRITES, (chunk) => writeChunk(table, chunk));
}

async function writeChunk(table: TableRef, chunk: WriteRequest[]): Promise<void> {
  const { client, tableName } = table;
  let pending = chunk;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    const request = new BatchWriteCommand({ RequestItems: { [tableName]: pending } });
    const answer = await unlessBusy(client.send(request), attempt);
    if (answer !== 'busy') pending = (answer.UnprocessedItems?.[tableName] ?? []) as WriteRequest[];
    if (pending.length > 0) await waitOrGiveUp(table, 'BatchWriteItem', attempt, pending.length);
  }
}

/** Reads all rows that exist, strongly consistent, in no particular order; or throws. Keys must be distinct. */
export async function readRows(table: TableRef, keys: readonly RowKey[]): Promise<Row[]> {
  const rows: Row[] = [];
  await forEachChunk(keys, MAX_READS, async (chunk) => {
    let pending: Row[] = chunk;
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      const request: BatchGetCommandInput = {
        RequestItems: { [table.tableName]: { Keys: pending, ConsistentRead: true } },
      };
      const answer = await unlessBusy(table.client.send(new BatchGetCommand(request)), attempt);
      if (answer !== 'busy') {
        rows.push(...(answer.Responses?.[table.tableName] ?? []));
        pending = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? [];
      }
      if (pending.length > 0) await waitOrGiveUp(table, 'BatchGetItem', attempt, pending.length);
    }
  });
  return rows;
}

/**
 * A batch of which DynamoDB can process nothing is refused as a whole (Amazon DynamoDB API Reference, BatchWriteItem): the same
 * as all of it being left, and waited for in the same way, beyond the SDK's own second or two. Both kinds of batches may be sent
 * twice. The last refusal is thrown as it is.
 */
export async function unlessBusy<T>(answer: Promise<T>, attempt: number): Promise<T | 'busy'> {
  try {
    return await answer;
  } catch (error) {
    const isBusy = ['throttled', 'service_unavailable'].includes(causeOf(error));
    if (!isBusy || attempt >= MAX_ATTEMPTS) throw error;
    return 'busy';
  }
}

/** DynamoDB left items of a batch unprocessed again and again. Transient. */
export class UnprocessedItemsError extends Error {
  override name = 'UnprocessedItemsError';
}

async function waitOrGiveUp(
  { sleep = wait, random = Math.random }: TableRef,
  operation: string,
  attempt: number,
  left: number,
): Promise<void> {
  if (attempt >= MAX_ATTEMPTS) {
    throw new UnprocessedItemsError(
      `${operation} left ${left} item(s) unprocessed after ${attempt} attempts; the message is retried later`,
    );
  }
  // Equal jitter, as AWS advises for unprocessed items: 25 ms, 50 ms … 3.2 s.
  const ceilingMs = 25 * 2 ** attempt;
  await sleep(ceilingMs / 2 + (random() * ceilingMs) / 2);
}

async function forEachChunk<T>(
  items: readonly T[],
  size: number,
  work: (chunk: T[]) => Promise<void>,
): Promise<void> {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  for (let at = 0; at < chunks.length; at += CONCURRENCY) {
    await Promise.all(chunks.slice(at, at + CONCURRENCY).map(work));
  }
}
