import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  NoSuchKey,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDropBucket } from '../../../functions/adapters/drop-bucket.ts';

const s3 = mockClient(S3Client);
beforeEach(() => {
  s3.reset();
});

const bucket = createDropBucket(s3 as unknown as S3Client, 'drop');
/** A body as the SDK's own handlers make it. */
const body = (text: string) =>
  Object.assign(Readable.from([Buffer.from(text)]), {
    transformToByteArray: async () => new Uint8Array(Buffer.from(text)),
  }) as unknown as NonNullable<GetObjectCommandOutput['Body']>;
const failure = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: 'client', message: name, $metadata: { httpStatusCode } });
const noSuchKey = () => new NoSuchKey({ message: 'no', $metadata: { httpStatusCode: 404 } });
const LastModified = new Date('2026-03-01T10:00:00.000Z');
const lastModified = LastModified.toISOString();
const inputs = () => s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input);

describe('readRange', () => {
  it('reads a part, and tells the whole size, the ETag without quotes and the version', async () => {
    s3.on(GetObjectCommand).resolves({
      Body: body('DICM'),
      ContentRange: 'bytes 0-3/524810',
      ContentLength: 4,
      ETag: '"abc"',
      VersionId: 'v1',
      LastModified,
    });
    const { bytes, ...rest } = expectRange(await bucket.readRange('siteA/a b', 0, 3));
    expect(Buffer.from(bytes).toString()).toBe('DICM');
    expect(rest).toEqual({
      kind: 'range',
      totalSizeBytes: 524_810,
      etag: 'abc',
      versionId: 'v1',
      lastModified,
    });
    expect(inputs()).toEqual([{ Bucket: 'drop', Key: 'siteA/a b', Range: 'bytes=0-3' }]);
  });

  it('leaves the version out that an unversioned bucket calls null', async () => {
    s3.on(GetObjectCommand).resolves({ Body: body('x'), ETag: '"e"', VersionId: 'null', LastModified });
    expect(await bucket.readRange('k', 0, 3)).not.toHaveProperty('versionId');
  });

  it('reads an empty object, which no range satisfies (416)', async () => {
    s3.on(GetObjectCommand)
      .rejectsOnce(failure('InvalidRange', 416))
      .resolves({ Body: body(''), ETag: '"d41d"', LastModified });
    const { bytes, ...rest } = expectRange(await bucket.readRange('k', 0, 3));
    expect(bytes).toHaveLength(0);
    expect(rest).toEqual({ kind: 'range', totalSizeBytes: 0, etag: 'd41d', lastModified });
    expect(inputs()[1]).toEqual({ Bucket: 'drop', Key: 'k' });
  });

  it('answers missing when there is no such key, also after a 416', async () => {
    s3.on(GetObjectCommand)
      .rejectsOnce(noSuchKey())
      .rejectsOnce(failure('InvalidRange', 416))
      .rejectsOnce(noSuchKey());
    expect(await bucket.readRange('k', 0, 3)).toEqual({ kind: 'missing' });
    expect(await bucket.readRange('k', 0, 3)).toEqual({ kind: 'missing' });
  });

  it.each([
    ['AccessDenied', 403],
    ['SlowDown', 503],
  ])('throws for %s: the message comes again', async (name, status) => {
    s3.on(GetObjectCommand).rejects(failure(name, status));
    await expect(bucket.readRange('k', 0, 3)).rejects.toThrow(name);
  });
});

describe('openInstance', () => {
  const object = { key: 'k', etag: 'abc', sizeBytes: 4, isGzip: false };

  it('REQ-SENT-1: asks for the very content that was indexed', async () => {
    const stream = body('DICM');
    s3.on(GetObjectCommand).resolves({ Body: stream });
    expect(await bucket.openInstance({ ...object, versionId: 'v1' })).toEqual({ kind: 'open', body: stream });
    await bucket.openInstance(object);
    expect(inputs()).toEqual([
      { Bucket: 'drop', Key: 'k', IfMatch: '"abc"', VersionId: 'v1' },
      { Bucket: 'drop', Key: 'k', IfMatch: '"abc"' },
    ]);
  });

  it.each([
    ['gone', noSuchKey()],
    ['replaced (412)', failure('PreconditionFailed', 412)],
    ['its version gone', failure('NoSuchVersion', 404)],
  ])('answers missing when it is %s', async (_name, error) => {
    s3.on(GetObjectCommand).rejects(error);
    expect(await bucket.openInstance(object)).toEqual({ kind: 'missing' });
  });

  it('throws for anything else', async () => {
    s3.on(GetObjectCommand).rejects(failure('SlowDown', 503));
    await expect(bucket.openInstance(object)).rejects.toThrow('SlowDown');
  });
});

it('lists a page in the order of keys', async () => {
  s3.on(ListObjectsV2Command)
    .resolvesOnce({ Contents: [{ Key: 'siteA/x', Size: 5, ETag: '"e"', LastModified }], IsTruncated: true })
    .resolves({});
  expect(await bucket.list('siteA/')).toEqual({
    objects: [{ key: 'siteA/x', sizeBytes: 5, etag: 'e', lastModified }],
    isLast: false,
  });
  expect(await bucket.list('siteA/', 'siteA/x')).toEqual({ objects: [], isLast: true });
  expect(s3.commandCalls(ListObjectsV2Command)[1]?.args[0].input).toEqual({
    Bucket: 'drop',
    Prefix: 'siteA/',
    StartAfter: 'siteA/x',
  });
});

function expectRange(answer: Awaited<ReturnType<typeof bucket.readRange>>) {
  if (answer.kind !== 'range') throw new Error(`expected a range, got ${answer.kind}`);
  return answer;
}
