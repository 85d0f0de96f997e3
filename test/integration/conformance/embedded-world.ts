import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { startS3Server } from '@qure-dropoff/s3-files';
import { createDirectReads } from '../../../functions/aws/drop-bucket.ts';
import { createDirectTable } from '../../../functions/aws/table/direct-table.ts';
import { INDEXES } from '../../../functions/aws/table/keys.ts';
import { startControlPlane } from '../../../local/cloud/control-plane.ts';
import { startQueues } from '../../../local/cloud/queues/local-queues.ts';
import { notificationBody } from '../../../local/cloud/s3-notification.ts';
import { startTables } from '../../../local/cloud/table.ts';
import { queueResource, queueWithDeadLetters } from '../../support/queue-resource.ts';
import { BUCKET, type ConformanceWorld, MAX_RECEIVES, PARAMETERS, SECRETS, TABLE } from './world.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The services of the local cloud, over HTTP. */
export async function embeddedWorld(): Promise<ConformanceWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const createdEvents: string[] = [];
  const busEvents: unknown[] = [];
  const tables = await startTables({ dataDir: join(folder, 'table') });
  await tables.apply([{ logicalId: 'Table', name: TABLE, properties: tableProperties() }]);
  const queues = await startQueues({ dataDir: join(folder, 'queues') });
  const s3Server = await startS3Server({
    dataDir: join(folder, 's3'),
    port: 0,
    buckets: [BUCKET],
    notifyBuckets: [BUCKET],
    notify: async (event) => void createdEvents.push(notificationBody(event, 'conformance')),
  });
  const control = await startControlPlane({
    parameters: () => PARAMETERS,
    secrets: () => SECRETS,
    onEvents: (batch) => void busEvents.push(...batch.map((event) => event.detail)),
  });
  const configOf = (endpoint: string) => ({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const clients = {
    dynamo: new DynamoDBClient(configOf(tables.url)),
    s3: new S3Client({ ...configOf(s3Server.url), forcePathStyle: true }),
    sqs: new SQSClient(configOf(queues.url)),
    eventBridge: new EventBridgeClient(configOf(control.url)),
    ssm: new SSMClient(configOf(control.url)),
    secretsManager: new SecretsManagerClient(configOf(control.url)),
  };
  let made = 0;
  return {
    ...clients,
    // As the functions ask them.
    table: createDirectTable(clients.dynamo),
    readDirectly: createDirectReads(clients.s3),
    createdEvents,
    busEvents,
    freshQueue() {
      made += 1;
      const [name, dead] = [`queue-${made}`, `dead-${made}`];
      queues.apply([queueResource(dead), queueWithDeadLetters(name, dead, MAX_RECEIVES)]);
      const urlOf = (queue: string) => `${queues.url}/000000000000/${queue}`;
      return { url: urlOf(name), deadUrl: urlOf(dead) };
    },
    pass: (ms) => sleep(ms),
    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      await Promise.all([tables.close(), queues.close(), s3Server.close(), control.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tableProperties() {
  const keySchema = (partitionKey: string, sortKey: string) => [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    { AttributeName: sortKey, KeyType: 'RANGE' },
  ];
  const indexes = Object.entries(INDEXES);
  const names = new Set(['pk', 'sk', ...indexes.flatMap(([, keys]) => [keys.partitionKey, keys.sortKey])]);
  return {
    KeySchema: keySchema('pk', 'sk'),
    AttributeDefinitions: Array.from(names, (AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: indexes.map(([IndexName, keys]) => ({
      IndexName,
      KeySchema: keySchema(keys.partitionKey, keys.sortKey),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
    BillingMode: 'PAY_PER_REQUEST',
  };
}
