import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { SeriesId } from '../../instances/series-id.ts';
import { finalExpiryOf } from '../../series/judged-set.ts';
import type { Series } from '../../series/series.ts';
import { triageOf } from '../../series/triage.ts';
import { defined } from '../../shared/defined.ts';
import type { Row, TableRef } from './batches.ts';
import { EXPIRY_ATTRIBUTE, expiryAttribute } from './expiry.ts';
import {
  DONE_KEYS,
  dueMinuteOf,
  dueShardOf,
  SERIES_ROW,
  seriesPk,
  shardedKey,
  sourceAndState,
  stateOfKey,
} from './keys.ts';

/** All rows of a series whose sort key begins so, in the order of the sort key. */
export async function querySeriesRows(
  { client, tableName }: TableRef,
  id: SeriesId,
  skPrefix: string,
  isConsistent = true,
): Promise<Row[]> {
  const rows: Row[] = [];
  let startKey: Row | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': seriesPk(id), ':prefix': skPrefix },
        ConsistentRead: isConsistent,
        ...defined({ ExclusiveStartKey: startKey }),
      }),
    );
    rows.push(...(answer.Items ?? []));
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined);
  return rows;
}

/** The first of them, as one request brings them; `isAll`: there are no more. */
export async function firstSeriesRows(
  { client, tableName }: TableRef,
  id: SeriesId,
  skPrefix: string,
  limit: number,
): Promise<{ rows: Row[]; isAll: boolean }> {
  const answer = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': seriesPk(id), ':prefix': skPrefix },
      ConsistentRead: true,
      Limit: limit,
    }),
  );
  return { rows: answer.Items ?? [], isAll: answer.LastEvaluatedKey === undefined };
}

/** How many there are, without reading them over the wire. */
export async function countSeriesRows(
  { client, tableName }: TableRef,
  id: SeriesId,
  skPrefix: string,
): Promise<number> {
  let count = 0;
  let startKey: Row | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': seriesPk(id), ':prefix': skPrefix },
        ConsistentRead: true,
        Select: 'COUNT',
        ...defined({ ExclusiveStartKey: startKey }),
      }),
    );
    count += answer.Count ?? 0;
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined);
  return count;
}

/** Rows of series are written by series-store.ts alone, so their shape is trusted. */
export function toSeries(row: Row): Series {
  const { pk: _pk, sk: _sk, dueShard: _shard, sourceAndState: _key, writeId: _writeId, ...others } = row;
  const { [EXPIRY_ATTRIBUTE]: _expiry, ...series } = others;
  return { ...series, state: stateOfKey(String(row['state'])) } as unknown as Series;
}

export function toSeriesRow(series: Series): Row {
  const pk = seriesPk(series);
  const due =
    series.dueAt === undefined ? {} : { dueAt: dueMinuteOf(series.dueAt), dueShard: dueShardOf(series) };
  const expiry = expiryAttribute(finalExpiryOf(series));
  return { ...series, ...due, ...listKeys(series), ...expiry, pk, sk: SERIES_ROW };
}

/** The attributes of a row by which it is listed. */
export function listKeys(series: Series): ListKeys {
  if (series.state !== 'DONE') return keysOf(series, series.state);
  return keysOf(series, triageOf(series) === 'critical' ? DONE_KEYS.critical : DONE_KEYS.other);
}

/** Those of a row that is receiving. */
export function receivingKeys(id: SeriesId): ListKeys {
  return keysOf(id, 'RECEIVING');
}

interface ListKeys {
  state: string;
  sourceAndState: string;
}

function keysOf(id: SeriesId, key: string): ListKeys {
  const pk = seriesPk(id);
  return { state: shardedKey(key, pk), sourceAndState: shardedKey(sourceAndState(id.source, key), pk) };
}
