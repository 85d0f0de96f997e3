import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { QureClient } from '../../../functions/qure/client/client.ts';
import type { QureCredentials } from '../../../functions/qure/credentials.ts';
import {
  credentialsFor,
  startClient,
  startRawServer,
  startServer,
  startTcpServer,
  stopAll,
} from './qure-server.ts';

const UID = '1.2.840.113619.2.55';
const RESULT =
  '{"success": true,\n "triage_status": "Critical", "usecase": "qer", "result": {"report": ["\\u00fc"], "files": {}}}\n';

afterEach(stopAll);

function answerJson(response: ServerResponse, body: string): void {
  response.setHeader('Content-Type', 'application/json').end(body);
}

describe('calls on the wire', () => {
  type Call = (client: QureClient, credentials: QureCredentials) => Promise<unknown>;
  const rows: [string, Call, { url: string; body: string; contentType?: string }][] = [
    ['compute', (client, to) => client.compute(to, UID), { url: `/v3/compute/${UID}`, body: '' }],
    [
      'compute again: a GET with a JSON body',
      (client, to) => client.compute(to, UID, { recompute: true }),
      { url: `/v3/compute/${UID}`, body: '{"recompute": true}', contentType: 'application/json' },
    ],
    [
      'results of a series',
      (client, to) => client.seriesResults(to, UID),
      { url: `/v3/results/${UID}`, body: '' },
    ],
    [
      'results of an instance',
      (client, to) => client.instanceResults(to, UID),
      { url: `/v3/results/v2/${UID}`, body: '' },
    ],
  ];
  it.each(rows)('%s', async (_name, call, expected) => {
    const { port, seen } = await startServer((_request, response) =>
      answerJson(response, '{"message": "pushed", "result": {}}'),
    );
    const outcome = await call(startClient(), credentialsFor(port, '/v3/'));
    expect(outcome).toMatchObject({ kind: expect.stringMatching(/^(accepted|ready)$/) });
    expect(seen).toHaveLength(1);
    const [request] = seen;
    expect(request).toMatchObject({ method: 'GET', url: expected.url });
    expect(request?.body.toString()).toBe(expected.body);
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      authorization: 'Token token-of-the-tests',
      source: 'workspace-1',
      'user-agent': 'qure-dropoff/0.0.0-test',
      accept: 'application/json',
    });
    expect(request?.headers['content-type']).toBe(expected.contentType);
    expect(request?.headers['content-length']).toBe(
      expected.body === '' ? undefined : `${expected.body.length}`,
    );
    expect(request?.headers.cookie).toBeUndefined();
  });

  it('returns a result with the bytes that came', async () => {
    const { port } = await startServer((_request, response) => answerJson(response, RESULT));
    const outcome = await startClient().seriesResults(credentialsFor(port), UID);
    expect(outcome).toEqual({
      kind: 'ready',
      triageStatus: 'critical',
      usecase: 'qer',
      files: [],
      ignoredFiles: 0,
      hasContent: true,
      digest: expect.stringMatching(/^[0-9a-f]{32}$/),
      rawBody: Buffer.from(RESULT),
    });
  });

  it('removes the token from a result that repeats it, and keeps the other bytes', async () => {
    const result = (echo: string) =>
      `{"triage_status": "Critical",  "result": {"files": {}, "echo": ["ü", "${echo}"]}}\n`;
    const { port } = await startServer((_request, response) =>
      answerJson(response, result('Token token-of-the-tests, \\u0074oken-of-the-tests')),
    );
    const outcome = await startClient().seriesResults(credentialsFor(port), UID);
    expect(outcome).toMatchObject({ kind: 'ready', rawBody: Buffer.from(result('Token [token], [token]')) });
  });

  it('reads a 304, which has no body', async () => {
    const { port } = await startServer((_request, response) => response.writeHead(304).end());
    const client = startClient();
    const outcome = await client.compute(credentialsFor(port), UID);
    expect(outcome).toMatchObject({ kind: 'already_accepted', response: { httpStatus: 304, success: true } });
    // The connection is still good for the next call.
    expect(await client.compute(credentialsFor(port), UID)).toMatchObject({ kind: 'already_accepted' });
  });

  it('sends trimmed credentials, and removes the token from an answer that repeats it', async () => {
    const { port } = await startServer((request, response) => {
      response.writeHead(404).end(JSON.stringify({ message: `no ${request.headers.authorization}` }));
    });
    const outcome = await startClient().compute(
      { ...credentialsFor(port), token: 'token-of-the-tests\n' },
      UID,
    );
    expect(outcome).toMatchObject({ kind: 'not_uploaded', response: { message: 'no Token [token]' } });
  });

  it('removes the token from the target of a redirect, in any spelling', async () => {
    const token = 'Token/of-the-tests';
    for (const spelled of [token, encodeURIComponent(token), token.toLowerCase()]) {
      const { port } = await startServer((_request, response) => {
        response.writeHead(302, { Location: `https://login.example/${spelled}/next` }).end();
      });
      const outcome = await startClient().compute({ ...credentialsFor(port), token }, UID);
      expect(outcome).toMatchObject({ kind: 'redirected', detail: expect.stringContaining('[token]') });
    }
  });

  it('does not follow a redirect', async () => {
    const { port, seen } = await startServer((_request, response) => {
      response.writeHead(302, { Location: '/accounts/login/?next=/results' }).end();
    });
    const outcome = await startClient().seriesResults(credentialsFor(port), UID);
    expect(outcome).toEqual({
      kind: 'redirected',
      detail: expect.stringContaining('to /accounts/login/. Check'),
    });
    expect(seen).toHaveLength(1);
  });
});

