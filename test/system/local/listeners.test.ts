import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, startHostProcess } from '../../support/host-process.ts';
import { functionsOf, listenersOf, NO_PROC, peakMemoryOf } from '../../support/listeners.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

/**
 * Every listener of a running host, whatever it is for, against what a web page or a careless program sends. The listeners come
 * from the kernel: one that is added without the guard fails here.
 */
const LOOPBACK = '0100007F';
const GIBIBYTE = 2 ** 30;
/** Only a hang takes so long. */
const PATIENCE_MS = 600_000;
const PIECE = Buffer.alloc(1024 * 1024, 'x');

interface Answer {
  /** `cut` where the connection ended without one. */
  status: number | 'cut';
  headers: IncomingHttpHeaders;
}

const dataDir = mkdtempSync(join(tmpdir(), 'listeners-'));
let host: HostProcess;
let pid = 0;
let ports: number[] = [];

beforeAll(async () => {
  if (NO_PROC !== undefined) return;
  await prepareStack(dataDir);
  // As an earlier version has left it.
  chmodSync(dataDir, 0o755);
  host = startHostProcess(['--data-dir', dataDir, '--quiet-period', '1']);
  pid = host.child.pid ?? 0;
  // By then every kind of function has a process, and so a runtime API.
  await until(
    'a result of a sample',
    () => (/ DONE /.test(host.printed().out) ? true : undefined),
    PATIENCE_MS,
  );
  ports = listenersOf(pid).map(({ port }) => port);
}, PATIENCE_MS);
afterAll(async () => {
  await host?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

function send(
  port: number,
  method: string,
  headers: Record<string, string>,
  write: (out: Writable) => Promise<void> = async () => undefined,
): Promise<Answer> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (answer: Answer) => {
      isOver = true;
      resolve(answer);
    };
    const outgoing = httpRequest({ host: '127.0.0.1', port, method, path: '/', agent: false, headers });
    outgoing.on('response', (incoming) => {
      incoming.resume().on('error', () => undefined);
      end({ status: incoming.statusCode ?? 0, headers: incoming.headers });
    });
    outgoing.on('error', () => end({ status: 'cut', headers: {} }));
    outgoing.on('close', () => isOver || end({ status: 'cut', headers: {} }));
    write(outgoing).then(() => outgoing.end());
  });
}

const sendText = (port: number, headers: Record<string, string>, body: string): Promise<Answer> =>
  send(port, 'POST', { 'content-length': String(Buffer.byteLength(body)), ...headers }, async (out) => {
    out.write(body);
  });

/**
 * Whatever the answer is, sends 1 GiB, or as much as the other side takes before it ends the connection: node's own client would
 * stop at the answer.
 */
async function sendGibibyte(port: number, headers: Record<string, string>): Promise<Answer> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => undefined);
  const received = text(socket).catch(() => '');
  const lines = Object.entries({ host: '127.0.0.1', connection: 'close', ...headers }).map((pair) =>
    pair.join(': '),
  );
  socket.write(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const isChunked = 'transfer-encoding' in headers;
  for (let sent = 0; sent < GIBIBYTE && !socket.destroyed; sent += PIECE.length) {
    if (isChunked) socket.write(`${PIECE.length.toString(16)}\r\n`);
    const isTaken = socket.write(PIECE);
    if (isChunked) socket.write('\r\n');
    if (!isTaken) await taken(socket);
  }
  socket.end(isChunked ? '0\r\n\r\n' : '');
  const [head = ''] = (await received).split('\r\n\r\n', 1);
  const [status = '', ...fields] = head.split('\r\n');
  return {
    status: Number(status.split(' ')[1] ?? 0) || 'cut',
    headers: Object.fromEntries(fields.map((field) => [field.split(':', 1)[0]?.toLowerCase(), field])),
  };
}

function taken(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const goOn = () => {
      socket.off('drain', goOn).off('close', goOn);
      resolve();
    };
    socket.on('drain', goOn).on('close', goOn);
  });
}

function expectRefused({ status, headers }: Answer, statuses: readonly unknown[]): void {
  expect(statuses).toContain(status);
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
}

async function expectAlive(): Promise<void> {
  expect(host.child.exitCode).toBeNull();
  const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(host.printed().out)?.[0] ?? '';
  expect((await fetch(`${address}v1/health`)).status).toBe(200);
}

