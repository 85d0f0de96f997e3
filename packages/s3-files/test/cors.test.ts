import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET, clientFor, startTestServer, type TestServer } from './test-server.ts';

const PAGE = 'http://127.0.0.1:4800';
let origins: string[] = [];
const both = { maxAgeSeconds: 60, exposedHeaders: ['ETag'] };
const RULES = {
  [BUCKET]: { ...both, methods: ['PUT'], requestHeaders: ['content-type'] },
  results: { ...both, methods: ['GET', 'HEAD'], requestHeaders: ['range'] },
};

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer({ origins: () => origins, rules: RULES });
  await test.client.send(new PutObjectCommand({ Bucket: 'results', Key: 'a.png', Body: 'picture' }));
});
afterAll(() => test.stop());
beforeEach(() => {
  origins = [PAGE];
});

const client = () => clientFor(test.server.url);
const linkToPut = () =>
  getSignedUrl(client(), new PutObjectCommand({ Bucket: BUCKET, Key: 'x/1' }), { expiresIn: 60 });
const linkToGet = (expiresIn = 60, Key = 'a.png') =>
  getSignedUrl(client(), new GetObjectCommand({ Bucket: 'results', Key }), { expiresIn });

const ask = (url: string, method: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(url, { method, headers: { origin: PAGE, ...headers }, ...(body === undefined ? {} : { body }) });
const preflight = (url: string, method: string, headers?: string, origin = PAGE) =>
  ask(url, 'OPTIONS', {
    origin,
    'access-control-request-method': method,
    ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
  });

describe('the page of this machine', () => {
  it('is told before it puts that it may, with which headers, and for how long', async () => {
    const answer = await preflight(await linkToPut(), 'PUT', 'content-type');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '60',
      vary: expect.stringContaining('Origin'),
    });
  });

  it('puts by a link, and reads the ETag', async () => {
    const answer = await ask(await linkToPut(), 'PUT', { 'content-type': 'application/dicom' }, 'scan');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toMatch(/^"/);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
  });

  it('reads by a link, also a part', async () => {
    const answer = await ask(await linkToGet(), 'GET', { range: 'bytes=0-2' });
    expect([answer.status, await answer.text()]).toEqual([206, 'pic']);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  });

  it('reads why a link does not work', async () => {
    const missing = await ask(await linkToGet(60, 'none'), 'GET');
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, PAGE]);
  });

  it.each<[string, () => Promise<Response>]>([
    ['to put into the results', async () => preflight(await linkToGet(), 'PUT')],
    ['to read scans', async () => ask(await linkToPut(), 'GET')],
    ['to delete', async () => preflight(await linkToPut(), 'DELETE')],
    ['to send other headers', async () => preflight(await linkToPut(), 'PUT', 'content-type, x-amz-acl')],
    ['a list of the bucket', async () => ask(`${test.server.url}/${BUCKET}`, 'GET')],
    ['to put without a link', async () => preflight(`${test.server.url}/${BUCKET}/x`, 'PUT')],
    ['to ask for no method', async () => ask(await linkToPut(), 'OPTIONS')],
  ])('is refused %s', async (_, request) => {
    const answer = await request();
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it.each(['http://127.0.0.1:4801', 'https://127.0.0.1:4800', 'http://evil.example', 'null'])(
  'a page of %s is refused, also with a link',
  async (origin) => {
    expect((await preflight(await linkToPut(), 'PUT', undefined, origin)).status).toBe(403);
    expect((await ask(await linkToPut(), 'PUT', { origin }, 'scan')).status).toBe(403);
    expect((await ask(await linkToGet(), 'GET', { origin })).status).toBe(403);
  },
);

it('a page whose address is not known yet is refused', async () => {
  origins = [];
  expect((await preflight(await linkToPut(), 'PUT')).status).toBe(403);
});

it('a program gets the answers of before', async () => {
  const answer = await fetch(await linkToGet());
  expect(answer.status).toBe(200);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});
