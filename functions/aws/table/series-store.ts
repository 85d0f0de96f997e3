import { randomBytes } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SeriesId } from '../../instances/series-id.ts';
import type { ReceivingSeries, Series } from '../../series/series.ts';
import type { SaveOutcome, SeriesArrival, SeriesStore } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import type { Instant } from '../../shared/time.ts';
import { type Row, readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';
import {
  DUE_INDEX,
  DUE_SHARDS,
  dueMinuteOf,
  dueShardOf,
  SERIES_INDEX,
  SERIES_ROW,
  seriesIdOfPk,
  seriesPk,
} from './keys.ts';
import { countSeries } from './series-counts.ts';
import { listSeries } from './series-listing.ts';
import { listKeys, receivingKeys, toSeries, toSeriesRow } from './series-rows.ts';

export function createSeriesStore(table: TableRef): SeriesStore {
  return {
    load: (id) => load(table, id),
    save: (series) => save(table, series),
    touch: (arrival) => touch(table, arrival),
    rearm: (series, dueAt, silentSince) => rearm(table, series, dueAt, silentSince),
    heartbeat: (id, dueAt) => heartbeat(table, id, dueAt),
    postpone: (series, dueAt) => postpone(table, series, dueAt),
    due: (now, limit) => due(table, now, limit),
    list: (query) => listSeries(table, query),
    count: (query) => countSeries(table, query),
    addToIndex: (series) => addToIndex(table, series),
    findByUid: (uid) => findByUid(table, uid),
  };
}

async function load(table: TableRef, id: SeriesId): Promise<Series | undefined> {
  const row = await loadRow(table, id);
  return row === undefined ? undefined : toSeries(row);
}

async function loadRow({ client, tableName }: TableRef, id: SeriesId): Promise<Row | undefined> {
  const answer = await client.send(
    new GetCommand({ TableName: tableName, Key: { pk: seriesPk(id), sk: SERIES_ROW }, ConsistentRead: true }),
  );
  return answer.Item;
}

async function save<S extends Series>(table: TableRef, series: S): Promise<SaveOutcome<S>> {
  const { client, tableName } = table;
  const due = series.dueAt === undefined ? {} : { dueAt: dueMinuteOf(series.dueAt) };
  const next = { ...series, ...due, version: series.version + 1 };
  const writeId = newWriteId();
  const outcome = await unlessRefused(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { ...toSeriesRow(next), writeId },
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': series.version },
      }),
    ),
  );
  const isSaved = outcome === 'written' || (await isOwnWrite(table, series, writeId));
  return isSaved ? { kind: 'saved', series: next } : { kind: 'conflict' };
}

/**
 * The SDK repeats a write whose answer was lost. The condition then meets what the first one has written: taken for
 * another run's, the message that follows the write would never be sent.
 */
async function isOwnWrite(table: TableRef, id: SeriesId, writeId: string): Promise<boolean> {
  return (await loadRow(table, id))?.['writeId'] === writeId;
}

/** Of one save or rearming, or of the first touch; tells a write of one's own from that of another. */
function newWriteId(): string {
  return randomBytes(9).toString('base64url');
}

/** What the first instance tells that has it, until the series is judged. */
const FIRST_WRITTEN = ['modality', 'accessionNumber', 'bodyParts', 'sender'] as const;

async function touch({ client, tableName }: TableRef, arrival: SeriesArrival) {
  const writeId = newWriteId();
  const receiving = receivingKeys(arrival);
  try {
    const answer = await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: seriesPk(arrival), sk: SERIES_ROW },
        // Everything but the last arrival is written by the first instance only.
        UpdateExpression:
          'SET #source = if_not_exists(#source, :source), seriesInstanceUid = if_not_exists(seriesInstanceUid, :series),' +
          ' studyInstanceUid = if_not_exists(studyInstanceUid, :study), #state = if_not_exists(#state, :receiving),' +
          ' sourceAndState = if_not_exists(sourceAndState, :sourceAndState),' +
          ' generation = if_not_exists(generation, :one), ticket = if_not_exists(ticket, :one),' +
          ' uploadRound = if_not_exists(uploadRound, :one), writeId = if_not_exists(writeId, :writeId),' +
          ' firstArrivalAt = if_not_exists(firstArrivalAt, :now), changedAt = if_not_exists(changedAt, :now),' +
          ' outbox = if_not_exists(outbox, :none), lastArrivalAt = :now, dueAt = :dueAt, dueShard = :dueShard' +
          FIRST_WRITTEN.filter((name) => arrival[name] !== undefined)
            .map((name) => `, ${name} = if_not_exists(${name}, :${name})`)
            .join('') +
          ' ADD version :one',
        ConditionExpression: 'attribute_not_exists(pk) OR #state IN (:receiving, :unsharded)',
        ExpressionAttributeNames: { '#source': 'source', '#state': 'state' },
        ExpressionAttributeValues: {
          ':source': arrival.source,
          ':series': arrival.seriesInstanceUid,
          ':study': arrival.studyInstanceUid,
          ':receiving': receiving.state,
          ':unsharded': 'RECEIVING',
          ':sourceAndState': receiving.sourceAndState,
          ':one': 1,
          ':none': [],
          ':now': arrival.now,
          ':dueAt': dueMinuteOf(arrival.dueAt),
          ':dueShard': dueShardOf(arrival),
          ':writeId': writeId,
          ...defined({
            ':modality': arrival.modality,
            ':accessionNumber': arrival.accessionNumber,
            ':bodyParts': arrival.bodyParts,
            ':sender': arrival.sender,
          }),
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    // Not the version: a creation whose answer was lost is made again by the SDK, and is the second write then.
    const kind = answer.Attributes?.['writeId'] === writeId ? ('created' as const) : ('refreshed' as const);
    return { kind, ticket: Number(answer.Attributes?.['ticket']) };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { kind: 'closed' as const };
    throw error;
  }
}

