import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { WorkspaceStore } from '../../delivery/shared-workspace.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createWorkspaceStore(table: TableRef): WorkspaceStore {
  return {
    async take(workspace, uid, source) {
      const key = { pk: `WORKSPACE#${workspace}`, sk: uid };
      const taken = await unlessRefused(
        table.client.send(
          new PutCommand({
            TableName: table.tableName,
            Item: { ...key, holder: source },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      if (taken === 'written') return source;
      // Also where the SDK has repeated a write of ours whose answer was lost.
      const [row] = await readRows(table, [key]);
      return String(row?.['holder']);
    },
  };
}
