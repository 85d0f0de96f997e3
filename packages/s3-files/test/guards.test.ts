import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, BUCKET, startTestServer, type TestServer } from './test-server.ts';

/** `yyyymmddThhmmssZ` */
const amzDate = (at: Date): string => at.toISOString().replaceAll(/[-:]|\.\d+/g, '');

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
    ['OPTIONS', 'drop/guarded', '403 AccessDenied'],
  ])('answers %s /%s with %s', async (method, path, expected) => {
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
  ])('answers Host %s, path %s with %i', async (host, path, status) => {
    await put('addressed');
    expect(await withHost(host, path)).toBe(status);
  });
  const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const signature = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=${amzDate(new Date())}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0a`;
  it.each([
    ['a page of another site', '/drop/addressed', { origin: 'https://evil.example' }, 403],
    ['a link', '/drop/addressed', { ...link, 'sec-fetch-site': 'cross-site' }, 403],
    ['a signed link', `/drop/addressed?${signature}`, { ...link, 'sec-fetch-site': 'same-site' }, 200],
    [
      'half of a signature',
      '/drop/addressed?X-Amz-Signature=0a',
      { ...link, 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['a typed address', '/drop/addressed', { ...link, 'sec-fetch-site': 'none' }, 200],
  ])('answers a request from %s with %s', async (_from, path, headers, status) => {
    await put('addressed');
    expect(await withHost('localhost', path, headers)).toBe(status);
  });
});

it('refuses an object that is announced as larger than S3 takes in one request, before any of it is stored', async () => {
  const code = await new Promise((resolve, reject) => {
    const headers = { 'content-length': String(6 * 1024 ** 3) };
    const outgoing = httpRequest(
      `${test.server.url}/drop/huge`,
      { method: 'PUT', headers },
      async (answer) => {
        resolve(`${answer.statusCode} ${/<Code>(.*?)</.exec(await text(answer))?.[1]}`);
        outgoing.destroy();
      },
    );
    outgoing.on('error', reject).flushHeaders();
  });
  expect(code).toBe('400 EntityTooLarge');
  await expect(read('huge')).rejects.toThrow();
});

describe('what a browser makes of an answer', () => {
  const page = (path: string, headers = {}) => fetch(`${test.server.url}/drop/${path}`, { headers });
  beforeAll(() => put('page', '<script>alert(1)</script>'));
  it.each([
    ['an object', 'page', 200],
    ['nothing', 'missing', 404],
    ['a refusal', 'page?response-content-type=text/html', 400],
    ['a list', '', 200],
  ])('%s: forbids scripts, type guessing and reading by other sites', async (_what, path, status) => {
    const { headers, status: got } = await page(path);
    expect(got).toBe(status);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('accepts response-… parameters only with a signature', async () => {
    expect(await ask(`${test.server.url}/drop/page?response-content-type=text/html`)).toBe(
      '400 InvalidRequest',
    );
    const answer = await test.client.send(
      new GetObjectCommand({ Bucket, Key: 'page', ResponseContentType: 'text/plain' }),
    );
    expect(answer.ContentType).toBe('text/plain');
    const command = new GetObjectCommand({
      Bucket,
      Key: 'page',
      ResponseContentDisposition: 'attachment; filename="a.pdf"',
    });
    const signed = await fetch(await getSignedUrl(test.client, command));
    expect(signed.headers.get('content-disposition')).toBe('attachment; filename="a.pdf"');
    expect(signed.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  });
});

describe('presigned URLs', () => {
  it('put and get until they expire', async () => {
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
