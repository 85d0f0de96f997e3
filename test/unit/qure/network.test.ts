import { describe, expect, it } from 'vitest';
import { proxyFor, readProxyUrl } from '../../../functions/qure/network.ts';

describe('readProxyUrl', () => {
  it.each([
    ['a host', 'http://proxy.example:3128', 'http://proxy.example:3128'],
    ['TLS', 'https://proxy.example', 'https://proxy.example'],
    ['an address', ' http://10.0.0.8:8080/ ', 'http://10.0.0.8:8080'],
    ['a login', 'http://me:p%40ss@proxy.example:3128', 'http://proxy.example:3128'],
  ])('takes %s', (_name, text, origin) => {
    const read = readProxyUrl(text);
    expect(read.kind === 'ok' && read.url.origin).toBe(origin);
  });

  it.each([
    ['no URL', 'hunter2', /no URL/],
    ['nothing', '', /no URL/],
    ['another scheme', 'socks5://me:hunter2@proxy.example', /another scheme/],
    ['a path', 'http://me:hunter2@proxy.example/x', /path/],
    ['a query', 'http://proxy.example/?hunter2', /path/],
    ['metadata', 'http://hunter2@169.254.169.254:80', /link-local, metadata/],
    ['metadata by IPv6', 'http://[fd00:ec2::254]/', /link-local, metadata/],
    ['a broken password', 'http://me:hunter2%zz@proxy.example', /%/],
  ])('refuses %s, without repeating it', (_name, text, detail) => {
    expect(readProxyUrl(text)).toEqual({ kind: 'invalid', detail: expect.stringMatching(detail) });
    expect(JSON.stringify(readProxyUrl(text))).not.toContain('hunter2');
  });
});

describe('proxyFor', () => {
  const environment = { httpsProxy: 'http://s.example', httpProxy: 'http://p.example' };
  const of = (text: string, noProxy = '', network = {}) =>
    proxyFor(new URL(text), network, { ...environment, noProxy });

  it.each([
    ['https', 'https://qure.example/a', 'http://s.example'],
    ['http', 'http://qure.example/a', 'http://p.example'],
    ['https on loopback', 'https://127.0.0.2:8443/', 'http://s.example'],
    ['http on loopback', 'http://localhost:4000/', undefined],
  ])('of the environment, for %s', (_name, text, expected) => {
    expect(of(text)).toBe(expected);
  });

  it.each([
    ['*', 'https://qure.example', true],
    ['qure.example', 'https://qure.example', true],
    ['QURE.example', 'https://qure.EXAMPLE', true],
    ['example', 'https://qure.example', true],
    ['.example', 'https://qure.example', true],
    ['*.example', 'https://qure.example', true],
    ['ure.example', 'https://qure.example', false],
    ['other.example, ,qure.example', 'https://qure.example', true],
    ['qure.example:443', 'https://qure.example', true],
    ['qure.example:8443', 'https://qure.example', false],
    ['qure.example:80', 'http://qure.example', true],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.1.2.3', 'https://10.1.2.3:8443', true],
    ['[fd00::1]:443', 'https://[fd00::1]', true],
    ['[fd00::1]:8443', 'https://[fd00::1]', false],
    ['fd00::1', 'https://[fd00::1]', true],
    ['fd00::/8', 'https://[fd00::1]', true],
    ['::ffff', 'https://qure.example', false],
    ['', 'https://qure.example', false],
  ])('NO_PROXY=%s with %s: %s', (noProxy, text, isDirect) => {
    expect(of(text, noProxy) === undefined).toBe(isDirect);
  });

  it('of the source is for everything', () => {
    for (const text of ['https://qure.example', 'http://127.0.0.1'])
      expect(of(text, '*', { proxyUrl: 'http://own.example' })).toBe('http://own.example');
  });
});
