import { request as httpRequest } from 'node:http';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, BUCKET, startTestServer, type TestServer } from './test-server.ts';

let test: TestServer;
const Bucket = BUCKET;
const put = (Key: string, Body = 'content') => test.client.send(new PutObjectCommand({ Bucket, Key, Body }));
const read = async (Key: string) => {
  const answer = await test.client.send(new GetObjectCommand({ Bucket, Key }));
  return (await answer.Body?.transformToString()) ?? '';
};

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

describe('what is not implemented never touches the object', () => {
  beforeAll(() => put('guarded', 'untouched'));
  const queries = ['acl', 'policy', 'versioning', 'lifecycle', 'retention', 'unheard-of=1'];
  it.each(
    queries.flatMap((query) =>
      ['PUT', 'POST', 'DELETE'].flatMap((method) => [
        [method, `drop/guarded?${query}`],
        [method, `drop?${query}`],
      ]),
    ),
  )('%s /%s', async (method, path) => {
    const body = method === 'DELETE' ? {} : { body: '<x/>' };
    expect(await ask(`${test.server.url}/${path}`, { method, ...body })).toBe('501 NotImplemented');
    expect(await read('guarded')).toBe('untouched');
  });
  it.each([
    ['GET', 'drop/guarded?tagging', '200'],
    ['GET', 'drop/guarded?acl', '200'],
    ['GET', 'drop/missing?tagging', '404 NoSuchKey'],
    ['GET', 'drop?acl', '200'],
    ['POST', 'drop/guarded?tagging', '501 NotImplemented'],
    ['DELETE', 'drop/guarded?tagging', '501 NotImplemented'],
    ['PUT', 'drop/guarded?tagging', '400 MalformedXML'],
    ['PUT', 'drop/missing?tagging', '404 NoSuchKey'],
    ['PUT', 'drop?tagging', '501 NotImplemented'],
    ['DELETE', 'drop', '501 NotImplemented'],
    ['POST', 'drop', '501 NotImplemented'],
    ['DELETE', 'drop/guarded?versionId=other', '400 InvalidArgument'],
    ['OPTIONS', 'drop/guarded', '501 NotImplemented'],
  ])('%s /%s is answered by %s', async (method, path, expected) => {
    expect(await ask(`${test.server.url}/${path}`, { method })).toBe(expected);
    expect(await read('guarded')).toBe('untouched');
  });
});

describe('addresses', () => {
  const withHost = (host: string, path: string, headers = {}) =>
    new Promise<number>((resolve, reject) => {
      httpRequest(`${test.server.url}${path}`, { headers: { host, ...headers } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  it.each([
    ['drop.localhost', '/addressed', 200],
    ['drop.localhost:4566', '/addressed', 200],
    ['localhost', '/drop/addressed', 200],
    ['[::1]:4566', '/drop/addressed', 200],
    ['results.localhost', '/addressed', 404],
    ['evil.example', '/drop/addressed', 403],
    ['127.0.0.1.evil.example', '/drop/addressed', 403],
  ])('Host %s, path %s: %i', async (host, path, status) => {
    await put('addressed');
    expect(await withHost(host, path)).toBe(status);
  });
  it("refuses other sites' pages", async () => {
    expect(await withHost('localhost', '/drop', { origin: 'https://evil.example' })).toBe(403);
    expect(await withHost('localhost', '/drop', { origin: 'http://localhost:4800' })).toBe(200);
  });
});

describe('presigned URLs', () => {
  it('put and get until their time is up', async () => {
    const command = { Bucket, Key: 'signed +ä' };
    const putUrl = await getSignedUrl(test.client, new PutObjectCommand(command));
    expect(await ask(putUrl, { method: 'PUT', body: 'signed content' })).toBe('200');
    expect(await (await fetch(await getSignedUrl(test.client, new GetObjectCommand(command)))).text()).toBe(
      'signed content',
    );
    const signingDate = new Date(Date.now() - 120_000);
    const expired = await getSignedUrl(test.client, new PutObjectCommand(command), {
      signingDate,
      expiresIn: 60,
    });
    expect(await ask(expired, { method: 'PUT', body: 'too late' })).toBe('403 AccessDenied');
    expect(await read(command.Key)).toBe('signed content');
  });
});
