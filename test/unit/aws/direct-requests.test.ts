import { Readable } from 'node:stream';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDirectReads, createDropBucket } from '../../../functions/aws/drop-bucket.ts';
import { createDirectTable, documentClient } from '../../../functions/aws/table/direct-table.ts';

interface Sent {
  path: string;
  query: object;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface Answer {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string | Readable;
}

/** A transport that keeps what is sent, and gives the answers in turn, the last one for good. */
function transport(...answers: Answer[]) {
  const sent: Sent[] = [];
  const handle = async (request: Sent) => {
    sent.push({ ...request, headers: { ...request.headers } });
    const {
      statusCode,
      headers = {},
      body = '',
    } = answers.length > 1 ? (answers.shift() ?? OK) : (answers[0] ?? OK);
    return {
      response: {
        statusCode,
        headers,
        body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
      },
    };
  };
  return {
    sent,
    handler: { handle, updateHttpClientConfig: () => undefined, httpHandlerConfigs: () => ({}) },
  };
}

const OK: Answer = { statusCode: 200, body: '{}' };
const RANGE: Answer = {
  statusCode: 206,
  headers: {
    'content-range': 'bytes 0-3/13',
    'content-length': '4',
    etag: '"e"',
    'last-modified': 'Sun, 01 Mar 2026 10:00:00 GMT',
    'x-amz-version-id': 'v',
  },
  body: 'DICM',
};
const READ = {
  kind: 'range',
  bytes: Buffer.from('DICM'),
  totalSizeBytes: 13,
  etag: 'e',
  versionId: 'v',
  lastModified: '2026-03-01T10:00:00.000Z',
};
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };

/** The SDK numbers its own attempts. */
const isOfSdk = ({ headers }: Sent) => 'amz-sdk-request' in headers;

function bucketOver(answers: Answer[], isDirect = true, given: object = {}) {
  const { sent, handler } = transport(...answers);
  const client = new S3Client({
    region: 'us-east-1',
    credentials,
    requestHandler: handler as never,
    ...given,
  });
  const drop = createDropBucket(client, 'drop', isDirect ? createDirectReads(client) : undefined);
  return { drop, sent };
}

describe('reads of ranges', () => {
  it('are made from the first one of the SDK, and answer the same', async () => {
    const { drop, sent } = bucketOver([RANGE]);
    const first = await drop.readRange('site/a', 0, 3);
    const second = await drop.readRange('site/b', 4, 9);
    expect([first, second]).toEqual([READ, READ].map((read) => ({ ...read, bytes: expect.anything() })));
    expect(second.kind === 'range' && Buffer.from(second.bytes).toString()).toBe('DICM');
    expect(sent.map(isOfSdk)).toEqual([true, false]);
    expect(sent[1]).toMatchObject({ path: '/site/b', headers: { range: 'bytes=4-9' } });
    expect(sent[1]?.headers['authorization']).toMatch(/SignedHeaders=host;range;/);
    expect(sent[1]?.headers['authorization']).not.toBe(sent[0]?.headers['authorization']);
  });

  it('ask for every key as the SDK does', async () => {
    const sdk = bucketOver([RANGE], false);
    const direct = bucketOver([RANGE]);
    await direct.drop.readRange('site/first', 0, 3);
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(key, async (text) => {
        await Promise.all([sdk, direct].map(({ drop }) => drop.readRange(text, 0, 3)));
        const [bySdk, directly] = [sdk.sent.at(-1), direct.sent.at(-1)];
        expect(directly && isOfSdk(directly)).toBe(false);
        expect({ path: directly?.path, query: directly?.query }).toEqual({
          path: bySdk?.path,
          query: bySdk?.query,
        });
        const own = /^(amz-sdk-.*|x-amz-date|authorization)$/;
        const headersOf = (one?: Sent) =>
          Object.entries(one?.headers ?? {}).filter(([name]) => !own.test(name));
        expect(headersOf(directly).toSorted()).toEqual(headersOf(bySdk).toSorted());
      }),
    );
  });

  it('leave what is no such range to the SDK', async () => {
    const missing = { statusCode: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    const { drop, sent } = bucketOver([RANGE, missing, missing, RANGE]);
    await drop.readRange('a', 0, 3);
    expect(await drop.readRange('a', 0, 3)).toEqual({ kind: 'missing' });
    expect(sent.map(isOfSdk)).toEqual([true, false, true]);
  });

  it('read a refusal to its end, so that the connection is used again', async () => {
    const refusal = Readable.from([Buffer.from('<Error/>')]);
    const whole = Readable.from([Buffer.from('the whole object')]);
    const { drop } = bucketOver([
      RANGE,
      { statusCode: 503, body: refusal },
      RANGE,
      { statusCode: 200, body: whole },
      RANGE,
    ]);
    for (let read = 0; read < 3; read += 1) await drop.readRange('a', 0, 3);
    await new Promise((resolve) => setImmediate(resolve));
    expect({ refusal: refusal.readableEnded, whole: whole.readableEnded }).toEqual({
      refusal: true,
      whole: false,
    });
  });

  it('are not made from a request that was refused', async () => {
    const { drop, sent } = bucketOver([{ statusCode: 404, body: '<Error/>' }, RANGE]);
    for (let read = 0; read < 3; read += 1) await drop.readRange('a', 0, 3);
    expect(sent.map(isOfSdk)).toEqual([true, true, false]);
  });

  it('leave an answer that breaks off to the SDK', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('aborted'));
      },
    });
    const { drop, sent } = bucketOver([RANGE, { ...RANGE, body: broken }, RANGE]);
    await drop.readRange('a', 0, 3);
    expect(await drop.readRange('a', 0, 3)).toMatchObject({ kind: 'range', totalSizeBytes: 13 });
    expect(sent.map(isOfSdk)).toEqual([true, false, true]);
  });

  it('are never made from the read of a certain content', async () => {
    const { drop, sent } = bucketOver([RANGE]);
    await drop.readRange('a', 0, 3, { etag: 'e', versionId: 'v' });
    await drop.readRange('a', 0, 3);
    await drop.readRange('a', 0, 3);
    expect(sent.map(isOfSdk)).toEqual([true, true, false]);
    expect(sent[2]?.headers).not.toHaveProperty('if-match');
    expect(sent[2]?.query).not.toHaveProperty('versionId');
  });

  it('have the credentials of their time', async () => {
    let session = 0;
    const renewed = async () => {
      session += 1;
      return { ...credentials, sessionToken: `session-${session}`, expiration: new Date(0) };
    };
    const { drop, sent } = bucketOver([RANGE], true, { credentials: renewed });
    for (let at = 0; at < 3; at += 1) await drop.readRange('a', 0, 3);
    const tokens = sent.map(({ headers }) => headers['x-amz-security-token']);
    expect(sent.map(isOfSdk)).toEqual([true, false, false]);
    expect(new Set(tokens).size).toBe(3);
  });
});

