import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ChangeRange } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import { addSeconds } from '../../shared/time.ts';
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

/** The part of the partitions to read, in which order. */
export interface IndexRange extends ChangeRange {
  after?: Position;
}

/** Of one partition, beyond its share: partitions are never equally full. */
const PAGE_SLACK = 20;
const MAX_PAGE = 500;
const FILTERED_PAGE = 1000;

/** What was read of a partition and not taken yet, in order. */
interface Head {
  partition: IndexPartition;
  /** Of the next page. */
  pageSize: number;
  read: Position[];
  startKey: Row | undefined;
  isRead: boolean;
}

/** The rows of several partitions in one order. */
export class MergedIndex {
  readonly #table: TableRef;
  readonly #range: IndexRange;
  readonly #heads: Head[];

  /** @param expected so many rows are taken first */
  constructor(
    table: TableRef,
    partitions: readonly IndexPartition[],
    expected: number,
    range: IndexRange = {},
  ) {
    this.#table = table;
    this.#range = range;
    const pageSize = Math.ceil(expected / partitions.length) + PAGE_SLACK;
    this.#heads = partitions.map((partition) => ({
      partition,
      pageSize,
      read: [],
      startKey: undefined,
      isRead: false,
    }));
  }

  /**
   * The next rows, at least `count` of them if there are so many. Rows of one instant come in no order from an index, so they are
   * taken together, and sorted.
   */
  async take(count: number): Promise<Position[]> {
    const readOn = (head: Head) => readPage(this.#table, head, this.#range);
    const isBefore =
      this.#range.sort === 'oldest' ? (a: string, b: string) => a < b : (a: string, b: string) => a > b;
    // A row that moves meanwhile may be read in two partitions.
    const found = new Map<string, Position>();
    while (found.size < count) {
      await Promise.all(this.#heads.map((head) => readUntil(head, () => head.read.length > 0, readOn)));
      const [first, ...others] = this.#heads.flatMap(({ read }) => read[0]?.changedAt ?? []);
      if (first === undefined) break;
      const instant = others.reduce((a, b) => (isBefore(b, a) ? b : a), first);
      const isLater = ({ changedAt }: Position) => isBefore(instant, changedAt);
      await Promise.all(
        this.#heads
          .filter(({ read }) => read[0]?.changedAt === instant)
          .map((head) => readUntil(head, () => head.read.some(isLater), readOn)),
      );
      const next = this.#heads.flatMap((head) => takeUntil(head, isLater)).sort(inOrder(this.#range));
      for (const position of next) found.set(position.pk, position);
    }
    return [...found.values()];
  }
}

/** Compares two positions by the order of a list. */
export function inOrder({ sort }: ChangeRange): (a: Position, b: Position) => number {
  const later = sort === 'oldest' ? -1 : 1;
  return (a, b) => {
    if (a.changedAt !== b.changedAt) return a.changedAt < b.changedAt ? later : -later;
    return a.pk < b.pk ? -1 : a.pk > b.pk ? 1 : 0;
  };
}

async function readUntil(head: Head, isEnough: () => boolean, readOn: (head: Head) => Promise<void>) {
  while (!head.isRead && !isEnough()) await readOn(head);
}

function takeUntil(head: Head, isOther: (position: Position) => boolean): Position[] {
  const at = head.read.findIndex(isOther);
  return head.read.splice(0, at < 0 ? head.read.length : at);
}

async function readPage(table: TableRef, head: Head, range: IndexRange): Promise<void> {
  const { partition, startKey } = head;
  const query = queryOf(table, partition, range);
  if (query === 'none') {
    head.isRead = true;
    return;
  }
  const answer = await table.client.send(
    new QueryCommand({
      ...query,
      ScanIndexForward: range.sort === 'oldest',
      Limit: partition.pkPrefix === undefined ? head.pageSize : FILTERED_PAGE,
      ...defined({ ExclusiveStartKey: startKey }),
    }),
  );
  const { after } = range;
  const compare = inOrder(range);
  const positions = (answer.Items ?? [])
    .map(toPosition)
    .filter((position) => after === undefined || compare(after, position) < 0);
  head.read.push(...positions);
  // Most of the rows are in few partitions.
  head.pageSize = Math.min(MAX_PAGE, head.pageSize * 2);
  head.startKey = answer.LastEvaluatedKey;
  head.isRead = head.startKey === undefined;
}

/** Asks for the rows of a partition in a range; `none` where no row could be in it, which DynamoDB would refuse. */
export function queryOf(
  { tableName }: TableRef,
  { indexName, keyName, key, pkPrefix }: IndexPartition,
  range: IndexRange,
) {
  const times = timesOf(range);
  if (times === 'none') return 'none';
  return {
    TableName: tableName,
    IndexName: indexName,
    KeyConditionExpression: ['#key = :key', ...times.conditions].join(' AND '),
    ...(pkPrefix === undefined ? {} : { FilterExpression: 'begins_with(pk, :prefix)' }),
    ExpressionAttributeNames: { '#key': keyName },
    ExpressionAttributeValues: { ':key': key, ...times.values, ...defined({ ':prefix': pkPrefix }) },
  };
}

/** The condition on `changedAt`. */
function timesOf({ after, since, until, sort }: IndexRange) {
  // Includes the position's own instant: several rows may have changed in the same millisecond.
  const isForward = sort === 'oldest';
  const lower = latest(since, isForward ? after?.changedAt : undefined);
  const last = until === undefined ? undefined : addSeconds(until, -0.001);
  const upper = earliest(last, isForward ? undefined : after?.changedAt);
  if (lower !== undefined && upper !== undefined) {
    if (lower > upper) return 'none';
    return {
      conditions: ['changedAt BETWEEN :lower AND :upper'],
      values: { ':lower': lower, ':upper': upper },
    };
  }
  if (lower !== undefined) return { conditions: ['changedAt >= :lower'], values: { ':lower': lower } };
  if (upper !== undefined) return { conditions: ['changedAt <= :upper'], values: { ':upper': upper } };
  return { conditions: [], values: {} };
}

function latest(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function earliest(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function toPosition(row: Row): Position {
  return { changedAt: String(row['changedAt']), pk: String(row['pk']) };
}
