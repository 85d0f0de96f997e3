import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ModelVersion, ModelVersionStore } from '../../series/model-version.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createModelVersionStore(table: TableRef): ModelVersionStore {
  const { client, tableName } = table;
  const keyOf = (source: string, usecase: string) => ({ pk: `SOURCE#${source}`, sk: `MODEL#${usecase}` });
  return {
    async load(source, usecase) {
      const [row] = await readRows(table, [keyOf(source, usecase)]);
      return row?.['model'] as ModelVersion | undefined;
    },
    async replace(next, before) {
      const condition =
        before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'model.modelVersion = :version AND model.since = :since',
              ExpressionAttributeValues: { ':version': before.modelVersion, ':since': before.since },
            };
      const outcome = await unlessRefused(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...keyOf(next.source, next.usecase), model: next },
            ...condition,
          }),
        ),
      );
      return outcome === 'written';
    },
  };
}
