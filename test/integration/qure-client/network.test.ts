import { networkInterfaces } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentPool } from '../../../functions/qure/client/agents.ts';
import type { QureNetwork } from '../../../functions/qure/network.ts';
import { createAuthority } from '../../support/wire/certificates.ts';
import { type ForwardProxy, startForwardProxy } from '../../support/wire/forward-proxy.ts';
import { startTlsFront, type TlsFront } from '../../support/wire/tls-front.ts';
import { startClient, startServer, startTcpServer, stopAll } from './qure-server.ts';

/** Names of a hospital's network, which this machine does not know. */
const QURE = 'qure.hospital.test';
const STORE = 'files.store.hospital.test';
const UID = '1.2.840.113619.2.55';
const ACCOUNT = { token: 'token-of-the-tests', source: 'workspace-1' };

const authority = createAuthority();
const { caPem } = authority;
const closers: (() => Promise<void>)[] = [];
let proxy: ForwardProxy;
let front: TlsFront;
let files: { port: number };
let baseUrl: string;

beforeAll(async () => {
  const simulator = await startQureSimulator(ACCOUNT);
  front = await startTlsFront(authority.issue([QURE, '127.0.0.2']), '127.0.0.2', () => simulator.baseUrl);
  proxy = await startForwardProxy({ hosts: { [QURE]: '127.0.0.2', [STORE]: '127.0.0.1' } });
  baseUrl = `https://${QURE}:${front.port}`;
  closers.push(simulator.close, front.close, proxy.close);
});
afterAll(() => Promise.all(closers.map((close) => close())));
afterEach(async () => {
  proxy.asked.length = 0;
  await stopAll();
});

async function startProxy(options: Partial<Parameters<typeof startForwardProxy>[0]>) {
  const started = await startForwardProxy({ hosts: { [QURE]: '127.0.0.2' }, ...options });
  closers.push(started.close);
  return started;
}

const ask = (network: QureNetwork, url = baseUrl, options: Parameters<typeof startClient>[0] = {}) =>
  startClient(options).seriesResults({ ...ACCOUNT, baseUrl: url, network }, UID);

