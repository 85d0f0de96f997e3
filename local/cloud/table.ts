import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { GuardRules } from '@qure-dropoff/network-guard';
import { guardHandler } from '@qure-dropoff/network-guard';
import dynalite from 'dynalite';
import type { Level } from 'level';
import { LOCAL_REGION } from './intrinsics.ts';
import type { TableResource } from './stack.ts';

export interface LocalTables {
  url: string;
  /** Creates missing tables and waits until they are ACTIVE. @throws Error if a table has other keys. */
  apply(tables: readonly TableResource[]): Promise<void>;
  close(): Promise<void>;
}

/** DynamoDB API Reference, BatchWriteItem: the largest call is 16 MB. */
const GUARD: GuardRules = {
  maxBodyBytes: 16 * 1024 * 1024,
  body: 'whole',
  jsonType: 'application/x-amz-json-1.0',
};

/**
 * Starts DynamoDB on 127.0.0.1, on a free port, with its items in `dataDir`.
 * @throws Error if another process uses `dataDir`
 */
export async function startTables({ dataDir }: { dataDir: string }): Promise<LocalTables> {
  mkdirSync(dataDir, { recursive: true });
  await assertFree(dataDir);
  const server = dynalite({ path: dataDir, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Longer than SDK clients pause between two requests of one connection.
  server.keepAliveTimeout = 65_000;
  guardDynalite(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async apply(tables) {
      const client = new DynamoDBClient({
        endpoint: url,
        region: LOCAL_REGION,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      });
      try {
        for (const table of tables) await createIfMissing(client, table);
      } finally {
        client.destroy();
      }
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/**
 * dynalite opens its store at the first request and would end the process if it is locked, so the lock is tested first.
 */
async function assertFree(dataDir: string): Promise<void> {
  const fromDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const { Level: Store } = fromDynalite('level') as { Level: typeof Level };
  const store = new Store(dataDir);
  try {
    await store.open();
  } catch (cause) {
    throw new Error(
      `The table in ${dataDir} cannot be opened; is the data directory in use by another process?`,
      {
        cause,
      },
    );
  }
  await store.close();
}

/**
 * dynalite throws on a truncated request (a killed function) and on many malformed ones, which would end the whole
 * host. It gets each request only when it is complete, within one turn, so its exception ends only this request.
 */
function guardDynalite(server: Server): void {
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on(
    'request',
    guardHandler(GUARD, ({ method, url, headers }, response, body) => {
      const whole = Object.assign(new EventEmitter(), { method, url, headers });
      for (const handler of handlers) handler.call(server, whole, response);
      whole.emit('data', body);
      whole.emit('end');
    }),
  );
}

async function createIfMissing(client: DynamoDBClient, { name, properties }: TableResource): Promise<void> {
  const wanted = { ...properties, TableName: name } as unknown as CreateTableCommandInput;
  const existing = await describeTable(client, name);
  if (existing === undefined) await client.send(new CreateTableCommand(wanted));
  else if (keysOf(existing) !== keysOf(wanted)) {
    throw new Error(
      `The table ${name} was made by another version, with other keys; choose another --data-dir`,
    );
  }
  while ((await describeTable(client, name))?.TableStatus !== 'ACTIVE') await sleep(5);
}

type Keys = Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'>;

/** The same text for the same keys of the table and of its indexes. */
function keysOf({ KeySchema: keys, GlobalSecondaryIndexes: indexes }: Keys): string {
  const textOf = (schema: Keys['KeySchema']) =>
    (schema ?? []).map((k) => `${k.KeyType} ${k.AttributeName}`).sort();
  const byIndex = (indexes ?? []).map((index) => `${index.IndexName}: ${textOf(index.KeySchema)}`);
  return JSON.stringify([textOf(keys), byIndex.sort()]);
}

async function describeTable(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
