import type { LookupAddress } from 'node:dns';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { startClient, startServer, startTcpServer, stopAll } from './qure-server.ts';

const loopback = { allowLoopbackHttp: true };
const inGeneral = { allowLoopbackHttp: false };

afterEach(stopAll);

/** Fails the test when it is asked for a name it does not have. */
function fakeResolver(names: Record<string, string[] | string>) {
  const asked: string[] = [];
  return {
    asked,
    resolveHost: async (hostname: string): Promise<LookupAddress[]> => {
      asked.push(hostname);
      const addresses = names[hostname];
      if (!Array.isArray(addresses)) {
        throw Object.assign(new Error('no such name'), { code: addresses ?? 'ETEST_UNKNOWN_NAME' });
      }
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
  };
}

describe('fetchAsset', () => {
  it('sends no credentials with the request', async () => {
    const { port, seen } = await startServer((_request, response) => {
      response.setHeader('Content-Type', 'image/png').setHeader('Content-Length', 5).end('asset');
    });
    const outcome = await startClient().fetchAsset(`http://127.0.0.1:${port}/a/b?X-Sig=%2Fx&y=1#z`, loopback);
    if (outcome.kind !== 'asset') {
      throw new Error(`Expected an asset, got ${outcome.kind}.`);
    }
    expect(outcome).toMatchObject({ contentType: 'image/png', sizeBytes: 5 });
    expect(await buffer(outcome.stream)).toEqual(Buffer.from('asset'));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/a/b?X-Sig=%2Fx&y=1' });
    expect(
      seen[0]?.rawHeaders
        .filter((_value, index) => index % 2 === 0)
        .map((name) => name.toLowerCase())
        .sort(),
    ).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
  });

  it.each([
    [400, { kind: 'expired', httpStatus: 400 }],
    [401, { kind: 'expired', httpStatus: 401 }],
    [403, { kind: 'expired', httpStatus: 403 }],
    [404, { kind: 'expired', httpStatus: 404 }],
    [410, { kind: 'expired', httpStatus: 410 }],
    [429, { kind: 'transient', cause: 'http_429', retryAfterMs: 2000 }],
    [500, { kind: 'transient', cause: 'http_500', retryAfterMs: 2000 }],
    [503, { kind: 'transient', cause: 'http_503', retryAfterMs: 2000 }],
    [206, { kind: 'transient', cause: 'http_206', retryAfterMs: 2000 }],
    [302, { kind: 'transient', cause: 'http_302', retryAfterMs: 2000 }],
  ])('answered %i', async (status, expected) => {
    const { port } = await startServer((_request, response) => {
      response.writeHead(status, { 'Retry-After': '2' }).end('<Error><Code>ExpiredToken</Code></Error>');
    });
    expect(await startClient().fetchAsset(`http://localhost:${port}/a`, loopback)).toEqual(expected);
  });

  it.each([
    ['shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    [
      'shorter than announced, closing',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf',
    ],
    ['cut off in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf'],
    [
      'larger than the cap',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d1\r\n${'x'.repeat(2001)}\r\n0\r\n\r\n`,
    ],
    ['called off before its end', null],
  ])('ends the stream in an error when the asset is %s', async (_name, bytes) => {
    const { port } = await startTcpServer((socket) =>
      socket.once('data', () =>
        bytes === null
          ? socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
          : socket.end(bytes),
      ),
    );
    const client = startClient({ maxAssetBytes: 2000 });
    const controller = new AbortController();
    const outcome = await client.fetchAsset(`http://127.0.0.1:${port}/a`, {
      ...loopback,
      signal: controller.signal,
    });
    if (outcome.kind !== 'asset') {
      throw new Error(`Expected an asset, got ${outcome.kind}.`);
    }
    const reading = expect(buffer(outcome.stream)).rejects.toThrow();
    if (bytes === null) {
      controller.abort();
    }
    await reading;
  });

  it.each([
    ['is still to come', 8 * 1024 * 1024],
    ['has all come', 200_000],
  ])(
    'waits for a reader who pauses for longer than a host may, where the rest %s',
    async (_name, sizeBytes) => {
      const asset = Buffer.alloc(sizeBytes, 1);
      const { port } = await startServer((_request, response) => response.end(asset));
      const client = startClient({ bodyTimeoutMs: 200 });
      const outcome = await client.fetchAsset(`http://127.0.0.1:${port}/a`, loopback);
      if (outcome.kind !== 'asset') throw new Error(`Expected an asset, got ${outcome.kind}.`);
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(asset.equals(await buffer(outcome.stream))).toBe(true);
    },
  );

  it('ends the stream in an error when the host says nothing any more', async () => {
    const { port } = await startTcpServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
    );
    const client = startClient({ bodyTimeoutMs: 200 });
    const outcome = await client.fetchAsset(`http://127.0.0.1:${port}/a`, loopback);
    if (outcome.kind !== 'asset') throw new Error(`Expected an asset, got ${outcome.kind}.`);
    await expect(buffer(outcome.stream)).rejects.toMatchObject({ code: 'BODY_TIMEOUT' });
  });

  it('refuses what is announced as larger than the cap', async () => {
    const { port } = await startServer((_request, response) => response.end('x'.repeat(2001)));
    const outcome = await startClient({ maxAssetBytes: 2000 }).fetchAsset(
      `http://127.0.0.1:${port}/a`,
      loopback,
    );
    expect(outcome).toEqual({ kind: 'refused', reason: 'too_large' });
  });

  it('ends the request if the server does not answer in time', async () => {
    const { port } = await startTcpServer(() => {});
    const outcome = await startClient({ maxAssetDurationMs: 300 }).fetchAsset(
      `http://127.0.0.1:${port}/a`,
      loopback,
    );
    expect(outcome).toEqual({ kind: 'transient', cause: 'deadline' });
  });
});

