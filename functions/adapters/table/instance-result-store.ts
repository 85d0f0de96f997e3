import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { InstanceResult, InstanceResultStore } from '../../core/ports.ts';
import type { TableRef } from './batches.ts';
import { INSTANCE_RESULT_PREFIX, seriesPk } from './keys.ts';
import { querySeriesRows } from './series-rows.ts';

export function createInstanceResultStore(table: TableRef): InstanceResultStore {
  return {
    async put(id, generation, result) {
      const sk = `${INSTANCE_RESULT_PREFIX}${generation}#${result.sopInstanceUid}`;
      await table.client.send(
        new PutCommand({ TableName: table.tableName, Item: { pk: seriesPk(id), sk, result } }),
      );
    },
    async of(id, generation) {
      const rows = await querySeriesRows(table, id, `${INSTANCE_RESULT_PREFIX}${generation}#`);
      return rows.map((row) => row['result'] as InstanceResult);
    },
  };
}
