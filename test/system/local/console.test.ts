import { request } from 'node:http';
import { connect } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleServer, startConsole } from '../../../local/console/console-server.ts';

const FACTS = {
  qure: 'simulator',
  s3Endpoint: 'http://127.0.0.1:4566',
  dropUrl: 's3://qure-dropoff-drop/default/',
};

let events: APIGatewayProxyEventV2[];
let answer: () => Promise<APIGatewayProxyStructuredResultV2>;
let server: ConsoleServer;

beforeEach(async () => {
  events = [];
  answer = async () => ({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: '{"items":[]}',
  });
  server = await startConsole({
    ...FACTS,
    port: 0,
    invokeApi: async (event) => {
      events.push(event);
      return await answer();
    },
  });
});
afterEach(() => server.close());

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** node:http, because fetch would not send a Host or an Origin of the test's choosing. */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('the guards', () => {
  const own = (): string => `127.0.0.1:${server.port}`;
  /** Who may ask at all is the guard's matter: packages/network-guard/test, and every listener in listeners.test.ts. */
  const rows: {
    name: string;
    method: string;
    path: string;
    headers?: () => Record<string, string>;
    status: number;
  }[] = [
    { name: 'GET /', method: 'GET', path: '/', status: 200 },
    { name: 'HEAD /', method: 'HEAD', path: '/', status: 200 },
    { name: 'GET with a query', method: 'GET', path: '/v1/series?state=DONE', status: 200 },
    { name: 'GET /openapi.json', method: 'GET', path: '/openapi.json', status: 200 },
    { name: 'GET of a script', method: 'GET', path: '/console/main-A.js', status: 200 },
    { name: 'POST to a script', method: 'POST', path: '/console/main-A.js', status: 405 },
    { name: 'a folder of the console', method: 'GET', path: '/console/a/b', status: 404 },
    {
      name: 'Host of a rebound name',
      method: 'GET',
      path: '/v1/series',
      headers: () => ({ host: 'evil.example' }),
      status: 421,
    },
    { name: 'POST of a program', method: 'POST', path: '/v1/series/1.2/retry', status: 200 },
    {
      name: 'POST of the page',
      method: 'POST',
      path: '/v1/series/1.2/retry',
      headers: () => ({ origin: `http://${own()}`, 'sec-fetch-site': 'same-origin' }),
      status: 200,
    },
    {
      name: 'POST of another site',
      method: 'POST',
      path: '/v1/series/1.2/retry',
      headers: () => ({ origin: 'https://evil.example' }),
      status: 403,
    },
    {
      name: 'GET of the page',
      method: 'GET',
      path: '/v1/series',
      headers: () => ({ 'sec-fetch-site': 'same-origin' }),
      status: 200,
    },
    { name: 'POST /', method: 'POST', path: '/', status: 405 },
    { name: 'DELETE', method: 'DELETE', path: '/v1/series/1.2', status: 405 },
    { name: 'a preflight', method: 'OPTIONS', path: '/v1/series', status: 405 },
    { name: 'another path', method: 'GET', path: '/etc/passwd', status: 404 },
    { name: 'a path that only begins like ours', method: 'GET', path: '/v1x', status: 404 },
    { name: 'an endless path', method: 'GET', path: `/v1/${'x'.repeat(9000)}`, status: 414 },
  ];
  it.each(rows)('$name: $status', async ({ method, path, headers, status }) => {
    const got = await send(method, path, headers?.());
    expect(got.status).toBe(status);
    expect(got.headers['x-content-type-options']).toBe('nosniff');
    expect(got.headers['access-control-allow-origin']).toBeUndefined();
    if (status >= 400) {
      expect(got.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(got.body)).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
      expect(events).toEqual([]);
    }
  });

  it('name the allowed methods in a 405', async () => {
    expect((await send('DELETE', '/v1/series')).headers.allow).toBe('GET, HEAD');
  });

  it.each([
    { name: 'stated', headers: { 'content-length': String(1024 * 1024 + 1) } },
    { name: 'chunked', headers: { 'transfer-encoding': 'chunked' } },
  ])('refuse a body over 1 MiB ($name)', async ({ headers }) => {
    const got = await send('POST', '/v1/series/1.2/retry', headers, Buffer.alloc(1024 * 1024 + 1));
    expect(got.status).toBe(413);
    expect(events).toEqual([]);
  });

  it('accept a body of exactly 1 MiB', async () => {
    expect((await send('POST', '/v1/series/1.2/retry', {}, Buffer.alloc(1024 * 1024))).status).toBe(200);
  });

  it('listen on 127.0.0.1 only', async () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/`);
    const reached = await new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.2');
      socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'));
      socket.on('connect', () => socket.destroy());
    });
    expect(reached).toBe('refused');
  });
});

describe('the API', () => {
  it('receives the request as an event of payload format 2.0', async () => {
    const headers = { 'content-type': 'application/json', cookie: 'a=1; b=2', 'x-a': 'b' };
    await send('POST', '/v1/series/1.2.3/retry?source=a%20b&source=c&x=', headers, '{"recompute": true}');
    expect(events).toEqual([
      expect.objectContaining({
        version: '2.0',
        routeKey: '$default',
        rawPath: '/v1/series/1.2.3/retry',
        rawQueryString: 'source=a%20b&source=c&x=',
        queryStringParameters: { source: 'a b,c', x: '' },
        cookies: ['a=1', 'b=2'],
        body: '{"recompute": true}',
        isBase64Encoded: false,
      }),
    ]);
    expect(events[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-a': 'b' });
    expect(events[0]?.headers).not.toHaveProperty('cookie');
    expect(events[0]?.requestContext.http).toMatchObject({
      method: 'POST',
      path: '/v1/series/1.2.3/retry',
      sourceIp: '127.0.0.1',
    });
    expect(events[0]?.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  it('receives no body and no query if there is none', async () => {
    await send('GET', '/v1/health');
    expect(events[0]).not.toHaveProperty('body');
    expect(events[0]).not.toHaveProperty('queryStringParameters');
    expect(events[0]?.isBase64Encoded).toBe(false);
  });

  it('receives a binary body in base64', async () => {
    await send(
      'POST',
      '/v1/series/1/retry',
      { 'content-type': 'application/octet-stream' },
      Buffer.from([0xff, 0]),
    );
    expect(events[0]).toMatchObject({ body: '/wA=', isBase64Encoded: true });
  });

  it('receives HEAD as GET, and the body of its answer is left out', async () => {
    const got = await send('HEAD', '/v1/series');
    expect(events[0]?.requestContext.http.method).toBe('GET');
    expect(got).toMatchObject({ status: 200, body: '' });
    expect(got.headers['content-length']).toBe('12');
  });

  it('answers with its own status, headers and bytes, and with headers that forbid a browser to run or cache them', async () => {
    const headers = {
      'Content-Type': 'text/html',
      'X-Own': 'a',
      Connection: 'upgrade',
      'Content-Length': '999',
    };
    answer = async () => ({
      statusCode: 404,
      headers,
      body: Buffer.from('<b>').toString('base64'),
      isBase64Encoded: true,
    });
    const got = await send('GET', '/v1/series/9');
    expect(got).toMatchObject({ status: 404, body: '<b>' });
    expect(got.headers).toMatchObject({
      'x-own': 'a',
      'content-length': '3',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(got.headers.connection).not.toBe('upgrade');
  });

  it('becomes a 502 without internal details if the API function fails', async () => {
    answer = async () => {
      throw new Error('a secret');
    };
    const got = await send('GET', '/v1/series');
    expect(got.status).toBe(502);
    expect(got.headers['content-type']).toBe('application/problem+json');
    expect(got.body).not.toContain('secret');
  });
});

describe('the console', () => {
  const CONFIG = { version: '0.1.0' };
  const served = (body: object) => async () => ({ statusCode: 200, body: JSON.stringify(body) });
  const configOf = async (facts: { qure: string; simulatedSources?: string[] }) => {
    const other = await startConsole({ ...FACTS, ...facts, port: 0, invokeApi: served(CONFIG) });
    try {
      return await (await fetch(`${other.url}console/config.json`)).json();
    } finally {
      await other.close();
    }
  };

  it('is asked of the API function: the page and each file of it, with its headers', async () => {
    const policy = "default-src 'none'; script-src 'self'";
    answer = async () => ({
      statusCode: 200,
      headers: {
        'content-type': 'text/html',
        'content-security-policy': policy,
        'cache-control': 'no-cache',
      },
      body: Buffer.from([31, 139]).toString('base64'),
      isBase64Encoded: true,
    });
    for (const path of ['/', '/?view=quarantine', '/console/main-AB12.js']) {
      const got = await send('GET', path, { 'accept-encoding': 'gzip' });
      expect(got.status).toBe(200);
      expect(got.headers['content-security-policy']).toBe(policy);
      expect(got.headers['content-length']).toBe('2');
      expect(events.at(-1)?.rawPath).toBe(path.split('?', 1)[0]);
      expect(events.at(-1)?.headers).toMatchObject({ 'accept-encoding': 'gzip' });
    }
  });

  it('has the facts of the host beside the configuration of the function', async () => {
    expect(await configOf({ qure: 'https://qure.example' })).toEqual({
      ...CONFIG,
      qure: 'https://qure.example',
      dropCommand:
        'aws --endpoint-url http://127.0.0.1:4566 s3 cp scan/ s3://qure-dropoff-drop/default/ --recursive',
    });
  });

  it.each([
    [
      'alone',
      { qure: 'simulator', simulatedSources: ['default'] },
      { everything: true, sources: ['default'] },
    ],
    [
      'for some sources',
      { qure: 'simulator, https://qure.example', simulatedSources: ['trial'] },
      { everything: false, sources: ['trial'] },
    ],
  ])('says that the simulator answers %s', async (_case, facts, simulated) => {
    expect(await configOf(facts)).toMatchObject({ simulated });
  });

  it('leaves a refusal as it is', async () => {
    answer = async () => ({ statusCode: 500, body: '{"detail":"no"}' });
    expect(await send('GET', '/console/config.json')).toMatchObject({ status: 500, body: '{"detail":"no"}' });
  });
});

it('rejects with EADDRINUSE when the port is taken', async () => {
  const second = startConsole({ ...FACTS, port: server.port, invokeApi: async () => ({ statusCode: 200 }) });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

describe('the reconciliation', () => {
  const program = { 'content-type': 'application/json' };

  it('answers 404 if the host has no reconciliation', async () => {
    expect((await send('POST', '/local/reconcile', program, '{}')).status).toBe(404);
  });

  it('forwards the request and its answer, and refuses requests of browsers', async () => {
    const asked: unknown[] = [];
    const other = await startConsole({
      ...FACTS,
      port: 0,
      invokeApi: answer,
      reconcile: async (request) => {
        asked.push(request);
        if (asked.length > 1) throw new Error('expected a source of the document');
        return { findings: [] };
      },
    });
    try {
      const post = (body: string, headers: Record<string, string> = program) =>
        fetch(`${other.url}local/reconcile`, { method: 'POST', headers, body });
      expect(await (await post('{"repair":true}')).json()).toEqual({ findings: [] });
      const failed = await post('');
      expect(failed.status).toBe(502);
      expect(await failed.json()).toMatchObject({ detail: 'expected a source of the document' });
      expect((await post('not JSON')).status).toBe(502);
      expect((await post('{}', { ...program, origin: 'https://elsewhere.example' })).status).toBe(403);
      expect((await fetch(`${other.url}local/reconcile`)).status).toBe(405);
      expect(asked).toEqual([{ repair: true }, {}]);
    } finally {
      await other.close();
    }
  });
});