const ORIGIN = { origin: 'http://evil.example' };
const CROSS = { 'sec-fetch-site': 'cross-site' };
/** What calls need to be heard at all, of each protocol. */
const CALLS = [
  { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
  { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
  { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
  { 'content-type': 'application/json' },
  { 'content-type': 'text/plain' },
].map((headers) => ({
  ...headers,
  authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c',
  'x-amz-date': '20260101T000000Z',
}));

describe.skipIf(NO_PROC !== undefined)(
  `every listener of a host${NO_PROC === undefined ? '' : ` (${NO_PROC})`}`,
  () => {
    it('are the console, S3, the table, the queues, the control plane, the simulator, and one for each function', () => {
      const printed = host.printed().out.match(/127\.0\.0\.1:(\d+)/g) ?? [];
      for (const address of printed) expect(ports).toContain(Number(address.split(':')[1]));
      expect(ports.length).toBeGreaterThan(7);
    });

    it('runs the function of the page before anybody has asked for it', async () => {
      await until(
        'the function',
        () => functionsOf(pid).some((name) => name.includes('ServeApi')) || undefined,
      );
    });

    it('stores its files readable for its user only', () => {
      expect(statSync(dataDir).mode & 0o077).toBe(0);
      const stored = ['s3', 'queues', 'table', 'logs'].flatMap((part) =>
        readdirSync(join(dataDir, part), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(dataDir, part, name),
        ),
      );
      expect(stored.length).toBeGreaterThan(100);
      const open = stored.filter(
        (path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0,
      );
      expect(open).toEqual([]);
    });

    it('REQ-DOOR-1: listens on 127.0.0.1 alone', () => {
      expect([...new Set(listenersOf(pid).map(({ address }) => address))]).toEqual([LOOPBACK]);
    });

    it.each<[string, string, Record<string, string>]>([
      ['a foreign Host', 'GET', { host: 'evil.example' }],
      ['a foreign Host on POST', 'POST', { host: '127.0.0.1.evil.example' }],
      ['a foreign Origin', 'POST', ORIGIN],
      ['a foreign Origin on GET', 'GET', ORIGIN],
      ['an Origin of another port', 'GET', { origin: 'http://127.0.0.1:1' }],
      ['an opaque Origin', 'POST', { origin: 'null' }],
      ['a cross-site image', 'GET', { ...CROSS, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
      ['a cross-site link', 'GET', { ...CROSS, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
      ['an image of another port', 'GET', { 'sec-fetch-site': 'same-site' }],
      ['a preflight', 'OPTIONS', { ...ORIGIN, 'access-control-request-method': 'POST' }],
      [
        'a preflight for the private network',
        'OPTIONS',
        {
          ...ORIGIN,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-amz-target,content-type,authorization',
          'access-control-request-private-network': 'true',
        },
      ],
      ['OPTIONS of nobody', 'OPTIONS', {}],
    ])('refuses %s', async (_what, method, headers) => {
      for (const port of ports) {
        for (const call of [{}, ...CALLS]) {
          expectRefused(await send(port, method, { ...call, ...headers }), [403, 405, 421]);
        }
      }
      await expectAlive();
    });

    it('REQ-DOOR-1: refuses a request without any Host', async () => {
      for (const port of ports) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        socket.end('GET / HTTP/1.0\r\n\r\n');
        expect(await text(socket)).toMatch(/^HTTP\/1\.1 4/);
      }
    });

    it.each([
      ['null', 'null'],
      ['an array', '[]'],
      ['an endless array', '['.repeat(200_000)],
      ['an endless array in an object', `{"RequestItems":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
      ['an endless object', `${'{"Key":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
      [
        'an object of nulls',
        '{"TableName":null,"Key":null,"QueueUrl":null,"Entries":[null],"SecretId":null}',
      ],
      ['nothing', ''],
      ['bytes that are no text', '\u0000\uffff'],
    ])('keeps serving after a body of %s', async (_what, body) => {
      for (const port of ports) {
        for (const call of CALLS) {
          const { status } = await sendText(port, call, body);
          expect(status === 'cut' || status >= 200).toBe(true);
        }
      }
      await expectAlive();
    });

    it('refuses an HTML form', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      for (const port of ports) {
        for (const action of ['CreateTopic&Name=evil', 'ListTopics', 'GetCallerIdentity', 'SendMessage']) {
          const answer = await sendText(port, form, `Action=${action}`);
          expectRefused(answer, [401, 404, 405, 415, 501]);
        }
      }
    });

    it.each([
      ['announced', { 'content-length': String(GIBIBYTE) }],
      ['chunked', { 'transfer-encoding': 'chunked' }],
    ])(
      'does not keep 1 GiB of body in memory, %s',
      async (_how, headers) => {
        const peakBefore = peakMemoryOf(pid);
        for (const port of ports) {
          const answer = await sendGibibyte(port, { ...CALLS[0], ...headers });
          expectRefused(answer, [400, 401, 404, 405, 413, 415, 501, 'cut']);
        }
        expect(peakMemoryOf(pid) - peakBefore).toBeLessThan(GIBIBYTE / 2);
        await expectAlive();
      },
      PATIENCE_MS,
    );
  },
);
