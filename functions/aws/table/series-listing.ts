import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Series } from '../../series/series.ts';
import { SERIES_STATES } from '../../series/series-facts.ts';
import type { SeriesPage, SeriesQuery } from '../../series/series-store.ts';
import { type Row, readRows, type TableRef } from './batches.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import {
  SERIES_ROW,
  SOURCE_STATE_INDEX,
  STATE_INDEX,
  STUDY_INDEX,
  seriesPk,
  shardsOf,
  sourceAndState,
} from './keys.ts';
import { type IndexPartition, newestFirst, newestOf, type Position } from './merged-index.ts';
import { toSeries } from './series-rows.ts';

/** A study has few series, and one page answers them all. */
const MAX_STUDY_SERIES = 1000;

/**
 * Series, newest change first, a page at a time. There is no index over all states: the shards of each state are merged, which is
 * exact because each comes in order.
 */
export async function listSeries(table: TableRef, query: SeriesQuery): Promise<SeriesPage> {
  const { source, studyInstanceUid, limit } = query;
  if (studyInstanceUid !== undefined) return listStudy(table, query, studyInstanceUid);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const states = query.state === undefined ? SERIES_STATES : [query.state];
  const newest = (partitions: IndexPartition[]) => newestOf(table, partitions, limit, after);
  if (source === undefined) return page(table, await newest(ofStates(states)), limit);
  try {
    return await page(table, await newest(ofSource(source, states)), limit);
  } catch (error) {
    if (!isIndexUnready(error)) throw error;
    return page(table, await newest(ofStates(states, `${source}#`)), limit);
  }
}

function ofStates(states: readonly string[], pkPrefix?: string): IndexPartition[] {
  const filter = pkPrefix === undefined ? {} : { pkPrefix };
  return states
    .flatMap(shardsOf)
    .map((key) => ({ indexName: STATE_INDEX, keyName: 'state', key, ...filter }));
}

function ofSource(source: string, states: readonly string[]): IndexPartition[] {
  return states
    .flatMap((state) => shardsOf(sourceAndState(source, state)))
    .map((key) => ({ indexName: SOURCE_STATE_INDEX, keyName: 'sourceAndState', key }));
}

/** An upgrade has added the index, and DynamoDB is still filling it: until then it refuses every query. */
function isIndexUnready(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
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
  const keys = (answer.Items ?? []).map((row: Row) => ({ pk: String(row['pk']), sk: SERIES_ROW }));
  const series = (await readRows(table, keys))
    .map(toSeries)
    .filter((item) => query.state === undefined || item.state === query.state)
    .filter((item) => query.source === undefined || item.source === query.source)
    .sort((a, b) => newestFirst(positionOf(a), positionOf(b)));
  return { series, unindexed: [] };
}

async function page(table: TableRef, positions: readonly Position[], limit: number): Promise<SeriesPage> {
  const shown = positions.slice(0, limit);
  const rows = await readRows(
    table,
    shown.map(({ pk }) => ({ pk, sk: SERIES_ROW })),
  );
  const byPk = new Map(rows.map((row) => [String(row['pk']), toSeries(row)]));
  const series = shown.flatMap(({ pk }) => byPk.get(pk) ?? []);
  const unindexed = rows.filter((row) => row['sourceAndState'] === undefined).map(toSeries);
  const last = shown.at(-1);
  const cursor = positions.length > limit && last !== undefined ? { cursor: encodeCursor(last) } : {};
  return { series, unindexed, ...cursor };
}

function positionOf(series: Series): Position {
  return { changedAt: series.changedAt, pk: seriesPk(series) };
}
