import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Marker, MarkerProgress, MarkerStore } from '../../instances/marker.ts';
import { type Row, readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';
import { expiryAttribute } from './expiry.ts';

/**
 * Markers, and the progress of each in a row of its own: a marker that names counts may have 256 KB, and each arrival of a total
 * writes to the progress.
 */
export function createMarkerStore(table: TableRef): MarkerStore {
  const { client, tableName } = table;
  const keyOf = (source: string, markerId: string) => ({ pk: `MARKER#${source}`, sk: markerId });
  const progressKeyOf = ({ source, id }: Marker) => keyOf(source, `${id}#PROGRESS`);
  const find = async (source: string, markerIds: readonly string[]) => {
    const rows = await readRows(
      table,
      markerIds.map((id) => keyOf(source, id)),
    );
    return rows.map((row) => row['marker'] as Marker);
  };
  return {
    async put(marker) {
      const expiry = expiryAttribute(marker.expiresAt);
      const Item = { ...keyOf(marker.source, marker.id), marker, ...expiry };
      const { droppedAt } = marker;
      const progress = { ...progressKeyOf(marker), droppedAt, arrivals: 0, due: 0, reached: 0, ...expiry };
      await Promise.all([
        client.send(new PutCommand({ TableName: tableName, Item })),
        unlessRefused(
          client.send(
            new PutCommand({
              TableName: tableName,
              Item: progress,
              ConditionExpression: 'attribute_not_exists(droppedAt) OR droppedAt <> :droppedAt',
              ExpressionAttributeValues: { ':droppedAt': droppedAt },
            }),
          ),
        ),
      ]);
    },
    async markFulfilled(marker) {
      await unlessRefused(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(marker.source, marker.id),
            UpdateExpression: 'SET marker.isFulfilled = :true',
            ConditionExpression: 'marker.droppedAt = :droppedAt',
            ExpressionAttributeValues: { ':true': true, ':droppedAt': marker.droppedAt },
          }),
        ),
      );
    },
    find,
    load: async (source, markerId) => (await find(source, [markerId]))[0],
    async progressOf(marker) {
      const answer = await client.send(
        new GetCommand({ TableName: tableName, Key: progressKeyOf(marker), ConsistentRead: true }),
      );
      return toProgress(answer.Item);
    },
    async countArrivals(marker, arrivals) {
      const answer = await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: progressKeyOf(marker),
          // The row may have expired before that of its marker, and is made anew here.
          UpdateExpression: `ADD arrivals :arrivals${marker.expiresAt === undefined ? '' : ' SET expiresAt = :expiresAt'}`,
          ExpressionAttributeValues: {
            ':arrivals': arrivals,
            ...withColons(expiryAttribute(marker.expiresAt)),
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return toProgress(answer.Attributes);
    },
    async saveProgress(marker, changes, walkVersion) {
      const changed = Object.entries({
        ...changes,
        droppedAt: marker.droppedAt,
        ...expiryAttribute(marker.expiresAt),
      });
      let after: Row | undefined;
      const outcome = await unlessRefused(
        client
          .send(
            new UpdateCommand({
              TableName: tableName,
              Key: progressKeyOf(marker),
              UpdateExpression: `SET ${changed.map(([name]) => `${name} = :${name}`).join(', ')}`,
              // Rows of an older version have no progress.
              ConditionExpression:
                '(attribute_not_exists(droppedAt) OR droppedAt = :droppedAt)' +
                (walkVersion === undefined ? '' : ' AND walk.version = :version'),
              ExpressionAttributeValues: {
                ...Object.fromEntries(changed.map(([name, value]) => [`:${name}`, value])),
                ...(walkVersion === undefined ? {} : { ':version': walkVersion }),
              },
              ReturnValues: 'ALL_NEW',
            }),
          )
          .then((answer) => {
            after = answer.Attributes;
          }),
      );
      return outcome === 'written' ? toProgress(after) : undefined;
    },
  };
}

function withColons(values: object): Row {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
}

/** Rows are written by this file alone, so their shape is trusted. */
function toProgress(row: Row = {}): MarkerProgress {
  const { arrivals = 0, due = 0, reached = 0, asked, walk, waitsFor } = row as Partial<MarkerProgress>;
  return {
    arrivals,
    due,
    reached,
    ...(asked === undefined ? {} : { asked }),
    ...(walk === undefined ? {} : { walk }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}