describe('connections', () => {
  it('are used by one call after the other', async () => {
    const { port, connections } = await startServer((_request, response) => answerJson(response, RESULT));
    const client = startClient();
    for (let call = 0; call < 3; call += 1) await client.seriesResults(credentialsFor(port), UID);
    expect(connections()).toBe(1);
  });

  it('are not used again after a pause in which the function may have been frozen', async () => {
    const { port, connections } = await startServer((_request, response) => answerJson(response, RESULT));
    let nowMs = Date.now();
    const client = startClient({ now: () => new Date(nowMs) });
    for (let call = 0; call < 3; call += 1) {
      await client.seriesResults(credentialsFor(port), UID);
      nowMs += 5000;
    }
    expect(connections()).toBe(3);
  });

  it.each([
    ['results, which are asked for once more', true],
    ['a compute call, which is not: it may have begun something', false],
  ])('that the server ends right behind its answer: %s', async (_name, isResults) => {
    let connections = 0;
    const { port } = await startTcpServer((socket) => {
      connections += 1;
      socket.once('data', () => {
        socket.write('HTTP/1.1 304 Not Modified\r\n\r\n');
        // The end comes once the next request has been written.
        socket.once('data', () => socket.destroy());
      });
    });
    const client = startClient();
    const call = () =>
      isResults ? client.seriesResults(credentialsFor(port), UID) : client.compute(credentialsFor(port), UID);
    const first = await call();
    const second = await call();
    expect(connections).toBe(isResults ? 2 : 1);
    expect(second).toEqual(isResults ? first : { kind: 'transient', cause: 'ECONNRESET' });
  });
});

