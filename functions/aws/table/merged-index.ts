import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { defined } from '../../shared/defined.ts';
import type { Row, TableRef } from './batches.ts';

/** A row in an index: when it changed, and its partition key. Sorting by both makes the order total. */
export interface Position {
  changedAt: string;
  pk: string;
}

/** One partition of an index whose sort key is `changedAt`. */
export interface IndexPartition {
  indexName: string;
  keyName: string;
  key: string;
  /** Only rows whose partition key begins so. A filter is applied after the limit of a page, which is therefore a large one. */
  pkPrefix?: string;
}

/** Of one partition, beyond its share: partitions are never equally full. */
const PAGE_SLACK = 20;
const FILTERED_PAGE = 1000;

/** What was read of a partition and not taken yet, newest first. */
interface Head {
  partition: IndexPartition;
  read: Position[];
  startKey: Row | undefined;
  isRead: boolean;
}

/**
 * The newest rows of several partitions in one order, at least `limit + 1` of them if there are so many. Rows of one instant
 * come in no order from an index, so they are taken together, and sorted.
 */
export async function newestOf(
  table: TableRef,
  partitions: readonly IndexPartition[],
  limit: number,
  after?: Position,
): Promise<Position[]> {
  const pageSize = Math.ceil(limit / partitions.length) + PAGE_SLACK;
  const readOn = (head: Head) => readPage(table, head, pageSize, after);
  const heads: Head[] = partitions.map((partition) => ({
    partition,
    read: [],
    startKey: undefined,
    isRead: false,
  }));
  const found: Position[] = [];
  while (found.length <= limit) {
    await Promise.all(heads.map((head) => readUntil(head, () => head.read.length > 0, readOn)));
    const newest = heads.map(({ read }) => read[0]?.changedAt ?? '').reduce((a, b) => (a > b ? a : b));
    if (newest === '') break;
    const isOlder = ({ changedAt }: Position) => changedAt < newest;
    await Promise.all(
      heads
        .filter(({ read }) => read[0]?.changedAt === newest)
        .map((head) => readUntil(head, () => head.read.some(isOlder), readOn)),
    );
    found.push(...heads.flatMap((head) => takeUntil(head, isOlder)).sort(newestFirst));
  }
  // A row that moves meanwhile may be read in two partitions.
  return [...new Map(found.map((position) => [position.pk, position])).values()];
}

export function newestFirst(a: Position, b: Position): number {
  if (a.changedAt !== b.changedAt) return a.changedAt < b.changedAt ? 1 : -1;
  return a.pk < b.pk ? -1 : a.pk > b.pk ? 1 : 0;
}

async function readUntil(head: Head, isEnough: () => boolean, readOn: (head: Head) => Promise<void>) {
  while (!head.isRead && !isEnough()) await readOn(head);
}

function takeUntil(head: Head, isOther: (position: Position) => boolean): Position[] {
  const at = head.read.findIndex(isOther);
  return head.read.splice(0, at < 0 ? head.read.length : at);
}

async function readPage(table: TableRef, head: Head, pageSize: number, after?: Position): Promise<void> {
  const { indexName, keyName, key, pkPrefix } = head.partition;
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: indexName,
      // Includes the position's own instant: several rows may have changed in the same millisecond.
      KeyConditionExpression: after === undefined ? '#key = :key' : '#key = :key AND changedAt <= :after',
      ...(pkPrefix === undefined ? {} : { FilterExpression: 'begins_with(pk, :prefix)' }),
      ExpressionAttributeNames: { '#key': keyName },
      ExpressionAttributeValues: {
        ':key': key,
        ...defined({ ':after': after?.changedAt, ':prefix': pkPrefix }),
      },
      ScanIndexForward: false,
      Limit: pkPrefix === undefined ? pageSize : FILTERED_PAGE,
      ...defined({ ExclusiveStartKey: head.startKey }),
    }),
  );
  const positions = (answer.Items ?? []).map(toPosition);
  head.read.push(...positions.filter((position) => after === undefined || newestFirst(after, position) < 0));
  head.startKey = answer.LastEvaluatedKey;
  head.isRead = head.startKey === undefined;
}

function toPosition(row: Row): Position {
  return { changedAt: String(row['changedAt']), pk: String(row['pk']) };
}
