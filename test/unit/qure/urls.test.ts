import { classOfAddress, isPublicAddress } from '@qure-dropoff/network-guard/addresses';
import { describe, expect, it } from 'vitest';
import type { AssetRefusal } from '../../../functions/qure/asset-url.ts';
import { checkAssetUrl } from '../../../functions/qure/asset-url.ts';
import { isLoopbackBaseUrl, readBaseUrl } from '../../../functions/qure/base-url.ts';

describe('isPublicAddress', () => {
  const rows: [string, string, boolean][] = [
    ['a public one', '52.216.1.1', true],
    ['a public IPv6', '2600:1f18::1', true],
    ['unspecified', '0.0.0.0', false],
    ['this network', '0.1.2.3', false],
    ['private 10', '10.0.0.1', false],
    ['private 172.16', '172.31.255.255', false],
    ['just beside 172.16', '172.32.0.1', true],
    ['private 192.168', '192.168.1.1', false],
    ['loopback', '127.1.2.3', false],
    ['link-local: cloud metadata', '169.254.169.254', false],
    ['container credentials', '169.254.170.2', false],
    ['shared (CGNAT), also a metadata address', '100.100.100.200', false],
    ['host service in a public range', '168.63.129.16', false],
    ['metadata in a protocol range', '192.0.0.192', false],
    ['documentation', '203.0.113.7', false],
    ['benchmarking', '198.18.0.1', false],
    ['multicast', '224.0.0.1', false],
    ['reserved', '240.0.0.1', false],
    ['broadcast', '255.255.255.255', false],
    ['IPv6 unspecified', '::', false],
    ['IPv6 loopback', '::1', false],
    ['IPv6 link-local', 'fe80::1', false],
    ['IPv6 link-local with a zone', 'fe80::1%eth0', false],
    ['IPv6 unique local: metadata', 'fd00:ec2::254', false],
    ['IPv6 multicast', 'ff02::1', false],
    ['IPv4-mapped private', '::ffff:10.0.0.1', false],
    ['IPv4-mapped metadata in hex', '::ffff:a9fe:a9fe', false],
    ['IPv4-mapped public', '::ffff:52.216.1.1', true],
    ['IPv4-compatible', '::10.0.0.1', false],
    ['IPv4-translated', '::ffff:0:10.0.0.1', false],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1', false],
    ['NAT64 of metadata', '64:ff9b::a9fe:a9fe', false],
    ['NAT64 of a public address', '64:ff9b::52.216.1.1', true],
    ['NAT64 of local use', '64:ff9b:1::52.216.1.1', false],
    ['6to4', '2002:0a00:0001::1', false],
    ['Teredo', '2001:0:1::1', false],
    ['IPv6 documentation', '2001:db8::1', false],
    ['a short form of IPv4', '10.1', false],
    ['a number', '2130706433', false],
    ['a name', 'store.example', false],
    ['nothing', '', false],
  ];
  it.each(rows)('%s: %s', (_name, address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});

describe('classOfAddress', () => {
  it.each([
    ['52.216.1.1', 'public'],
    ['2600:1f18::1', 'public'],
    ['64:ff9b::52.216.1.1', 'public'],
    ['10.0.0.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'never'],
    ['203.0.113.7', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'never'],
    ['224.0.0.1', 'never'],
    ['0.0.0.0', 'never'],
    ['169.254.1.1', 'never'],
    ['100.100.100.200', 'never'],
    ['192.0.0.192', 'never'],
    ['168.63.129.16', 'never'],
    ['fd00:ec2::23', 'never'],
    ['fd20:ce::254', 'never'],
    ['fe80::1%eth0', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['a.name', 'never'],
  ])('%s is %s', (address, expected) => {
    expect(classOfAddress(address)).toBe(expected);
  });
});

describe('checkAssetUrl', () => {
  const rows: [string, string, AssetRefusal | 'public' | 'loopback', AssetRefusal | 'public' | 'loopback'][] =
    [
      // what is asked for; in general; when Qure itself is loopback
      ['https', 'https://store.example/a?sig=1', 'public', 'public'],
      ['another port', 'https://store.example:9000/a', 'public', 'public'],
      ['a public address', 'https://52.216.1.1/a', 'public', 'public'],
      ['a public IPv6 address', 'https://[2600:1f18::1]/a', 'public', 'public'],
      ['http', 'http://store.example/a', 'not_https', 'not_https'],
      ['http to a private address', 'http://10.0.0.1/a', 'not_https', 'not_https'],
      ['ftp', 'ftp://store.example/a', 'not_https', 'not_https'],
      ['file', 'file:///etc/passwd', 'not_https', 'not_https'],
      ['no URL', 'store.example/a', 'not_a_url', 'not_a_url'],
      ['a user', 'https://user@store.example/a', 'user_info', 'user_info'],
      ['a password', 'https://:pw@store.example/a', 'user_info', 'user_info'],
      ['metadata', 'https://169.254.169.254/latest/meta-data/', 'forbidden_address', 'forbidden_address'],
      ['private in decimal', 'https://167772161/', 'forbidden_address', 'forbidden_address'],
      ['private in hex', 'https://0xa.1/', 'forbidden_address', 'forbidden_address'],
      ['private, mapped', 'https://[::ffff:10.0.0.1]/', 'forbidden_address', 'forbidden_address'],
      ['unspecified', 'https://0/', 'forbidden_address', 'forbidden_address'],
      ['loopback by http', 'http://127.0.0.1:9/a', 'not_https', 'loopback'],
      ['loopback by https', 'https://127.0.0.1:9/a', 'forbidden_address', 'loopback'],
      ['loopback by short form', 'http://127.1/a', 'not_https', 'loopback'],
      ['loopback by IPv6', 'http://[::1]:9/a', 'not_https', 'loopback'],
      ['loopback, mapped', 'http://[::ffff:127.0.0.1]/a', 'not_https', 'loopback'],
      ['localhost', 'http://localhost/a', 'not_https', 'loopback'],
      ['a name that only looks like it', 'http://localhost.example/a', 'not_https', 'not_https'],
    ];
  it.each(rows)('%s', (_name, text, inGeneral, onLoopback) => {
    const verdicts = [false, true].map((allowLoopbackHttp) => {
      const checked = checkAssetUrl(text, { allowLoopbackHttp });
      return checked.kind === 'ok' ? checked.reach : checked.reason;
    });
    expect(verdicts).toEqual([inGeneral, onLoopback]);
  });
});

describe('readBaseUrl', () => {
  const rows: [string, string, { origin: string; pathPrefix: string } | RegExp][] = [
    ['host alone', 'https://api.example', { origin: 'https://api.example', pathPrefix: '' }],
    ['trailing slash', 'https://api.example/', { origin: 'https://api.example', pathPrefix: '' }],
    ['path', 'https://api.example:8443/a/b', { origin: 'https://api.example:8443', pathPrefix: '/a/b' }],
    ['path with slashes', 'https://api.example/a//', { origin: 'https://api.example', pathPrefix: '/a' }],
    ['blanks around', ' https://api.example\n', { origin: 'https://api.example', pathPrefix: '' }],
    ['loopback', 'http://127.0.0.1:4000/', { origin: 'http://127.0.0.1:4000', pathPrefix: '' }],
    ['loopback IPv6', 'http://[::1]:4000', { origin: 'http://[::1]:4000', pathPrefix: '' }],
    ['localhost', 'http://localhost:4000', { origin: 'http://localhost:4000', pathPrefix: '' }],
    ['plain http', 'http://api.example', /unencrypted/],
    ['another scheme', 'ftp://api.example', /scheme ftp:/],
    ['without a scheme', 'api.example/v3', /no URL/],
    ['empty', '', /no URL/],
    ['user and password', 'https://me:hunter2@api.example', /user name or password/],
    ['query', 'https://api.example/?token=hunter2', /query/],
    ['metadata', 'https://169.254.169.254/', /metadata/],
    ['metadata by IPv6', 'https://[fd00:ec2::254]/', /metadata/],
    ['private', 'https://10.0.0.1', { origin: 'https://10.0.0.1', pathPrefix: '' }],
  ];
  it.each(rows)('%s', (_name, text, expected) => {
    const read = readBaseUrl(text);
    if (expected instanceof RegExp) {
      expect(read).toEqual({ kind: 'invalid', detail: expect.stringMatching(expected) });
      expect(JSON.stringify(read)).not.toMatch(/hunter2/);
    } else {
      expect(read).toEqual({ kind: 'ok', ...expected });
    }
  });

  it('takes plain http where the source allows it, but to no metadata address', () => {
    const allowHttp = { allowHttp: true };
    expect(readBaseUrl('http://qure.hospital.example/v3', allowHttp)).toEqual({
      kind: 'ok',
      origin: 'http://qure.hospital.example',
      pathPrefix: '/v3',
    });
    for (const host of ['169.254.169.254', '[fe80::1]', '100.100.100.200', '0.0.0.0', '2852039166'])
      expect(readBaseUrl(`http://${host}`, allowHttp).kind).toBe('invalid');
  });

  it.each([
    ['http://127.0.0.1:1/x', true],
    ['https://localhost', true],
    ['https://api.example', false],
    ['nonsense', false],
  ])('isLoopbackBaseUrl(%s) is %s', (text, expected) => {
    expect(isLoopbackBaseUrl(text)).toBe(expected);
  });
});
