import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import {
  type GuardedHandler,
  type GuardRules,
  guardHandler,
  SANDBOX_HEADERS,
} from '@qure-dropoff/network-guard';
import { afterEach, describe, expect, it } from 'vitest';

const WHOLE: GuardRules = { maxBodyBytes: 100_000, body: 'whole' };
const STREAMED: GuardRules = { maxBodyBytes: 100_000, body: 'streamed' };
const LIMIT = 100_000;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(rules: GuardRules, handler: GuardedHandler): Promise<number> {
  const server = createServer(guardHandler(rules, handler));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that comes back for these bytes, up to the end of the connection; the client closes its side at once. */
async function ask(port: number, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const answer = text(socket);
  for (const piece of pieces) socket.write(piece);
  socket.end();
  return answer;
}

const head = (...lines: string[]): string =>
  ['POST / HTTP/1.1', 'host: 127.0.0.1', 'connection: close', ...lines, '', ''].join('\r\n');
const chunk = (bytes: number): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`), Buffer.alloc(bytes, 'x'), Buffer.from('\r\n')]);
const LAST = '0\r\n\r\n';

describe.each([
  ['whole', WHOLE],
  ['streamed', STREAMED],
])('a body that is %s', (kind, rules) => {
  /** Answers how long the body was, by the way that the rules hand it over. */
  const sizeOf: GuardedHandler = async (request, response, body) => {
    response.end(`took ${kind === 'whole' ? body.length : (await buffer(request)).length}`);
  };

  it.each([
    ['announced', [head(`content-length: ${LIMIT}`), Buffer.alloc(LIMIT)]],
    ['chunked', [head('transfer-encoding: chunked'), chunk(LIMIT - 1), chunk(1), LAST]],
  ])('reaches the handler up to the limit, %s', async (_how, pieces) => {
    expect(await ask(await listen(rules, sizeOf), ...pieces)).toContain(`took ${LIMIT}`);
  });

  it.each([
    ['announced', [head(`content-length: ${LIMIT + 1}`), Buffer.alloc(LIMIT + 1)]],
    ['chunked', [head('transfer-encoding: chunked'), chunk(LIMIT), chunk(1), LAST]],
    [
      'chunked, with more behind it',
      [head('transfer-encoding: chunked'), chunk(LIMIT + 1), chunk(LIMIT), LAST],
    ],
  ])('is refused over the limit, %s', async (_how, pieces) => {
    const got = await ask(await listen(rules, sizeOf), ...pieces);
    expect(got).toMatch(/^HTTP\/1\.1 413 /);
    expect(got).not.toContain('took ');
  });

  it('can be read from the request by the handler', async () => {
    const port = await listen(rules, async (request, response) => {
      response.end(`read ${(await text(request)).toUpperCase()}`);
    });
    expect(await ask(port, head('content-length: 4'), 'body')).toContain('read BODY');
  });
});

it('never passes a truncated body to the handler', async () => {
  let isCalled = false;
  const port = await listen(WHOLE, (_request, response) => {
    isCalled = true;
    response.end();
  });
  await ask(port, head('content-length: 10'), 'half');
  expect(isCalled).toBe(false);
});

it.each([
  [
    'at once',
    () => {
      throw new Error('thrown on purpose');
    },
  ],
  [
    'later',
    async () => {
      await Promise.resolve();
      throw new Error('thrown on purpose');
    },
  ],
])('answers 500 when the handler throws %s, and goes on', async (_when, handler) => {
  const port = await listen(WHOLE, handler);
  for (let time = 0; time < 2; time += 1) {
    const got = await ask(port, head('content-length: 0'));
    expect(got).toMatch(/^HTTP\/1\.1 500 /);
    expect(got).not.toContain('on purpose');
  }
});

it('closes a connection whose answer had begun when the handler threw', async () => {
  const port = await listen(WHOLE, (_request, response) => {
    response.write('begun');
    throw new Error('thrown on purpose');
  });
  expect(await ask(port, head('content-length: 0'))).not.toContain('500');
});

it('sends the sandbox headers with every answer and every refusal', async () => {
  const port = await listen(WHOLE, (_request, response) => void response.end('fine'));
  for (const extra of ['x-nothing: 1', 'origin: null']) {
    const got = (await ask(port, head('content-length: 0', extra))).toLowerCase();
    for (const [name, value] of Object.entries(SANDBOX_HEADERS)) expect(got).toContain(`${name}: ${value}`);
    expect(got).not.toContain('access-control-');
  }
});
