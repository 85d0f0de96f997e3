import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AssetDownloadOptions,
  type AssetOutcome,
  createAssetDownloader,
} from '../../functions/qure/client/asset-download.ts';
import { type Connections, createConnections } from '../../functions/qure/client/connections.ts';
import { dotted, v4Spellings } from './support/address-spellings.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';
import { type RawServer, startRawServer } from './support/raw-server.ts';
import { forbiddenV4At } from './support/special-addresses.ts';

const MAX_BYTES = 5000;
const MAX_REQUESTS = 4;
const KINDS = ['asset', 'expired', 'refused', 'transient'];
const loopback = { allowLoopbackHttp: true };

const opened: Connections[] = [];
let server: RawServer;
let other: RawServer;
beforeAll(async () => {
  [server, other] = await Promise.all([startRawServer(), startRawServer()]);
});
afterAll(async () => {
  for (const connections of opened) connections.close();
  await Promise.all([server.close(), other.close()]);
});

function startDownloader(answers: () => string[], limits: Partial<AssetDownloadOptions> = {}) {
  const connections = createConnections({
    connectTimeoutMs: 10_000,
    now: () => new Date(),
    resolveHost: async () => answers().map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  opened.push(connections);
  const fetchAsset = createAssetDownloader({
    connections,
    userAgent: 'qure-dropoff/0.0.0-test',
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 30_000,
    maxBytes: MAX_BYTES,
    maxDurationMs: 60_000,
    now: () => new Date(),
    ...limits,
  });
  return { fetchAsset };
}

/** Reads an asset to its end: how many bytes came, and whether it broke. */
async function drain(outcome: AssetOutcome): Promise<{ sizeBytes: number; isBroken: boolean }> {
  expect(KINDS).toContain(outcome.kind);
  let sizeBytes = 0;
  if (outcome.kind !== 'asset') return { sizeBytes, isBroken: false };
  try {
    for await (const chunk of outcome.stream as AsyncIterable<Uint8Array>) sizeBytes += chunk.length;
    return { sizeBytes, isBroken: false };
  } catch {
    return { sizeBytes, isBroken: true };
  }
}

const forbidden = fc
  .tuple(fc.nat(), fc.nat(0xffffffff))
  .map(([pick, within]) => dotted(forbiddenV4At(pick, within)));

describe('downloads', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('never connects to a name with one forbidden address among public ones, at every resolution', async () => {
    let answers: string[] = [];
    const downloader = startDownloader(() => answers);
    const list = fc
      .tuple(
        fc.array(fc.constantFrom<string>('52.216.1.1', '2600:1f18::1', '8.8.8.8'), { maxLength: 3 }),
        fc.oneof(forbidden, fc.constantFrom('127.0.0.1', '::1', '::ffff:127.0.0.1', 'fe80::1%lo', '0.0.0.0')),
        fc.nat(),
      )
      .map(([open, bad, at]) => open.toSpliced(at % (open.length + 1), 0, bad));
    server.requests.length = 0;
    await fc.assert(
      fc.asyncProperty(
        list,
        fc.constantFrom('store.example', 'localhost.', 'a.b', 'xn--bcher-kva.example'),
        async (mix, host) => {
          answers = mix;
          const outcome = await downloader.fetchAsset(`https://${host}:${server.port}/a`, {
            allowLoopbackHttp: false,
          });
          expect(outcome).toEqual({ kind: 'refused', reason: 'forbidden_address' });
        },
      ),
      fuzzRuns(300),
    );
    expect(server.requests).toEqual([]);
  });

  it('connects to the address that was checked, although the name resolves to another one later', async () => {
    let resolutions = 0;
    let answers: string[] = [];
    const downloader = startDownloader(() => {
      resolutions += 1;
      return answers;
    });
    server.respond = (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constant('127.0.0.1'), forbidden), async (address) => {
        answers = [address];
        resolutions = 0;
        server.requests.length = 0;
        const outcome = await downloader.fetchAsset(`http://localhost:${server.port}/a`, loopback);
        await drain(outcome);
        expect(resolutions).toBe(1);
        if (address.startsWith('127.')) return;
        expect(outcome).toEqual({ kind: 'refused', reason: 'forbidden_address' });
        expect(server.requests).toEqual([]);
      }),
      fuzzRuns(200),
    );
  });

  it('follows redirects only to allowed URLs, and only a limited number', async () => {
    const downloader = startDownloader(() => ['10.1.2.3']);
    const place = fc.oneof(
      fc.constantFrom(
        '/next',
        '../..',
        '?a=1',
        '#x',
        '',
        'next',
        '//store.example/',
        'https://store.example/a',
        'file:///etc/passwd',
        'data:,x',
        'javascript:1',
        'ftp://127.0.0.1/',
        'http://u:p@127.0.0.1/',
        '\\\\10.0.0.1\\x',
        'http://',
        'ht!tp:',
      ),
      fc
        .tuple(forbidden, fc.nat(), fc.constantFrom('https://', '//', 'http://', '/\\'))
        .map(([address, at, start]) => {
          const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
          const spellings = v4Spellings(number).filter((text) => /^[\x21-\x7e]+$/.test(text));
          return `${start}${spellings[at % spellings.length]}:1/`;
        }),
      fc.string({ unit: fc.constantFrom(...'abc/:@.%?#[]\\') }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(301, 302, 303, 307, 308),
        async (places, status) => {
          server.requests.length = 0;
          server.respond = (socket) => {
            const to = places[(server.requests.length - 1) % places.length];
            socket.end(`HTTP/1.1 ${status} Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
          };
          const outcome = await downloader.fetchAsset(`http://127.0.0.1:${server.port}/a`, loopback);
          expect(['refused', 'transient']).toContain(outcome.kind);
          expect(server.requests.length).toBeLessThanOrEqual(MAX_REQUESTS);
        },
      ),
      fuzzRuns(300),
    );
  });

  it('never connects to loopback, in any spelling, unless Qure itself is there', async () => {
    // A redirect is checked as the first link is, and knows nothing of where it came from.
    const downloader = startDownloader(() => ['127.0.0.1']);
    other.requests.length = 0;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', 'localhost.']) {
      const outcome = await downloader.fetchAsset(`https://${host}:${other.port}/a`, {
        allowLoopbackHttp: false,
      });
      expect(outcome).toEqual({ kind: 'refused', reason: 'forbidden_address' });
    }
    expect(other.requests).toEqual([]);
  });

  it('ends any answer of a server as an asset within the size cap, or as a failure', async () => {
    const downloader = startDownloader(() => ['127.0.0.1']);
    const status = fc.constantFrom(
      '200 OK',
      '206 X',
      '302 X',
      '403 X',
      '429 X',
      '500 X',
      '100 Continue',
      '101 X',
      '204 X',
      '999 X',
      '20 X',
    );
    const header = fc.oneof(
      fc.constantFrom(
        'Content-Length: 10',
        'Content-Length: -1',
        'Content-Length: 99999999999999999999',
        'Content-Length: 4999',
        'Content-Length: 5001',
        'Transfer-Encoding: chunked',
        'Content-Encoding: gzip',
        'Content-Type: \u0001',
        'Location: /a',
        'Retry-After: 1e9',
        'Upgrade: h2c',
        ' folded',
        `X: ${'x'.repeat(20_000)}`,
      ),
      fc.string({ maxLength: 30 }),
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.nat(20_000).map((size) => Buffer.alloc(size)),
      fc.constant(gzipSync(Buffer.alloc(1_000_000))),
      fc.constantFrom(
        Buffer.from('a\r\nshort'),
        Buffer.from('ffffffff\r\n'),
        Buffer.from('5\r\nhello\r\n0\r\n\r\n'),
      ),
    );
    await fc.assert(
      fc.asyncProperty(status, fc.array(header, { maxLength: 4 }), body, async (line, headers, bytes) => {
        const head = Buffer.from([`HTTP/1.1 ${line}`, ...headers, '', ''].join('\r\n'), 'latin1');
        server.respond = (socket) => socket.end(Buffer.concat([head, bytes]));
        const { sizeBytes } = await drain(
          await downloader.fetchAsset(`http://127.0.0.1:${server.port}/a`, loopback),
        );
        expect(sizeBytes).toBeLessThanOrEqual(MAX_BYTES);
      }),
      fuzzRuns(300),
    );
  });

  const endings: [string, Partial<AssetDownloadOptions>, string, boolean][] = [
    ['is longer than announced', {}, 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef', false],
    ['has no end', {}, 'HTTP/1.1 200 OK\r\n\r\n', true],
    ['says nothing more', { bodyTimeoutMs: 50 }, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', false],
    [
      'comes forever in small pieces',
      { maxDurationMs: 300, maxBytes: 2 ** 40 },
      'HTTP/1.1 200 OK\r\n\r\n',
      true,
    ],
  ];
  it.each(endings)('ends the download if the body %s', async (_name, limits, start, isEndless) => {
    const downloader = startDownloader(() => ['127.0.0.1'], limits);
    server.respond = (socket) => {
      socket.write(start);
      const more = () => {
        if (!isEndless || socket.destroyed) return;
        socket.write('x'.repeat(100));
        setImmediate(more);
      };
      more();
    };
    const { sizeBytes, isBroken } = await drain(
      await downloader.fetchAsset(`http://127.0.0.1:${server.port}/a`, loopback),
    );
    expect(isBroken || sizeBytes === 3).toBe(true);
    expect(sizeBytes).toBeLessThanOrEqual(limits.maxBytes ?? MAX_BYTES);
  });

  it('stores a compressed body as it was sent, without inflating it', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const downloader = startDownloader(() => ['127.0.0.1']);
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
    server.respond = (socket) => socket.end(Buffer.concat([Buffer.from(head), bomb]));
    const outcome = await downloader.fetchAsset(`http://127.0.0.1:${server.port}/a`, loopback);
    expect(await drain(outcome)).toEqual({ sizeBytes: bomb.length, isBroken: false });
  });
});
