import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Series } from '../../series/series.ts';
import type { SeriesPage, SeriesQuery } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import { type Row, type RowKey, readRows, type TableRef } from './batches.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { SERIES_ROW, STUDY_INDEX, seriesPk } from './keys.ts';
import { inOrder, MergedIndex, type Position } from './merged-index.ts';
import { listKeys, toSeries } from './series-rows.ts';
import { overStates } from './state-partitions.ts';

/** A study has few series. */
const MAX_STUDY_SERIES = 1000;

/** Rows that are read at once where few of them are wanted, and at most for one page. */
const EXAMINED_AT_ONCE = 250;
const MAX_EXAMINED = 1000;

/**
 * Series by their last change, a page at a time. There is no index over all states: the shards of each state are merged, which is
 * exact because each comes in order. What no index tells (`isWanted`) is asked of the rows, so a page may have few of them, and
 * lead on.
 */
export async function listSeries(table: TableRef, query: SeriesQuery): Promise<SeriesPage> {
  const { studyInstanceUid, isWanted, limit, studies = limit } = query;
  if (studyInstanceUid !== undefined) return listStudies(table, query, [studyInstanceUid].flat());
  const series: Series[] = [];
  const cursors: string[] = [];
  const unindexed: Series[] = [];
  let after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const range = after === undefined ? query : { ...query, after };
  const firstSize = Math.min(limit, studies, EXAMINED_AT_ONCE);
  const { merged, positions } = await overStates(query, async (partitions) => {
    const merged = new MergedIndex(table, partitions, firstSize, range);
    return { merged, positions: await merged.take(firstSize + 1) };
  });
  const seen = new Set<string>();
  let examined = 0;
  let isLast = false;
  while (!isLast && series.length < limit && seen.size < studies && examined < MAX_EXAMINED) {
    // The fewer are wanted, the more are read at once.
    const left = Math.min(limit - series.length, studies - seen.size);
    const nextSize = Math.max(left, Math.ceil(examined / 2));
    const size = Math.min(nextSize, EXAMINED_AT_ONCE, MAX_EXAMINED - examined);
    if (positions.length <= size) positions.push(...(await merged.take(size + 1 - positions.length)));
    isLast = positions.length <= size;
    const next = positions.splice(0, size);
    for (const { position, row } of await rowsAt(table, next)) {
      if (series.length === limit) {
        isLast = false;
        break;
      }
      after = position;
      examined += 1;
      if (row === undefined) continue;
      const one = toSeries(row);
      if (isWanted?.(one) === false) continue;
      series.push(one);
      seen.add(studyOf(one));
      cursors.push(encodeCursor(position));
      if (!isListedAs(row, listKeys(one))) unindexed.push(one);
    }
  }
  return {
    series,
    cursors,
    unindexed,
    ...(isLast || after === undefined ? {} : { cursor: encodeCursor(after) }),
  };
}

async function rowsAt(table: TableRef, positions: readonly Position[]) {
  const rows = await readRows(
    table,
    positions.map(({ pk }) => ({ pk, sk: SERIES_ROW })),
  );
  const byPk = new Map(rows.map((row) => [String(row['pk']), row]));
  return positions.map((position) => ({ position, row: byPk.get(position.pk) }));
}

async function listStudies(
  table: TableRef,
  query: SeriesQuery,
  studies: readonly string[],
): Promise<SeriesPage> {
  const { state, source, since, until, isWanted, limit, known = [] } = query;
  const compare = inOrder(query);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const keys = await Promise.all(studies.map((study) => keysOfStudy(table, study)));
  const read = new Set(known.map(seriesPk));
  const rows = await readRows(
    table,
    keys.flat().filter(({ pk }) => !read.has(pk)),
  );
  const left = known
    .filter(({ studyInstanceUid }) => studies.includes(studyInstanceUid))
    .concat(rows.map(toSeries))
    .filter((item) => state === undefined || [state].flat().includes(item.state))
    .filter((item) => source === undefined || [source].flat().includes(item.source))
    .filter(({ changedAt }) => since === undefined || changedAt >= since)
    .filter(({ changedAt }) => until === undefined || changedAt < until)
    .filter((item) => isWanted === undefined || isWanted(item))
    .filter((item) => after === undefined || compare(after, positionOf(item)) < 0)
    .sort((a, b) => compare(positionOf(a), positionOf(b)));
  const series = left.slice(0, limit);
  const cursors = series.map((item) => encodeCursor(positionOf(item)));
  const cursor = left.length > limit ? cursors.at(-1) : undefined;
  return { series, cursors, unindexed: [], ...defined({ cursor }) };
}

/** The keys of the series of one study, of all sources. */
async function keysOfStudy(table: TableRef, studyInstanceUid: string): Promise<RowKey[]> {
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: STUDY_INDEX,
      KeyConditionExpression: 'studyInstanceUid = :study',
      ExpressionAttributeValues: { ':study': studyInstanceUid },
      Limit: MAX_STUDY_SERIES,
    }),
  );
  return (answer.Items ?? []).map((row) => ({ pk: String(row['pk']), sk: SERIES_ROW }));
}

/** Otherwise an earlier version has written the row. */
function isListedAs(row: Row, { state, sourceAndState }: ReturnType<typeof listKeys>): boolean {
  return row['state'] === state && row['sourceAndState'] === sourceAndState;
}

function studyOf({ source, studyInstanceUid }: Series): string {
  return `${source} ${studyInstanceUid}`;
}

function positionOf(series: Series): Position {
  return { changedAt: series.changedAt, pk: seriesPk(series) };
}