describe('Qure behind a proxy and a private CA', () => {
  it('is reached: the proxy resolves the name', async () => {
    expect(await ask({ proxyUrl: proxy.url, caPem })).toMatchObject({ kind: 'not_uploaded' });
    expect(proxy.asked).toEqual([`CONNECT ${QURE}:${front.port}`]);
  });

  it('is reached without the proxy on its address', async () => {
    expect(await ask({ caPem }, `https://127.0.0.2:${front.port}`)).toMatchObject({ kind: 'not_uploaded' });
    expect(proxy.asked).toEqual([]);
  });

  it('is not trusted without its CA, nor with another one', async () => {
    for (const other of [{}, { caPem: createAuthority('Another').caPem }]) {
      const outcome = await ask({ proxyUrl: proxy.url, ...other });
      expect(outcome).toEqual({
        kind: 'transient',
        cause: expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/),
      });
    }
  });

  it('is not trusted with a certificate that has expired, or is for another host', async () => {
    for (const [certificate, cause] of [
      [authority.issue([QURE], 'expired'), 'CERT_HAS_EXPIRED'],
      [authority.issue(['other.hospital.test']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      const other = await startTlsFront(certificate, '127.0.0.2', () => baseUrl);
      closers.push(other.close);
      const outcome = await ask({ proxyUrl: proxy.url, caPem }, `https://${QURE}:${other.port}`);
      expect(outcome).toEqual({ kind: 'transient', cause });
    }
  });

  it('is reached through a proxy that speaks TLS itself', async () => {
    const secure = await startProxy({ certificate: authority.issue(['localhost']) });
    const proxyUrl = secure.url.replace('127.0.0.1', 'localhost');
    expect(await ask({ proxyUrl, caPem })).toMatchObject({ kind: 'not_uploaded' });
    expect(await ask({ proxyUrl })).toMatchObject({ kind: 'transient' });
  });

  it('is reached through a proxy with a login, which is told to nobody else', async () => {
    const guarded = await startProxy({ login: 'site a:hunter2%' });
    const proxyUrl = guarded.url.replace('//', '//site%20a:hunter2%25@');
    expect(await ask({ proxyUrl, caPem })).toMatchObject({ kind: 'not_uploaded' });
    const { port, seen } = await startServer((_request, response) => response.writeHead(404).end('{}'));
    await ask({ proxyUrl, allowHttp: true }, `http://127.0.0.1:${port}`);
    expect(seen[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it.each([
    ['https', (): string => baseUrl],
    ['http', (): string => `http://${QURE}:9`],
  ])('a proxy that refuses a login has a code of its own, by %s', async (_name, url) => {
    const guarded = await startProxy({ login: 'site:hunter2' });
    const wrong = guarded.url.replace('//', '//site:hunter3@');
    for (const proxyUrl of [guarded.url, wrong]) {
      const outcome = await ask({ proxyUrl, caPem, allowHttp: true }, url());
      expect(outcome).toEqual({ kind: 'transient', cause: 'proxy_407' });
    }
  });

  it('a proxy that says nothing is given up at the deadline of the call', async () => {
    const { port } = await startTcpServer(() => {});
    const network = { proxyUrl: `http://127.0.0.1:${port}` };
    const limits = { deadline: new Date(Date.now() + 200) };
    const outcome = await startClient().seriesResults({ ...ACCOUNT, baseUrl, network }, UID, limits);
    expect(outcome).toEqual({ kind: 'transient', cause: 'deadline' });
  });

  it('a call that waits for its proxy ends with its client', async () => {
    let ended = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const client = startClient();
    const { port } = await startTcpServer((socket) => {
      socket.once('data', () => client.close()).once('close', ended);
    });
    const network = { proxyUrl: `http://127.0.0.1:${port}` };
    const outcome = await client.seriesResults({ ...ACCOUNT, baseUrl, network }, UID);
    expect(outcome).toEqual({ kind: 'transient', cause: 'ECONNRESET' });
    await end;
  });

  it('a proxy that refuses the host, or is not there, has a code of its own', async () => {
    const refusing = await startProxy({ refusal: 403 });
    expect(await ask({ proxyUrl: refusing.url, caPem })).toEqual({ kind: 'transient', cause: 'proxy_403' });
    const gone = await startProxy({});
    await gone.close();
    expect(await ask({ proxyUrl: gone.url, caPem })).toEqual({ kind: 'transient', cause: 'ECONNREFUSED' });
  });
});

describe('plain http to Qure', () => {
  it('is refused unless the source allows it', async () => {
    const url = `http://${QURE}:9`;
    expect(await ask({ proxyUrl: proxy.url }, url)).toMatchObject({
      kind: 'misconfigured',
      detail: expect.stringContaining('network.allowHttp'),
    });
    expect(proxy.asked).toEqual([]);
  });

  it('goes through the proxy as well', async () => {
    const { port, seen } = await startServer((_request, response) => response.writeHead(202).end('{}'));
    const plain = await startProxy({ hosts: { [QURE]: '127.0.0.1' } });
    const outcome = await ask({ proxyUrl: plain.url, allowHttp: true }, `http://${QURE}:${port}/v3`);
    expect(outcome).toMatchObject({ kind: 'processing' });
    expect(seen).toMatchObject([{ method: 'GET', url: `/v3/results/${UID}` }]);
    expect(plain.asked).toEqual([`GET http://${QURE}:${port}/`]);
  });
});

describe('the address of Qure', () => {
  it.each(['169.254.169.254', 'fd00:ec2::254', 'fe80::1', '100.100.100.200', '0.0.0.0'])(
    'may not be %s, whatever is allowed',
    async (address) => {
      const host = address.includes(':') ? `[${address}]` : address;
      const all: QureNetwork = { allowHttp: true, assetHosts: ['hospital.test'] };
      for (const scheme of ['http', 'https'])
        expect(await ask(all, `${scheme}://${host}/`)).toMatchObject({ kind: 'misconfigured' });
      const resolveHost = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
      const forbidden = { kind: 'transient', cause: 'FORBIDDEN_ADDRESS' };
      expect(await ask(all, `http://${QURE}/`, { resolveHost })).toEqual(forbidden);
      expect(await ask(all, `https://${QURE}/`, { resolveHost })).toEqual(forbidden);
      const proxied = { ...all, proxyUrl: 'http://proxy.hospital.test:3128' };
      expect(await ask(proxied, `https://${QURE}/`, { resolveHost })).toEqual(forbidden);
    },
  );

  it('may not be loopback in the cloud, and no proxy either', async () => {
    const isInCloud = { isInCloud: true };
    for (const host of ['127.0.0.2', 'localhost'])
      expect(await ask({ caPem }, `https://${host}:${front.port}`, isInCloud)).toMatchObject({
        kind: 'misconfigured',
      });
    const resolveHost = async () => [{ address: '127.0.0.1', family: 4 }];
    for (const network of [{}, { proxyUrl: `http://proxy.hospital.test:3128` }])
      expect(await ask(network, baseUrl, { ...isInCloud, resolveHost })).toEqual({
        kind: 'transient',
        cause: 'FORBIDDEN_ADDRESS',
      });
  });
});

describe('the proxies of the environment', () => {
  const proxied = (noProxy = '') => ({
    proxyEnvironment: { httpsProxy: proxy.url, httpProxy: proxy.url, noProxy },
  });

  it('are used by a source without one of its own', async () => {
    expect(await ask({ caPem }, baseUrl, proxied())).toMatchObject({ kind: 'not_uploaded' });
    const own = await startProxy({});
    await ask({ caPem, proxyUrl: own.url }, baseUrl, proxied());
    expect([proxy.asked.length, own.asked.length]).toEqual([1, 1]);
  });

  it('are not used for what NO_PROXY names, nor for plain http on this machine', async () => {
    const direct = `https://127.0.0.2:${front.port}`;
    expect(await ask({ caPem }, direct, proxied('10.0.0.0/8, 127.0.0.0/8'))).toMatchObject({
      kind: 'not_uploaded',
    });
    const { port } = await startServer((_request, response) => response.writeHead(202).end('{}'));
    expect(await ask({}, `http://127.0.0.1:${port}`, proxied())).toMatchObject({ kind: 'processing' });
    expect(proxy.asked).toEqual([]);
  });
});

describe('assets through a proxy', () => {
  const fetchThrough = (url: string, network: QureNetwork = {}) =>
    startClient().fetchAsset(url, { allowLoopbackHttp: false, network: { proxyUrl: proxy.url, ...network } });

  beforeAll(async () => {
    const store = await startTlsFront(authority.issue([STORE]), '127.0.0.1', () => redirects.origin);
    closers.push(store.close);
    files = store;
  });
  const redirects = { origin: '' };
  const serve = async (location?: string) => {
    const { port, seen } = await startServer((_request, response) =>
      location === undefined ? response.end('asset') : response.writeHead(302, { Location: location }).end(),
    );
    redirects.origin = `http://127.0.0.1:${port}`;
    return seen;
  };

  it('come from a host that the source names', async () => {
    const seen = await serve();
    const outcome = await fetchThrough(`https://${STORE}:${files.port}/a`, {
      caPem,
      assetHosts: ['store.hospital.test'],
    });
    if (outcome.kind !== 'asset') throw new Error(`Expected an asset, got ${JSON.stringify(outcome)}.`);
    expect(await buffer(outcome.stream)).toEqual(Buffer.from('asset'));
    expect(proxy.asked).toEqual([`CONNECT ${STORE}:${files.port}`]);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['a name that nobody has named', 'https://store.example/a', 'unnamed_host'],
    ['a name beside a named one', 'https://evil-store.hospital.test/a', 'unnamed_host'],
    ['a private address', 'https://10.0.0.1/a', 'forbidden_address'],
    ['loopback of the proxy', 'https://127.0.0.1/a', 'forbidden_address'],
    ['localhost of the proxy', 'https://localhost/a', 'forbidden_address'],
    ['metadata', 'https://169.254.169.254/a', 'forbidden_address'],
    ['a named host by plain http', `http://${STORE}/a`, 'not_https'],
  ])('are not asked for at %s', async (_name, url, reason) => {
    const outcome = await fetchThrough(url, { caPem, assetHosts: ['store.hospital.test'] });
    expect(outcome).toEqual({ kind: 'refused', reason });
    expect(proxy.asked).toEqual([]);
  });

  it('are not followed from a named host to one that nobody has named', async () => {
    await serve('https://inside.hospital.test/a');
    const outcome = await fetchThrough(`https://${STORE}:${files.port}/a`, { caPem, assetHosts: [STORE] });
    expect(outcome).toEqual({ kind: 'refused', reason: 'unnamed_host' });
    expect(proxy.asked).toEqual([`CONNECT ${STORE}:${files.port}`]);
  });
});

describe('assets in a private network', () => {
  const EVERYTHING: QureNetwork = {
    allowHttp: true,
    assetHosts: [
      'store.example',
      '10.0.0.0/8',
      '100.64.0.0/10',
      'fd00::/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ],
  };

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fe80::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '127.0.0.1',
    '::1',
    '0.0.0.0',
  ])('never come from %s, with everything allowed that can be', async (address) => {
    const family = address.includes(':') ? 6 : 4;
    const refused = { kind: 'refused', reason: 'forbidden_address' };
    for (const isInCloud of [true, false]) {
      const client = startClient({ resolveHost: async () => [{ address, family }], isInCloud });
      for (const scheme of ['https', 'http'])
        for (const host of ['store.example', 'a.store.example', 'unnamed.example']) {
          const outcome = await client.fetchAsset(`${scheme}://${host}/a`, {
            allowLoopbackHttp: false,
            network: EVERYTHING,
          });
          expect(outcome).toEqual(refused);
        }
      const literal = family === 6 ? `[${address}]` : address;
      expect(
        await client.fetchAsset(`https://${literal}/a`, { allowLoopbackHttp: false, network: EVERYTHING }),
      ).toEqual(refused);
    }
  });

  it('are no longer allowed on loopback in the cloud, even if Qure itself were there', async () => {
    const outcome = await startClient({ isInCloud: true }).fetchAsset('https://127.0.0.1/a', {
      allowLoopbackHttp: true,
    });
    expect(outcome).toEqual({ kind: 'refused', reason: 'forbidden_address' });
  });

  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(
      ({ internal, family, address }) =>
        !internal && family === 'IPv4' && /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(address),
    );

  it.runIf(own !== undefined)(
    'come from a private address that the source names, and only then',
    async () => {
      const address = own?.address ?? '';
      const { port } = await startServer((_request, response) => response.end('asset'), address);
      const client = startClient({ resolveHost: async () => [{ address, family: 4 }] });
      const kindOf = async (host: string, network: QureNetwork) => {
        const outcome = await client.fetchAsset(`http://${host}:${port}/a`, {
          allowLoopbackHttp: false,
          network,
        });
        if (outcome.kind === 'asset') await buffer(outcome.stream);
        return outcome.kind;
      };
      for (const assetHosts of [['store.example'], [address], [`${address}/24`]]) {
        const network = { allowHttp: true, assetHosts };
        expect(await kindOf('store.example', network)).toBe('asset');
        expect(await kindOf('store.example', { assetHosts })).toBe('refused');
      }
      expect(await kindOf(address, { allowHttp: true, assetHosts: [`${address}/32`] })).toBe('asset');
      expect(await kindOf(address, { allowHttp: true, assetHosts: ['10.255.255.1'] })).toBe('refused');
      expect(await kindOf('store.example', { allowHttp: true, assetHosts: ['10.255.255.1'] })).toBe(
        'refused',
      );
      expect(await kindOf('store.example', { allowHttp: true })).toBe('refused');
    },
  );
});

describe('the agents of a client', () => {
  const settings = (proxyUrl: string) => ({
    reach: 'qure',
    proxyUrl,
    isAllowed: () => true,
    isProxyAllowed: () => true,
  });

  it('are shared by equal settings, and bounded', async () => {
    const pool = new AgentPool({ connectTimeoutMs: 1000, now: () => new Date() });
    const first = pool.agentsFor(settings('http://proxy-0.example'));
    for (let at = 0; at < 64; at += 1) pool.agentsFor(settings(`http://proxy-${at}.example`));
    expect(pool.agentsFor(settings('http://proxy-0.example'))).toBe(first);
    pool.agentsFor(settings('http://proxy-64.example'));
    expect(pool.agentsFor(settings('http://proxy-0.example'))).toBe(first);
    const second = pool.agentsFor(settings('http://proxy-1.example'));
    for (let at = 0; at < 70; at += 1) pool.agentsFor(settings(`http://other-${at}.example`));
    expect(pool.agentsFor(settings('http://proxy-0.example'))).not.toBe(first);
    expect(pool.agentsFor(settings('http://proxy-1.example'))).not.toBe(second);
    pool.close();
  });
});
