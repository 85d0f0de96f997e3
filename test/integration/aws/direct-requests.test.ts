import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { startS3Server } from '@qure-dropoff/s3-files';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDirectReads, createDropBucket } from '../../../functions/aws/drop-bucket.ts';
import { createDirectTable } from '../../../functions/aws/table/direct-table.ts';
import { startTables } from '../../../local/cloud/table.ts';
import { forward } from '../../support/wire/forward.ts';
import { outageAnswer, throttleAnswer, type WireAnswer } from '../../support/wire/refusals.ts';
import { cutAnswer, sendAnswer, sendSpoiled } from '../../support/wire/spoiled-answer.ts';
import { readWireRequest } from '../../support/wire/wire-request.ts';

/** The opposite of the assumption `aws-answers-without-the-sdk`, over real sockets: what is done to a request without the SDK's headers. */
type Way = (response: ServerResponse, answer: WireAnswer) => void;

const refusedBy = (status: number, body: string): Way => {
  return (response) => sendAnswer(response, { status, headers: {}, body: Buffer.from(body) });
};

const BROKEN: Record<string, Way> = {
  'meets a page of a load balancer': (response) => sendAnswer(response, outageAnswer(503)),
  'has an answer that is shorter than announced': (response, answer) =>
    sendSpoiled(response, answer, 'long_length'),
  'has an answer that breaks off': (response, answer) => cutAnswer(response, answer),
  'has no answer': (response) => void response.socket?.resetAndDestroy(),
};

const OF_S3: Record<string, Way> = {
  ...BROKEN,
  'is forbidden': refusedBy(403, '<Error><Code>SignatureDoesNotMatch</Code></Error>'),
  'is not found': refusedBy(404, '<Error><Code>NoSuchKey</Code></Error>'),
  'is throttled': (response) => sendAnswer(response, throttleAnswer('s3')),
  'is answered with the whole object': (response, answer) => sendAnswer(response, { ...answer, status: 200 }),
};

const OF_THE_TABLE: Record<string, Way> = {
  ...BROKEN,
  'is forbidden': refusedBy(400, '{"__type":"com.amazon.coral.service#IncompleteSignatureException"}'),
  'is throttled': (response) => sendAnswer(response, throttleAnswer('dynamodb')),
  'has an answer that is no JSON': (response, answer) => sendSpoiled(response, answer, 'not_parsable'),
  'has half an answer': (response, answer) => sendSpoiled(response, answer, 'shortened'),
};

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const BUCKET = 'drop';
const TABLE = 'rows';

let folder: string;
let s3: Awaited<ReturnType<typeof startS3Server>>;
let tables: Awaited<ReturnType<typeof startTables>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'direct-requests-'));
  s3 = await startS3Server({ dataDir: join(folder, 's3'), port: 0, buckets: [BUCKET] });
  tables = await startTables({ dataDir: join(folder, 'table') });
  const properties = {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  await tables.apply([{ logicalId: 'Table', name: TABLE, properties }]);
});

afterAll(async () => {
  await Promise.all([s3.close(), tables.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Stands before a service, and does `way` to each request that is not of the SDK. `asked`: what came, in turn. */
async function startFront(service: 's3' | 'dynamodb', url: string, way: Way) {
  const asked: ('sdk' | 'direct')[] = [];
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await readWireRequest(service, incoming);
    const isOfSdk = 'amz-sdk-invocation-id' in request.headers;
    asked.push(isOfSdk ? 'sdk' : 'direct');
    const answer = await forward(new URL(url), request, new AbortController().signal);
    if (isOfSdk) sendAnswer(response, answer);
    else way(response, answer);
  };
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, config: { endpoint, region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 1 } };
}

const IN_ORDER: Way = sendAnswer;
const ONCE_MORE = ['sdk', 'direct', 'sdk', 'direct', 'sdk'];

describe('a read of a range without the layers of the SDK', () => {
  async function readThrice(way: Way) {
    const { asked, config } = await startFront('s3', s3.url, way);
    const client = new S3Client({ ...config, forcePathStyle: true });
    onTestFinished(() => client.destroy());
    const drop = createDropBucket(client, BUCKET, createDirectReads(client));
    for (const Key of ['a', 'b', 'c'])
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: `DICM of ${Key}` }));
    asked.length = 0;
    const texts: unknown[] = [];
    for (const key of ['a', 'b', 'c']) {
      const read = await drop.readRange(key, 0, 8);
      texts.push(read.kind === 'range' ? Buffer.from(read.bytes).toString() : read);
    }
    return { asked, texts };
  }

  it('is answered as the SDK would be', async () => {
    const { asked, texts } = await readThrice(IN_ORDER);
    expect(texts).toEqual(['DICM of a', 'DICM of b', 'DICM of c']);
    expect(asked).toEqual(['sdk', 'direct', 'direct']);
  });

  it.each(Object.entries(OF_S3))('that %s is made once more by the SDK', async (_name, way) => {
    const { asked, texts } = await readThrice(way);
    expect(texts).toEqual(['DICM of a', 'DICM of b', 'DICM of c']);
    expect(asked).toEqual(ONCE_MORE);
  });
});

describe('a request of the table without the layers of the SDK', () => {
  async function putAndGet(way: Way) {
    const { asked, config } = await startFront('dynamodb', tables.url, way);
    const client = new DynamoDBClient(config);
    onTestFinished(() => client.destroy());
    const table = createDirectTable(client);
    await table.send(new GetCommand({ TableName: TABLE, Key: { pk: 'none' } }));
    await table.send(new PutCommand({ TableName: TABLE, Item: { pk: 'a', slices: [1, 2, 3] } }));
    const { Item } = await table.send(new GetCommand({ TableName: TABLE, Key: { pk: 'a' } }));
    return { asked, Item };
  }

  it('is answered as the SDK would be', async () => {
    const { asked, Item } = await putAndGet(IN_ORDER);
    expect(Item).toEqual({ pk: 'a', slices: [1, 2, 3] });
    expect(asked).toEqual(['sdk', 'direct', 'direct']);
  });

  it.each(Object.entries(OF_THE_TABLE))('that %s is made once more by the SDK', async (_name, way) => {
    const { asked, Item } = await putAndGet(way);
    expect(Item).toEqual({ pk: 'a', slices: [1, 2, 3] });
    expect(asked).toEqual(ONCE_MORE);
  });
});
