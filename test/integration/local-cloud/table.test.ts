import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LocalTables, startTables } from '../../../local/cloud/table.ts';

const TABLE = {
  logicalId: 'Table',
  name: 'rows',
  properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'state', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byState',
        KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  },
};

let folder = '';
let tables: LocalTables;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-table-'));
  tables = await startTables({ dataDir: folder });
  await tables.apply([TABLE]);
});
afterEach(async () => {
  await tables.close();
  rmSync(folder, { recursive: true, force: true });
});

const client = () =>
  new DynamoDBClient({
    endpoint: tables.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
const put = () =>
  client().send(new PutItemCommand({ TableName: 'rows', Item: { pk: { S: 'a' }, n: { N: '1' } } }));
const get = async () =>
  (
    await client().send(
      new GetItemCommand({ TableName: 'rows', Key: { pk: { S: 'a' } }, ConsistentRead: true }),
    )
  ).Item;

it('creates the table once and keeps its items over a restart', async () => {
  await put();
  await tables.close();
  tables = await startTables({ dataDir: folder });
  await tables.apply([TABLE]);
  expect(await get()).toEqual({ pk: { S: 'a' }, n: { N: '1' } });
});

it('reports a folder that is in use', async () => {
  await expect(startTables({ dataDir: folder })).rejects.toThrow(/in use by another process/);
  await put();
  expect(await get()).toBeDefined();
});

it('refuses a table that the template has changed', async () => {
  const other = { ...TABLE, properties: { ...TABLE.properties, GlobalSecondaryIndexes: [] } };
  await expect(tables.apply([other])).rejects.toThrow(/rows was made by another version/);
});

it('keeps serving after a client is killed in the middle of a request', async () => {
  const { port } = new URL(tables.url);
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const half =
    'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 99\r\n\r\n{"a"';
  await new Promise((resolve) => socket.write(half, resolve));
  // What is answered after it shows that it has arrived.
  await get();
  socket.resetAndDestroy();
  await put();
  expect(await get()).toBeDefined();
});
