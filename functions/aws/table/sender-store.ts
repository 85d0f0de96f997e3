import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { KnownSender, SenderStore } from '../../series/sender-history.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createSenderStore(table: TableRef): SenderStore {
  const keyOf = (source: string, sender: string) => ({ pk: `SOURCE#${source}`, sk: `SENDER#${sender}` });
  return {
    async load(source, sender) {
      const [row] = await readRows(table, [keyOf(source, sender)]);
      if (row === undefined) return undefined;
      const { history, learned, version } = row as unknown as KnownSender;
      return { source, sender, history, learned, version };
    },
    async save({ source, sender, history, learned, version }) {
      const outcome = await unlessRefused(
        table.client.send(
          new PutCommand({
            TableName: table.tableName,
            Item: { ...keyOf(source, sender), history, learned, version: version + 1 },
            ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : 'version = :version',
            ...(version === 0 ? {} : { ExpressionAttributeValues: { ':version': version } }),
          }),
        ),
      );
      return { kind: outcome === 'written' ? 'saved' : 'conflict' };
    },
  };
}