async function rearm(
  table: TableRef,
  { ticket, ...series }: ReceivingSeries,
  dueAt: Instant,
  silentSince = series.silentSince,
): ReturnType<SeriesStore['rearm']> {
  const writeId = newWriteId();
  const next = ticket + 1;
  const outcome = await unlessRefused(
    table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: { pk: seriesPk(series), sk: SERIES_ROW },
        UpdateExpression: `SET ticket = :next, dueAt = :dueAt, writeId = :writeId${
          silentSince === undefined ? '' : ', silentSince = :silentSince'
        } ADD version :one`,
        // Not the version: each batch of arriving instances raises it.
        ConditionExpression: 'ticket = :ticket AND #state IN (:receiving, :unsharded)',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':ticket': ticket,
          ':next': next,
          ':dueAt': dueMinuteOf(dueAt),
          ':writeId': writeId,
          ':one': 1,
          ':receiving': receivingKeys(series).state,
          ':unsharded': 'RECEIVING',
          ...defined({ ':silentSince': silentSince }),
        },
      }),
    ),
  );
  const isRearmed = outcome === 'written' || (await isOwnWrite(table, series, writeId));
  return isRearmed ? { kind: 'rearmed', ticket: next } : { kind: 'conflict' };
}

async function heartbeat({ client, tableName }: TableRef, id: SeriesId, dueAt: Instant): Promise<void> {
  await unlessRefused(
    client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: seriesPk(id), sk: SERIES_ROW },
        UpdateExpression: 'SET dueAt = :dueAt',
        // A series that has meanwhile reached a final state must not become due again.
        ConditionExpression: 'attribute_exists(dueAt)',
        ExpressionAttributeValues: { ':dueAt': dueMinuteOf(dueAt) },
      }),
    ),
  );
}

async function postpone(
  { client, tableName }: TableRef,
  series: Pick<Series, 'source' | 'seriesInstanceUid' | 'version'>,
  dueAt: Instant,
): ReturnType<SeriesStore['postpone']> {
  const outcome = await unlessRefused(
    client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: seriesPk(series), sk: SERIES_ROW },
        UpdateExpression: 'SET dueAt = :dueAt',
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':dueAt': dueMinuteOf(dueAt), ':version': series.version },
      }),
    ),
  );
  return { kind: outcome === 'written' ? 'postponed' : 'conflict' };
}

async function addToIndex({ client, tableName }: TableRef, series: Series): Promise<void> {
  const keys = listKeys(series);
  await unlessRefused(
    client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: seriesPk(series), sk: SERIES_ROW },
        UpdateExpression: 'SET #state = :state, sourceAndState = :sourceAndState',
        ConditionExpression: 'version = :version',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':state': keys.state,
          ':sourceAndState': keys.sourceAndState,
          ':version': series.version,
        },
      }),
    ),
  );
}

async function due({ client, tableName }: TableRef, now: Instant, limit: number): Promise<SeriesId[]> {
  const shards = await Promise.all(
    DUE_SHARDS.map((dueShard) =>
      client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: DUE_INDEX,
          KeyConditionExpression: 'dueShard = :dueShard AND dueAt <= :now',
          ExpressionAttributeValues: { ':dueShard': dueShard, ':now': now },
          Limit: limit,
        }),
      ),
    ),
  );
  return shards
    .flatMap((answer) => answer.Items ?? [])
    .sort((a, b) => String(a['dueAt']).localeCompare(String(b['dueAt'])))
    .slice(0, limit)
    .map((row) => seriesIdOfPk(String(row['pk'])));
}

async function findByUid(table: TableRef, seriesInstanceUid: string): Promise<Series[]> {
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: SERIES_INDEX,
      KeyConditionExpression: 'seriesInstanceUid = :uid',
      ExpressionAttributeValues: { ':uid': seriesInstanceUid },
    }),
  );
  const keys = (answer.Items ?? []).map((row) => ({ pk: String(row['pk']), sk: SERIES_ROW }));
  return (await readRows(table, keys)).map(toSeries);
}
