import { request as httpRequest } from 'node:http';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, BUCKET, failureOf, startTestServer, type TestServer } from './test-server.ts';

let test: TestServer;
const Bucket = BUCKET;
const put = (Key: string, Body: string | Uint8Array = 'content', more = {}) =>
  test.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const read = async (Key: string, more = {}) => {
  const answer = await test.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return (await answer.Body?.transformToString()) ?? '';
};
const urlOf = (key: string) => `${test.server.url}/${BUCKET}/${encodeURIComponent(key)}`;

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

describe('buckets', () => {
  it('can be listed, created twice, and found', async () => {
    await test.client.send(new CreateBucketCommand({ Bucket: 'made-later' }));
    await test.client.send(new CreateBucketCommand({ Bucket: 'made-later' }));
    const { Buckets } = await test.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map((bucket) => bucket.Name)).toEqual(['drop', 'made-later', 'results']);
    await test.client.send(new HeadBucketCommand({ Bucket }));
    expect(await failureOf(test.client.send(new HeadBucketCommand({ Bucket: 'none' })))).toContain('404');
    expect(await test.client.send(new GetBucketLocationCommand({ Bucket }))).not.toHaveProperty(
      'LocationConstraint',
    );
    expect(await test.client.send(new GetBucketVersioningCommand({ Bucket }))).not.toHaveProperty('Status');
    expect(
      await failureOf(test.client.send(new PutObjectCommand({ Bucket: 'none', Key: 'a', Body: 'b' }))),
    ).toBe('404 NoSuchBucket');
  });
});

describe('keys', () => {
  const nasty = [
    'a//b',
    '/leading',
    'trailing/',
    '../../up',
    '..%2F..%2Fup',
    'with blank + plus % percent',
    'Schädel/größe.dcm',
    '日本語/🩻.dcm',
    'line\nbreak\ttab',
    'quotes\'"<&>',
    '?query=1&x#y',
    'k'.repeat(1024),
    'ü'.repeat(512),
  ];
  it.each(nasty)('%j is stored, read, listed and deleted as itself', async (key) => {
    await put(key, `content of ${key}`);
    expect(await read(key)).toBe(`content of ${key}`);
    await vi.waitFor(() => expect(test.events.map((event) => event.key)).toContain(key));
    for (const EncodingType of ['url', undefined] as const) {
      const { Contents } = await test.client.send(
        new ListObjectsV2Command({ Bucket, Prefix: key, EncodingType }),
      );
      const listed = Contents?.map((object) => object.Key ?? '');
      expect(EncodingType === 'url' ? listed?.map(decodeURIComponent) : listed).toEqual([key]);
    }
    await test.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
    expect(await failureOf(read(key))).toBe('404 NoSuchKey');
  });

  it.each([
    ['1025 bytes', 'k'.repeat(1025)],
    ['513 characters of two bytes', 'ü'.repeat(513)],
  ])('%s are too long', async (_name, key) => {
    expect(await failureOf(put(key))).toBe('400 KeyTooLongError');
  });

  it('are refused if they are not UTF-8', async () => {
    expect(await ask(`${test.server.url}/drop/%ff`, { method: 'PUT', body: 'x' })).toBe('400 InvalidURI');
  });
});

describe('content and headers', () => {
  it('are returned as they were sent', async () => {
    const headers = {
      ContentType: 'application/dicom',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      ContentLanguage: 'de',
      Metadata: { mtime: '1.5', site: 'a b' },
    };
    const { ETag } = await put('with-headers', 'content', headers);
    const answer = await test.client.send(new GetObjectCommand({ Bucket, Key: 'with-headers' }));
    expect(answer).toMatchObject({ ...headers, ETag, ContentLength: 7, AcceptRanges: 'bytes' });
    expect(ETag).toBe('"9a0364b9e99bb480dd25e1f0284c8555"');
    const overridden = await fetch(
      await getSignedUrl(
        test.client,
        new GetObjectCommand({ Bucket, Key: 'with-headers', ResponseContentType: 'text/plain' }),
      ),
    );
    expect(overridden.headers.get('content-type')).toBe('text/plain');
  });

  it('removes the old file when the object is overwritten or deleted', async () => {
    await put('again', 'one');
    const before = await test.countBodies();
    await put('again', 'two');
    expect(await read('again')).toBe('two');
    expect(await test.countBodies()).toBe(before);
    await test.client.send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    await test.client.send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    expect(await test.countBodies()).toBe(before - 1);
  });

  it('lets a reader that has begun finish the overwritten object', async () => {
    const old = Buffer.alloc(24 * 1024 * 1024, 'o');
    await put('being-read', old);
    const before = await test.countBodies();
    const answer = await test.client.send(new GetObjectCommand({ Bucket, Key: 'being-read' }));
    await put('being-read', 'new');
    const bytes = (await answer.Body?.transformToByteArray()) ?? Buffer.of();
    expect(old.equals(bytes)).toBe(true);
    expect(await read('being-read')).toBe('new');
    await vi.waitFor(async () => expect(await test.countBodies()).toBe(before));
  });

  it('refuses metadata above 2 KB', async () => {
    expect(await failureOf(put('m', 'x', { Metadata: { a: 'x'.repeat(2048) } }))).toBe(
      '400 MetadataTooLarge',
    );
  });

  it('stores nothing of a truncated body', async () => {
    const before = await test.countBodies();
    await new Promise<void>((resolve) => {
      const request = httpRequest(urlOf('cut-off'), {
        method: 'PUT',
        headers: { 'content-length': 1_000_000 },
      });
      request.on('error', () => resolve());
      request.write(Buffer.alloc(300_000), () => request.destroy());
      request.on('close', resolve);
    });
    await vi.waitFor(async () => expect(await test.countBodies()).toBe(before));
    expect(await failureOf(read('cut-off'))).toBe('404 NoSuchKey');
  });
});