describe('calls that fail on the way', () => {
  it('reports a refused connection as transient when no server listens', async () => {
    const { port } = await startServer(() => {});
    await stopAll();
    expect(await startClient().compute(credentialsFor(port), UID)).toEqual({
      kind: 'transient',
      cause: 'ECONNREFUSED',
    });
  });

  const breakages: [string, string, RegExp][] = [
    ['closed without an answer', '', /^ECONNRESET$/],
    ['cut off in the headers', 'HTTP/1.1 200 OK\r\nContent-', /^ECONNRESET$/],
    ['cut off in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"result": {', /^ECONNRESET$/],
    [
      'cut off in a chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"result": {',
      /^ECONNRESET$/,
    ],
    ['not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', /^HPE_\w+$/],
    [
      'a switch to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^ECONNRESET$/,
    ],
  ];
  it.each(breakages)('%s', async (_name, bytes, cause) => {
    const { port } = await startTcpServer((socket) => socket.once('data', () => socket.end(bytes)));
    const outcome = await startClient().seriesResults(credentialsFor(port), UID);
    expect(outcome).toEqual({ kind: 'transient', cause: expect.stringMatching(cause) });
  });

  it.each([
    ['headers that do not come', '', { headersTimeoutMs: 200 }, 'HEADERS_TIMEOUT'],
    [
      'a body that stops',
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{',
      { bodyTimeoutMs: 200 },
      'BODY_TIMEOUT',
    ],
  ])('%s', async (_name, bytes, timeouts, cause) => {
    const { port } = await startTcpServer((socket) => socket.once('data', () => socket.write(bytes)));
    const client = startClient(timeouts);
    expect(await client.seriesResults(credentialsFor(port), UID)).toEqual({ kind: 'transient', cause });
  });

  it.each([
    ['headers that come one by one', 'X-Header: more\r\n'],
    ['100 after 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('%s', async (_name, piece) => {
    const { port } = await startTcpServer((socket) => {
      socket.once('data', () => {
        if (!piece.startsWith('HTTP')) socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write(piece), 50);
        socket.once('close', () => clearInterval(timer));
      });
    });
    const outcome = await startClient({ headersTimeoutMs: 300 }).seriesResults(credentialsFor(port), UID);
    expect(outcome).toEqual({ kind: 'transient', cause: 'HEADERS_TIMEOUT' });
  });

  it('a TLS handshake that is not answered', async () => {
    const { port } = await startTcpServer(() => {});
    const baseUrl = `https://127.0.0.1:${port}`;
    const outcome = await startClient({ connectTimeoutMs: 200 }).compute(
      { ...credentialsFor(port), baseUrl },
      UID,
    );
    expect(outcome).toEqual({ kind: 'transient', cause: 'CONNECT_TIMEOUT' });
  });

  it('ends an answer that is longer than Qure documents', async () => {
    const { port } = await startRawServer((_request, response) => {
      response.on('error', () => {});
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, 32))) {
          // Until the socket's buffer is full; `drain` goes on.
        }
      };
      response.on('drain', more);
      more();
    });
    const outcome = await startClient().compute(credentialsFor(port), UID);
    expect(outcome).toEqual({ kind: 'transient', cause: 'answer_too_large' });
  });

  it.each([
    ['aborted before', () => ({ signal: AbortSignal.abort() }), 'aborted'],
    ['aborted while waiting', (ended: AbortSignal) => ({ signal: ended }), 'aborted'],
    ['the deadline comes', () => ({ deadline: new Date(Date.now() + 200) }), 'deadline'],
  ])('%s', async (_name, limitsOf, cause) => {
    const controller = new AbortController();
    const { port } = await startRawServer(() => controller.abort());
    const outcome = await startClient().compute(credentialsFor(port), UID, limitsOf(controller.signal));
    expect(outcome).toEqual({ kind: 'transient', cause });
  });
});

describe('calls that are not made', () => {
  it.each([
    ['plain http', { baseUrl: 'http://api.example' }, /plain http/],
    ['no URL', { baseUrl: 'api.example' }, /base URL/],
    ['an empty token', { token: ' ' }, /token, got an empty text/],
    ['a token of two lines', { token: 'hunter2\r\nX-Evil: 1' }, /token, got characters/],
    ['a source beyond ASCII', { source: 'hunter2\u00fc' }, /source, got characters/],
  ])('makes no call when misconfigured: %s', async (_name, wrong, detail) => {
    const { port, seen } = await startServer((_request, response) => response.end());
    const credentials = { ...credentialsFor(port), ...wrong };
    const client = startClient();
    const outcomes = [
      await client.compute(credentials, UID),
      await client.seriesResults(credentials, UID),
      await client.uploadInstances(
        credentials,
        [{ fileName: '1.dcm', open: () => Promise.reject(new Error()) }],
        {
          seriesInstanceUid: UID,
        },
      ),
    ];
    for (const outcome of outcomes) {
      expect(outcome).toEqual({ kind: 'misconfigured', detail: expect.stringMatching(detail) });
      expect(JSON.stringify(outcome)).not.toContain('hunter2');
    }
    expect(seen).toEqual([]);
  });

  it.each(['', '../../x?y=1', '1.2/3', '1'.repeat(65)])('throws for the UID %j', async (uid) => {
    const client = startClient();
    await expect(client.compute(credentialsFor(9), uid)).rejects.toThrow(TypeError);
    await expect((async () => client.seriesResults(credentialsFor(9), uid))()).rejects.toThrow(TypeError);
    await expect((async () => client.instanceResults(credentialsFor(9), uid))()).rejects.toThrow(TypeError);
  });
});
