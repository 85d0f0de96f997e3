import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { InstanceResult, InstanceResultStore } from '../../results/instance-result.ts';
import type { TableRef } from './batches.ts';
import { expiryAttribute } from './expiry.ts';
import { INSTANCE_RESULT_PREFIX, seriesPk } from './keys.ts';
import { querySeriesRows } from './series-rows.ts';

export function createInstanceResultStore(table: TableRef): InstanceResultStore {
  return {
    async put(id, generation, result, expiresAt) {
      const sk = `${INSTANCE_RESULT_PREFIX}${generation}#${result.sopInstanceUid}`;
      const Item = { pk: seriesPk(id), sk, result, ...expiryAttribute(expiresAt) };
      await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    },
    async of(id, generation) {
      const rows = await querySeriesRows(table, id, `${INSTANCE_RESULT_PREFIX}${generation}#`);
      return rows.map((row) => row['result'] as InstanceResult);
    },
    async before(id, generation) {
      const rows = await querySeriesRows(table, id, INSTANCE_RESULT_PREFIX);
      const last = new Map<string, InstanceResult & { generation: number }>();
      for (const row of rows) {
        const result = { ...(row['result'] as InstanceResult), generation: generationOf(String(row['sk'])) };
        const known = last.get(result.sopInstanceUid);
        if (result.generation < generation && result.generation >= (known?.generation ?? 0))
          last.set(result.sopInstanceUid, result);
      }
      return last;
    },
  };
}

function generationOf(sk: string): number {
  return Number(sk.slice(INSTANCE_RESULT_PREFIX.length).split('#')[0]);
}
