import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { WATERMARK_SECONDS, type WatermarkStore } from '../../ingest/watermark.ts';
import { addSeconds } from '../../shared/time.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

const KEY = { pk: 'INGEST', sk: 'WATERMARK' };

export function createWatermarkStore(table: TableRef): WatermarkStore {
  return {
    async load() {
      const [row] = await readRows(table, [KEY]);
      return row === undefined ? undefined : String(row['watermark']);
    },
    async save(watermark, now) {
      await unlessRefused(
        table.client.send(
          new PutCommand({
            TableName: table.tableName,
            Item: { ...KEY, watermark, savedAt: now },
            ConditionExpression: 'attribute_not_exists(pk) OR watermark > :watermark OR savedAt <= :past',
            ExpressionAttributeValues: {
              ':watermark': watermark,
              ':past': addSeconds(now, -WATERMARK_SECONDS),
            },
          }),
        ),
      );
    },
  };
}