describe('fetchAsset and where it may connect to', () => {
  const rows: [string, string[], object][] = [
    ['a private address', ['10.0.0.1'], { kind: 'refused', reason: 'forbidden_address' }],
    ['loopback', ['127.0.0.1'], { kind: 'refused', reason: 'forbidden_address' }],
    ['cloud metadata', ['169.254.169.254'], { kind: 'refused', reason: 'forbidden_address' }],
    ['a mapped private address', ['::ffff:10.0.0.1'], { kind: 'refused', reason: 'forbidden_address' }],
    [
      'a public and a private address',
      ['52.216.1.1', '10.0.0.1'],
      { kind: 'refused', reason: 'forbidden_address' },
    ],
    ['nothing', [], { kind: 'refused', reason: 'forbidden_address' }],
  ];
  it.each(rows)(
    'does not connect to a name that resolves to %s, whatever the address of Qure',
    async (_name, addresses, expected) => {
      const { asked, resolveHost } = fakeResolver({ 'store.example': addresses });
      const client = startClient({ resolveHost });
      expect(await client.fetchAsset('https://store.example/a', inGeneral)).toEqual(expected);
      expect(await client.fetchAsset('https://store.example/a', loopback)).toEqual(expected);
      // Once for each: the checked answer is the one connected to, so that no later one can differ (DNS rebinding).
      expect(asked).toEqual(['store.example', 'store.example']);
    },
  );

  it('connects to the addresses that were checked, without a second resolution', async () => {
    const { port, seen } = await startServer((_request, response) => response.end('asset'));
    const { asked, resolveHost } = fakeResolver({ localhost: ['127.0.0.1'] });
    const outcome = await startClient({ resolveHost }).fetchAsset(`http://localhost:${port}/a`, loopback);
    expect(outcome).toMatchObject({ kind: 'asset' });
    expect([asked, seen.length]).toEqual([['localhost'], 1]);
  });

  it('resolves localhost like any other name', async () => {
    const { resolveHost } = fakeResolver({ localhost: ['10.0.0.1'] });
    const outcome = await startClient({ resolveHost }).fetchAsset('http://localhost:9/a', loopback);
    expect(outcome).toEqual({ kind: 'refused', reason: 'forbidden_address' });
  });

  it('reports a name that does not resolve as transient', async () => {
    const { resolveHost } = fakeResolver({ 'store.example': 'ENOTFOUND' });
    const outcome = await startClient({ resolveHost }).fetchAsset('https://store.example/a', inGeneral);
    expect(outcome).toEqual({ kind: 'transient', cause: 'ENOTFOUND' });
  });

  it.each([
    ['loopback by http', 'not_https'],
    ['loopback by https', 'forbidden_address'],
  ])('does not connect to %s when Qure is not loopback', async (name, reason) => {
    const { port, seen } = await startServer((_request, response) => response.end('asset'));
    const scheme = name.endsWith('https') ? 'https' : 'http';
    const outcome = await startClient().fetchAsset(`${scheme}://127.0.0.1:${port}/a`, inGeneral);
    expect([outcome, seen]).toEqual([{ kind: 'refused', reason }, []]);
  });
});

describe('fetchAsset and redirects', () => {
  it.each([
    ['a private address', 'https://10.0.0.1/a', 'forbidden_address'],
    ['metadata by http', 'http://169.254.169.254/latest/meta-data/', 'not_https'],
    ['a name of a private address', 'https://inside.example/a', 'forbidden_address'],
    ['a URL with a user', 'https://user@store.example/a', 'user_info'],
    ['another scheme', 'file:///etc/passwd', 'not_https'],
    ['nonsense', 'https://[', 'not_a_url'],
  ])('refuses a redirect to %s', async (_name, location, reason) => {
    const { port } = await startServer((_request, response) =>
      response.writeHead(302, { Location: location }).end(),
    );
    const { resolveHost } = fakeResolver({ 'inside.example': ['192.168.0.1'] });
    const outcome = await startClient({ resolveHost }).fetchAsset(`http://127.0.0.1:${port}/a`, loopback);
    expect(outcome).toEqual({ kind: 'refused', reason });
  });

  it.each([
    [3, { kind: 'asset' }],
    [4, { kind: 'refused', reason: 'too_many_redirects' }],
  ])('follows %i redirects as documented', async (times, expected) => {
    const { port, seen } = await startServer((request, response) => {
      const hop = Number(request.url.slice(1));
      if (hop < times) {
        response.writeHead(307, { Location: `/${hop + 1}`, 'Set-Cookie': 'a=b' }).end();
      } else {
        response.end('asset');
      }
    });
    expect(await startClient().fetchAsset(`http://127.0.0.1:${port}/0`, loopback)).toMatchObject(expected);
    expect(seen).toHaveLength(4);
    expect(
      seen.flatMap(({ headers }) => [headers.cookie, headers.authorization, headers.source]).filter(Boolean),
    ).toEqual([]);
  });
});
