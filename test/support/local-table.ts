import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Row, writeRows } from '../../functions/aws/table/batches.ts';
import { createStores } from '../../functions/aws/table/stores.ts';
import type { TableResource } from '../../local/cloud/stack.ts';
import { startTables } from '../../local/cloud/table.ts';
import { synthesize } from '../unit/infra/synthesized-template.ts';

export interface LocalTable {
  stores: ReturnType<typeof createStores>;
  /** Puts a row as it is, as an earlier version would have written it. */
  put(row: Row): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The stores over a table with the keys and indexes that the stack declares, in the embedded DynamoDB. `through`: what stands
 * between the stores and the service; it answers the URL to use instead.
 */
export async function startLocalTable(
  through: (url: string) => Promise<string> = async (url) => url,
): Promise<LocalTable> {
  const folder = mkdtempSync(join(tmpdir(), 'local-table-'));
  const [logicalId, { Properties }] = synthesize().one('AWS::DynamoDB::Table', '');
  const wanted = ['KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes', 'BillingMode'];
  const properties = Object.fromEntries(
    Object.entries(Properties as TableResource['properties']).filter(([name]) => wanted.includes(name)),
  );
  const tables = await startTables({ dataDir: folder });
  await tables.apply([{ logicalId, name: 'rows', properties }]);
  const client = new DynamoDBClient({
    endpoint: await through(tables.url),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    stores: createStores(client, 'rows'),
    put: (row) => writeRows({ client: DynamoDBDocumentClient.from(client), tableName: 'rows' }, [row]),
    async stop() {
      client.destroy();
      await tables.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
