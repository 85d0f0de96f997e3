import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { startS3Server } from '@qure-dropoff/s3-files';
import { INDEXES } from '../functions/aws/table/keys.ts';
import { mapConcurrently } from '../functions/shared/concurrency.ts';
import { LOCAL_REGION } from '../local/cloud/intrinsics.ts';
import { startTables } from '../local/cloud/table.ts';

export const DROP_BUCKET = 'bench-drop';
export const RESULTS_BUCKET = 'bench-results';
export const TABLE_NAME = 'bench';
const PUTS_AT_ONCE = 8;

/** S3 and DynamoDB in this process, over HTTP on loopback, in a folder of their own that `close` removes. */
export interface EmbeddedCloud {
  s3Url: string;
  tableUrl: string;
  /** Each call makes a new client, so that calls can be counted apart. */
  s3Client(): S3Client;
  dynamoClient(): DynamoDBClient;
  close(): Promise<void>;
}

export async function startEmbeddedCloud(): Promise<EmbeddedCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
  const s3 = await startS3Server({
    dataDir: join(dataDir, 's3'),
    port: 0,
    buckets: [DROP_BUCKET, RESULTS_BUCKET],
  });
  const tables = await startTables({ dataDir: join(dataDir, 'table') });
  await tables.apply([{ logicalId: 'Table', name: TABLE_NAME, properties: tableProperties() }]);
  const clients: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client) => {
    clients.push(client);
    return client;
  };
  return {
    s3Url: s3.url,
    tableUrl: tables.url,
    s3Client: () => keep(createS3Client(s3.url)),
    dynamoClient: () => keep(new DynamoDBClient(connection(tables.url))),
    async close() {
      for (const client of clients) client.destroy();
      await Promise.all([s3.close(), tables.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function createS3Client(url: string, options: S3ClientConfig = {}): S3Client {
  return new S3Client({ ...connection(url), forcePathStyle: true, ...options });
}

export interface BenchObject {
  key: string;
  bytes: Buffer;
}

/** Puts the objects and answers their ETags, without quotes, in the same order. */
export function putObjects(s3: S3Client, objects: readonly BenchObject[]): Promise<string[]> {
  return mapConcurrently(objects, PUTS_AT_ONCE, async ({ key, bytes }) => {
    const answer = await s3.send(new PutObjectCommand({ Bucket: DROP_BUCKET, Key: key, Body: bytes }));
    return (answer.ETag ?? '').replaceAll('"', '');
  });
}

/** Of a client to a service of this machine. */
export function connection(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { endpoint, region: LOCAL_REGION, credentials };
}

/** The table as infra declares it. */
function tableProperties() {
  const keysOf = (partitionKey: string, sortKey: string) => [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ];
  const indexes = Object.entries(INDEXES);
  const attributes = new Set(['pk', 'sk', ...indexes.flatMap(([, index]) => Object.values(index))]);
  return {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keysOf('pk', 'sk'),
    AttributeDefinitions: [...attributes].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    GlobalSecondaryIndexes: indexes.map(([IndexName, { partitionKey, sortKey }]) => ({
      IndexName,
      KeySchema: keysOf(partitionKey, sortKey),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
  };
}
