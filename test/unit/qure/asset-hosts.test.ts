import { describe, expect, it } from 'vitest';
import { assetHostsOf, parseAssetHost } from '../../../functions/qure/asset-hosts.ts';
import { type AssetUrlRules, checkAssetUrl, isWithinReach } from '../../../functions/qure/asset-url.ts';

describe('parseAssetHost', () => {
  it.each([
    'store.example',
    's3.eu-central-1.amazonaws.com',
    'appliance',
    '10.1.2.3',
    '52.216.1.1',
    '10.20.0.0/16',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '100.64.0.0/10',
    'fd00::/8',
    'fc00::/7',
    'fd12:3456::1',
  ])('takes %s', (text) => {
    expect(parseAssetHost(text)).toBeDefined();
  });

  it.each([
    '',
    '*',
    '*.example',
    '.example',
    'https://store.example',
    'store.example/a',
    'store.example:443',
    'user@store.example',
    'store..example',
    '-store.example',
    'localhost',
    'a.localhost',
    '127.0.0.1',
    '127.0.0.0/8',
    '::1',
    '0.0.0.0',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/7',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '52.0.0.0/8',
    '10.1',
    '167772161',
    '0xa.1',
    '169.254.169.254',
    '169.254.0.0/16',
    '169.254.0.0/24',
    'fe80::/10',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '64:ff9b::/96',
    '::ffff:169.254.169.254',
  ])('refuses "%s"', (text) => {
    expect(parseAssetHost(text)).toBeUndefined();
  });
});

describe('a name among the hosts', () => {
  const hosts = assetHostsOf(['s3.eu-central-1.amazonaws.com', 'Appliance', '10.20.0.0/16']);
  it.each([
    ['s3.eu-central-1.amazonaws.com', true],
    ['bucket.s3.eu-central-1.amazonaws.com', true],
    ['bucket.s3.eu-central-1.amazonaws.com.', true],
    ['BUCKET.S3.eu-central-1.amazonaws.com', true],
    ['evils3.eu-central-1.amazonaws.com', false],
    ['eu-central-1.amazonaws.com', false],
    ['s3.eu-central-1.amazonaws.com.evil.example', false],
    ['appliance', true],
    ['x.appliance', false],
  ])('%s: %s', (hostname, expected) => {
    expect(hosts.namesHost(hostname)).toBe(expected);
  });
});

describe('checkAssetUrl with hosts that the source names', () => {
  const assetHosts = assetHostsOf(['store.example', '10.20.0.0/16', '52.216.1.1']);
  const verdictOf = (text: string, rules: Partial<AssetUrlRules>) => {
    const checked = checkAssetUrl(text, { allowLoopbackHttp: false, assetHosts, ...rules });
    return checked.kind === 'ok' ? checked.reach : checked.reason;
  };
  it.each([
    // What is asked for; with assetHosts; with allowHttp too; and through a proxy.
    ['https://a.store.example/a', 'named', 'named', 'named'],
    ['https://other.example/a', 'public', 'public', 'unnamed_host'],
    ['https://10.20.1.1/a', 'listed', 'listed', 'listed'],
    ['https://10.21.1.1/a', 'forbidden_address', 'forbidden_address', 'forbidden_address'],
    ['https://[::ffff:10.20.1.1]/a', 'listed', 'listed', 'listed'],
    ['https://52.216.1.2/a', 'public', 'public', 'public'],
    ['http://a.store.example/a', 'not_https', 'named', 'named'],
    ['http://other.example/a', 'not_https', 'listed', 'unnamed_host'],
    ['http://10.20.1.1/a', 'not_https', 'listed', 'listed'],
    ['http://10.21.1.1/a', 'not_https', 'not_https', 'not_https'],
    ['http://52.216.1.2/a', 'not_https', 'not_https', 'not_https'],
    ['http://52.216.1.1/a', 'not_https', 'listed', 'listed'],
    ['ftp://store.example/a', 'not_https', 'not_https', 'not_https'],
    ['https://u@store.example/a', 'user_info', 'user_info', 'user_info'],
    ['https://169.254.169.254/a', 'forbidden_address', 'forbidden_address', 'forbidden_address'],
    ['http://169.254.169.254/a', 'not_https', 'not_https', 'not_https'],
    ['http://127.0.0.1/a', 'not_https', 'not_https', 'not_https'],
    ['https://127.0.0.1/a', 'forbidden_address', 'forbidden_address', 'forbidden_address'],
  ])('%s', (text, named, plain, proxied) => {
    const verdicts = [
      verdictOf(text, {}),
      verdictOf(text, { allowHttp: true }),
      verdictOf(text, { allowHttp: true, isProxied: () => true }),
    ];
    expect(verdicts).toEqual([named, plain, proxied]);
  });

  it('asks for plain http without any address among the hosts only where the name is', () => {
    const onlyNames = { allowHttp: true, assetHosts: assetHostsOf(['store.example']) };
    expect(verdictOf('http://other.example/a', onlyNames)).toBe('not_https');
    expect(verdictOf('http://store.example/a', onlyNames)).toBe('named');
  });
});

describe('isWithinReach', () => {
  const hosts = assetHostsOf(['10.20.0.0/16', '100.64.0.0/10', 'fd00::/8', '52.216.1.1']);
  it.each([
    // public, named, listed, loopback
    ['52.216.1.1', [true, true, true, false]],
    ['52.216.1.2', [true, true, false, false]],
    ['10.20.9.9', [true, true, true, false]],
    ['10.21.9.9', [false, true, false, false]],
    ['100.64.0.1', [true, true, true, false]],
    ['fd12::1', [true, true, true, false]],
    ['127.0.0.1', [false, false, false, true]],
    ['198.18.0.1', [false, false, false, false]],
    ['100.100.100.200', [false, false, false, false]],
    ['fd00:ec2::254', [false, false, false, false]],
    ['169.254.169.254', [false, false, false, false]],
    ['64:ff9b::127.0.0.1', [false, false, false, false]],
    ['fe80::1', [false, false, false, false]],
  ])('%s', (address, expected) => {
    const reaches = (['public', 'named', 'listed', 'loopback'] as const).map((reach) =>
      isWithinReach(address, reach, hosts),
    );
    expect(reaches).toEqual(expected);
  });
});
