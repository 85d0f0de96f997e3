import { afterEach, describe, expect, test } from 'vitest';
import type { QureSimulatorOptions } from '../src/qure-simulator.ts';
import { dicomFile } from './dicom-file.ts';
import { type Bench, HEADERS, MULTIPART, multipartBody, startBench } from './independent-client.ts';

let bench: Bench;
const start = async (options: Partial<QureSimulatorOptions> = {}) => {
  bench = await startBench(options);
  return bench;
};
afterEach(() => bench.end());

const CT = dicomFile({ description: '[critical]' });

describe('headers that every call needs', () => {
  const { authorization: _a, ...noAuthorization } = HEADERS;
  const { source: _s, ...noSource } = HEADERS;
  const { 'user-agent': _u, ...noUserAgent } = HEADERS;
  test.each<[string, Record<string, string>, number, unknown]>([
    ['no Authorization', noAuthorization, 401, { authenticated: false, next: '/accounts/login/' }],
    ['a wrong token', { ...HEADERS, authorization: 'Token other' }, 401, { authenticated: false }],
    ['a bearer token', { ...HEADERS, authorization: 'Bearer a-token' }, 401, { authenticated: false }],
    [
      'the word token in lower case',
      { ...HEADERS, authorization: 'token a-token' },
      401,
      { authenticated: false },
    ],
    ['no Source', noSource, 403, { success: false, message: 'Access denied!' }],
    ['a wrong Source', { ...HEADERS, source: 'other' }, 403, { message: 'Access denied!' }],
    ['no User-Agent', noUserAgent, 400, { message: 'User-Agent is missing' }],
  ])('%s', async (_name, headers, status, body) => {
    const { get, post, qure } = await start();
    for (const path of ['/compute/1.2.3', '/results/1.2.3', '/results/v2/1.2.3']) {
      const answer = await get(path, { headers });
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, body]);
    }
    const answer = await post('/studies/', {
      headers: { ...headers, 'content-type': MULTIPART },
      body: multipartBody([Buffer.alloc(3_000_000)]),
    });
    expect(answer.status).toBe(status);
    expect(qure.journal.map((call) => [call.status, call.refusal !== undefined])).toEqual(
      Array(4).fill([status, true]),
    );
  });

  test('token and source can change at run time', async () => {
    const { get, qure } = await start();
    qure.setToken('new');
    expect((await get('/compute/1')).status).toBe(401);
    qure.setSource('new');
    const headers = { ...HEADERS, authorization: 'Token new', source: 'new' };
    expect((await get('/compute/1', { headers })).status).toBe(404);
  });
});

describe('compute', () => {
  test('accepts a series, then answers 304 without a body, then accepts it again on request', async () => {
    const { get, upload, qure } = await start();
    await upload([CT]);
    const first = await get('/compute/1.2.3');
    expect([first.status, JSON.parse(first.text)]).toEqual([
      200,
      { message: '1.2.3 successfully pushed for computation!', success: true, authenticated: true },
    ]);
    const repeated = await get('/compute/1.2.3');
    expect([repeated.status, repeated.text, repeated.headers['content-length']]).toEqual([
      304,
      '',
      undefined,
    ]);
    const headers = { ...HEADERS, 'content-type': 'application/json' };
    expect((await get('/compute/1.2.3', { headers, body: '{"recompute": false}' })).status).toBe(304);
    expect((await get('/compute/1.2.3', { headers, body: '{"recompute": true}' })).status).toBe(200);
    expect(qure.series.get('1.2.3')?.computations.map((c) => [c.isRecompute, c.instances])).toEqual([
      [false, 1],
      [true, 1],
    ]);
    expect(qure.journal.filter((call) => call.isRecompute)).toHaveLength(1);
  });

  test('answers a repetition with 200 in the mode of older servers', async () => {
    const { get, upload } = await start({ dialect: { repeatedCompute: 200 } });
    await upload([CT]);
    await get('/compute/1.2.3');
    const repeated = await get('/compute/1.2.3');
    expect([repeated.status, JSON.parse(repeated.text).message]).toEqual([
      200,
      '1.2.3 was already pushed for computation!',
    ]);
  });

  test.each<[string, QureSimulatorOptions['dialect'], unknown]>([
    ['documented', {}, { success: false, message: 'Series with SeriesInstanceUID 1.7 is not yet uploaded!' }],
    [
      'older',
      { successSpelling: 'sucess' },
      { sucess: false, message: 'Resource with SeriesInstanceUID 1.7 is not yet uploaded!' },
    ],
  ])('answers 404 in the %s spelling', async (_name, dialect, body) => {
    const { get } = await start({ dialect: dialect ?? {} });
    const answer = await get('/compute/1.7');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([404, body]);
  });

  test.each(['{"recompute": tru', '[]', '{"recompute": "yes"}'])('refuses the body %s', async (body) => {
    const { get, upload, qure } = await start();
    await upload([CT]);
    const answer = await get('/compute/1.2.3', {
      headers: { ...HEADERS, 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(qure.series.get('1.2.3')?.computations).toEqual([]);
  });
});

describe('the rest', () => {
  test('refuses unknown paths and methods', async () => {
    const { get, post } = await start();
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/studies/')).status).toBe(405);
    expect((await post('/compute/1.2.3', { headers: HEADERS })).status).toBe(405);
  });

  test('serves every address below its base path', async () => {
    const { get, qure } = await start({ basePath: '/qure/api' });
    expect(qure.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/qure\/api$/);
    expect((await get('/compute/1.7')).text).toContain('not yet uploaded');
    expect((await get(`${new URL(qure.baseUrl).origin}/compute/1.7`)).text).toContain('Not found');
  });

  test('answers "not uploaded" for a series that it has forgotten', async () => {
    const { get, upload, qure } = await start();
    await upload([CT, dicomFile({ sop: '1.2.3.2' })]);
    expect(qure.forget('1.2.3.2')).toBe(true);
    expect(qure.series.get('1.2.3')?.instances.size).toBe(1);
    expect(qure.forget('1.2.3')).toBe(true);
    expect(qure.forget('1.2.3')).toBe(false);
    expect((await get('/compute/1.2.3')).status).toBe(404);
  });

  test('rejects a port in use', async () => {
    const { qure } = await start();
    await expect(startBench({ port: Number(new URL(qure.baseUrl).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
