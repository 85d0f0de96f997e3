import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Series } from '../../series/series.ts';
import { SERIES_STATES } from '../../series/series-facts.ts';
import type { SeriesQuery } from '../../series/series-store.ts';
import { InvalidCursorError } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import { type Row, readRows, type TableRef } from './batches.ts';
import { SERIES_ROW, STATE_INDEX, STUDY_INDEX } from './keys.ts';
import { toSeries } from './series-rows.ts';

/** Where a page ended: `changedAt` and `pk` of its last series. Sorting by both makes the order total. */
interface Position {
  changedAt: string;
  pk: string;
}

/** Series of the same millisecond as the position are read again and passed over. */
const INDEX_PAGE_SLACK = 50;
/** A filter is applied after the limit, so a page of one source among many has to look further. */
const FILTERED_PAGE = 1000;

/** A study has few series, and one page answers them all. */
const MAX_STUDY_SERIES = 1000;

/**
 * Series, newest change first, a page at a time. There is no index over all states: each state's index is asked for
 * one page and the answers are merged, which is exact because each comes in order.
 */
export async function listSeries(
  table: TableRef,
  query: SeriesQuery,
): Promise<{ series: Series[]; cursor?: string }> {
  if (query.studyInstanceUid !== undefined) return listStudy(table, query, query.studyInstanceUid);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const states = query.state === undefined ? SERIES_STATES : [query.state];
  const pages = await Promise.all(states.map((state) => stateIndexPage(table, state, query, after)));
  const seen = new Set<string>();
  // The states are asked one by one: a series that moves meanwhile may stand under two of them.
  const positions = pages
    .flat()
    .sort(newestFirst)
    .filter(({ pk }) => !seen.has(pk) && seen.add(pk));
  return page(table, positions, query.limit);
}

async function stateIndexPage(
  table: TableRef,
  state: string,
  query: SeriesQuery,
  after?: Position,
): Promise<Position[]> {
  const found: Position[] = [];
  let startKey: Row | undefined;
  do {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: STATE_INDEX,
        // Includes the position's own instant: several series may have changed in the same millisecond.
        KeyConditionExpression:
          after === undefined ? '#state = :state' : '#state = :state AND changedAt <= :after',
        ...(query.source === undefined ? {} : { FilterExpression: 'begins_with(pk, :source)' }),
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':state': state,
          ...(after === undefined ? {} : { ':after': after.changedAt }),
          ...(query.source === undefined ? {} : { ':source': `${query.source}#` }),
        },
        ScanIndexForward: false,
        Limit: query.source === undefined ? query.limit + INDEX_PAGE_SLACK : FILTERED_PAGE,
        ...defined({ ExclusiveStartKey: startKey }),
      }),
    );
    const positions = (answer.Items ?? []).map(toPosition);
    found.push(...positions.filter((position) => after === undefined || newestFirst(after, position) < 0));
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined && found.length <= query.limit);
  return found;
}

async function listStudy(table: TableRef, query: SeriesQuery, studyInstanceUid: string) {
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: STUDY_INDEX,
      KeyConditionExpression: 'studyInstanceUid = :study',
      ExpressionAttributeValues: { ':study': studyInstanceUid },
      Limit: MAX_STUDY_SERIES,
    }),
  );
  const keys = (answer.Items ?? []).map((row) => ({ pk: String(row['pk']), sk: SERIES_ROW }));
  const series = (await readRows(table, keys))
    .map(toSeries)
    .filter((item) => query.state === undefined || item.state === query.state)
    .filter((item) => query.source === undefined || item.source === query.source)
    .sort((a, b) => newestFirst(positionOf(a), positionOf(b)));
  return { series };
}

async function page(table: TableRef, positions: readonly Position[], limit: number) {
  const shown = positions.slice(0, limit);
  const rows = await readRows(
    table,
    shown.map(({ pk }) => ({ pk, sk: SERIES_ROW })),
  );
  const byPk = new Map(rows.map((row) => [String(row['pk']), toSeries(row)]));
  const series = shown.flatMap(({ pk }) => byPk.get(pk) ?? []);
  const last = shown.at(-1);
  return positions.length > limit && last !== undefined ? { series, cursor: encodeCursor(last) } : { series };
}

function toPosition(row: Row): Position {
  return { changedAt: String(row['changedAt']), pk: String(row['pk']) };
}

function positionOf(series: Series): Position {
  return { changedAt: series.changedAt, pk: `${series.source}#${series.seriesInstanceUid}` };
}

function newestFirst(a: Position, b: Position): number {
  if (a.changedAt !== b.changedAt) return a.changedAt < b.changedAt ? 1 : -1;
  return a.pk < b.pk ? -1 : a.pk > b.pk ? 1 : 0;
}

/** DynamoDB refuses a whole request for a key that is empty or too long, and a made-up cursor may hold either. */
function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value);
}

/** Partition keys hold 1 to 2,048 bytes (Amazon DynamoDB Developer Guide, "Constraints"); a cursor is shorter. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

export function encodeCursor(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws `InvalidCursorError` for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && 'changedAt' in value && 'pk' in value) {
      const { changedAt, pk } = value;
      if (isInstant(changedAt) && isKey(pk)) return { changedAt, pk };
    }
  } catch {
    // Falls through to the one error below.
  }
  throw new InvalidCursorError('expected a cursor that an earlier page gave; start again without one');
}
