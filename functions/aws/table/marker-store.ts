import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Marker, MarkerStore } from '../../instances/marker.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createMarkerStore(table: TableRef): MarkerStore {
  const keyOf = (source: string, markerId: string) => ({ pk: `MARKER#${source}`, sk: markerId });
  const find = async (source: string, markerIds: readonly string[]) => {
    const rows = await readRows(
      table,
      markerIds.map((id) => keyOf(source, id)),
    );
    return rows.map((row) => row['marker'] as Marker);
  };
  return {
    async put(marker) {
      const Item = { ...keyOf(marker.source, marker.id), marker };
      await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    },
    async markFulfilled(marker) {
      await unlessRefused(
        table.client.send(
          new UpdateCommand({
            TableName: table.tableName,
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
  };
}