function tableOver(...answers: Answer[]) {
  const { sent, handler } = transport(...answers);
  const config = { region: 'us-east-1', credentials, requestHandler: handler as never, maxAttempts: 1 };
  const client = new DynamoDBClient(config);
  return { table: createDirectTable(client), sdk: documentClient(new DynamoDBClient(config)), sent };
}

const textOf = (body: Sent['body']) => (typeof body === 'string' ? body : new TextDecoder().decode(body));

const get = new GetCommand({ TableName: 'rows', Key: { pk: 'a', sk: 'b' } });
const put = new PutCommand({
  TableName: 'rows',
  Item: { pk: 'a' },
  ConditionExpression: 'attribute_not_exists(pk)',
});
const refusal = (type: string): Answer => ({
  statusCode: 400,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'refused' }),
});

describe('requests of the table', () => {
  it('hold the rows that the SDK would send, and answer with those that it would read', async () => {
    const answer = { statusCode: 200, body: '{}' };
    const { table, sdk, sent } = tableOver(answer);
    await table.send(get);
    const leaf = fc.oneof(
      fc.string(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
    );
    // The SDK itself loses or refuses members of some of these names. No row has one.
    const name = fc.string({ minLength: 1 }).filter((text) => !(text in Object.prototype));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value')), fc.dictionary(name, tie('value'))),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value), async (Item) => {
        for (const client of [sdk, table]) await client.send(new PutCommand({ TableName: 'rows', Item }));
        const [bySdk, directly] = sent.slice(-2).map(({ body }) => JSON.parse(textOf(body)));
        expect(directly).toEqual(bySdk);
        answer.body = JSON.stringify({ Item: bySdk.Item });
        expect((await table.send(get)).Item).toEqual((await sdk.send(get)).Item);
        expect(sent.slice(-4).map(isOfSdk)).toEqual([true, false, false, true]);
      }),
      { numRuns: 50 },
    );
  });

  it('throw a condition that does not hold as the SDK does, and do not ask again', async () => {
    const { table, sent } = tableOver(OK, refusal('ConditionalCheckFailedException'));
    await table.send(get);
    await expect(table.send(put)).rejects.toThrow(ConditionalCheckFailedException);
    expect(sent.map(isOfSdk)).toEqual([true, false]);
  });

  it('leave each other refusal to the SDK', async () => {
    const throttled = 'ProvisionedThroughputExceededException';
    const { table, sent } = tableOver(OK, refusal(throttled), refusal(throttled), OK);
    await table.send(get);
    await expect(table.send(put)).rejects.toMatchObject({ name: throttled });
    expect(sent.map(isOfSdk)).toEqual([true, false, true]);
  });

  it.each([
    '<html>back soon</html>',
    'null',
    '[]',
    '{"Item":null}',
    '{"Item":{"pk":{"N":"9007199254740993"}}}',
  ])('leave an answer that is no row of ours to the SDK: %s', async (body) => {
    const row = { statusCode: 200, body: '{"Item":{"pk":{"S":"a"}}}' };
    const { table, sent } = tableOver(OK, { statusCode: 200, body }, row);
    await table.send(get);
    expect((await table.send(get)).Item).toEqual({ pk: 'a' });
    expect(sent.map(isOfSdk)).toEqual([true, false, true]);
  });
});
