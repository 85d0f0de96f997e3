import { Readable } from 'node:stream';
import {
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createResultsBucket } from '../../../functions/adapters/results-bucket.ts';

// `Upload` of the SDK asks a real client for its settings, so the send method of a real one is mocked.
const client = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
const s3 = mockClient(client);
beforeEach(() => {
  s3.reset();
});

const bucket = createResultsBucket(client, 'results');

it('puts a body with its type', async () => {
  s3.on(PutObjectCommand).resolves({});
  const body = Buffer.from('{}');
  await bucket.put('siteA/1/2/1/result.json', body, 'application/json');
  expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'results',
    Key: 'siteA/1/2/1/result.json',
    Body: body,
    ContentType: 'application/json',
  });
});

it('puts a small stream in one request', async () => {
  s3.on(PutObjectCommand).resolves({});
  await bucket.putStream('k', Readable.from([Buffer.from('PDF')]), 'application/pdf');
  const [call] = s3.commandCalls(PutObjectCommand);
  expect(call?.args[0].input).toMatchObject({ Bucket: 'results', Key: 'k', ContentType: 'application/pdf' });
  expect(Buffer.from(call?.args[0].input.Body as Uint8Array).toString()).toBe('PDF');
  expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(0);
});

it('stores nothing of a stream that breaks off', async () => {
  s3.on(PutObjectCommand).resolves({});
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('half');
      throw new Error('the connection was cut');
    })(),
  );
  await expect(bucket.putStream('k', broken, 'application/pdf')).rejects.toThrow('the connection was cut');
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
});

it('lists the keys of all pages', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({ Contents: [{ Key: 'a' }, { Key: 'b' }], NextContinuationToken: 't' })
    .resolvesOnce({ Contents: [{ Key: 'c' }] });
  expect(await bucket.keys('p/')).toEqual(['a', 'b', 'c']);
  expect(s3.commandCalls(ListObjectsV2Command).map(({ args }) => args[0].input)).toEqual([
    { Bucket: 'results', Prefix: 'p/' },
    { Bucket: 'results', Prefix: 'p/', ContinuationToken: 't' },
  ]);
});