describe('ranges of ten bytes 0123456789', () => {
  beforeAll(() => put('ten', '0123456789'));
  it.each([
    ['bytes=0-3', '206', '0123', 'bytes 0-3/10'],
    ['bytes=8-', '206', '89', 'bytes 8-9/10'],
    ['bytes=5-500', '206', '56789', 'bytes 5-9/10'],
    ['bytes=-3', '206', '789', 'bytes 7-9/10'],
    ['bytes=-500', '206', '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', '416', undefined, null],
    ['bytes=-0', '416', undefined, null],
    ['bytes=3-1', '200', '0123456789', null],
    ['bytes=0-1,3-4', '200', '0123456789', null],
    ['lines=1-2', '200', '0123456789', null],
  ])('%s', async (range, status, content, contentRange) => {
    const answer = await fetch(urlOf('ten'), { headers: { range } });
    expect([String(answer.status), answer.headers.get('content-range')]).toEqual([status, contentRange]);
    const text = await answer.text();
    expect(text).toContain(content ?? '<Code>InvalidRange</Code>');
  });
  it('of an empty object cannot be satisfied', async () => {
    await put('nothing', '');
    expect(await ask(urlOf('nothing'), { headers: { range: 'bytes=0-' } })).toBe('416 InvalidRange');
    expect(await ask(urlOf('nothing'))).toBe('200');
  });
  it('are ignored when If-Range names another content', async () => {
    const headers = { range: 'bytes=0-3', 'if-range': '"other"' };
    expect(await ask(urlOf('ten'), { headers })).toBe('200');
  });
});

describe('conditions', () => {
  const past = new Date(0).toUTCString();
  const future = new Date(4e12).toUTCString();
  const etag = '"9a0364b9e99bb480dd25e1f0284c8555"';
  beforeAll(() => put('conditional'));
  it.each([
    ['GET', { 'if-match': etag }, '200'],
    ['GET', { 'if-match': '"other"' }, '412 PreconditionFailed'],
    ['GET', { 'if-none-match': etag }, '304'],
    ['GET', { 'if-none-match': '"other"' }, '200'],
    ['GET', { 'if-modified-since': future }, '304'],
    ['GET', { 'if-modified-since': past }, '200'],
    ['GET', { 'if-unmodified-since': past }, '412 PreconditionFailed'],
    ['GET', { 'if-match': etag, 'if-unmodified-since': past }, '200'],
    ['HEAD', { 'if-none-match': etag }, '304'],
    ['HEAD', { 'if-match': '"other"' }, '412'],
    ['PUT', { 'if-none-match': '*' }, '412 PreconditionFailed'],
    ['PUT', { 'if-match': '"other"' }, '412 PreconditionFailed'],
    ['PUT', { 'if-none-match': '"other"' }, '501 NotImplemented'],
    ['PUT', { 'if-match': etag }, '200'],
    ['DELETE', { 'if-match': '"other"' }, '412 PreconditionFailed'],
  ])('%s %j is answered by %s', async (method, headers, expected) => {
    const body = method === 'PUT' ? { body: 'content' } : {};
    expect(await ask(urlOf('conditional'), { method, headers, ...body })).toBe(expected);
    expect(await read('conditional')).toBe('content');
  });
  it('let exactly one of many concurrent writers win', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        ask(urlOf('raced'), { method: 'PUT', body: String(i), headers: { 'if-none-match': '*' } }),
      ),
    );
    expect(answers.filter((answer) => answer === '200')).toHaveLength(1);
  });
});

describe('copies', () => {
  beforeAll(() => put('source ä+', 'content', { Metadata: { a: '1' }, ContentType: 'application/dicom' }));
  const copy = (Key: string, more = {}) =>
    test.client.send(
      new CopyObjectCommand({
        Bucket,
        Key,
        CopySource: `${BUCKET}/${encodeURIComponent('source ä+')}`,
        ...more,
      }),
    );
  it('copy the content and the metadata, or replace the metadata', async () => {
    await copy('copied');
    expect(await test.client.send(new HeadObjectCommand({ Bucket, Key: 'copied' }))).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'application/dicom',
      ContentLength: 7,
    });
    await copy('source ä+', { MetadataDirective: 'REPLACE', Metadata: { b: '2' } });
    const replaced = await test.client.send(new HeadObjectCommand({ Bucket, Key: 'source ä+' }));
    expect(replaced.Metadata).toEqual({ b: '2' });
    expect(await read('source ä+')).toBe('content');
    await vi.waitFor(() =>
      expect(test.events.find((event) => event.key === 'copied')?.eventName).toBe('ObjectCreated:Copy'),
    );
  });
  it.each([
    ['onto itself unchanged', () => copy('source ä+'), '400 InvalidRequest'],
    ['of what is not there', () => copy('x', { CopySource: `${BUCKET}/missing` }), '404 NoSuchKey'],
    ['if it matches', () => copy('x', { CopySourceIfMatch: '"other"' }), '412 PreconditionFailed'],
  ])('%s', async (_name, call, expected) => {
    expect(await failureOf(call())).toBe(expected);
  });
});
