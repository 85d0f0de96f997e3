import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ComputingTimesStore } from '../../series/computing-times.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createComputingTimesStore(table: TableRef): ComputingTimesStore {
  const keyOf = (source: string, product: string) => ({ pk: `SOURCE#${source}`, sk: `COMPUTING#${product}` });
  return {
    async load(source, product) {
      const [row] = await readRows(table, [keyOf(source, product)]);
      const { times, version } = row ?? {};
      // Saved as new, and refused: what a later version has written stays.
      if (!isTimes(times) || !Number.isInteger(version)) return { source, product, times: [], version: 0 };
      return { source, product, times, version: version as number };
    },
    async save({ source, product, times, version }) {
      const outcome = await unlessRefused(
        table.client.send(
          new PutCommand({
            TableName: table.tableName,
            Item: { ...keyOf(source, product), times, version: version + 1 },
            ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : 'version = :version',
            ...(version === 0 ? {} : { ExpressionAttributeValues: { ':version': version } }),
          }),
        ),
      );
      return { kind: outcome === 'written' ? 'saved' : 'conflict' };
    },
  };
}

function isTimes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((time) => Number.isFinite(time) && time !== 0);
}
