import { isIPv4, isIPv6 } from 'node:net';
import { classOfAddress, isPublicAddress } from '@qure-dropoff/network-guard/addresses';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetHostsOf } from '../../functions/qure/asset-hosts.ts';
import { checkAssetUrl } from '../../functions/qure/asset-url.ts';
import { dotted, urlAround, v4Spellings, v6Spellings } from './support/address-spellings.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';
import { forbiddenV4At, forbiddenV6At, isForbiddenV4, isForbiddenV6 } from './support/special-addresses.ts';

const IN_GENERAL = { allowLoopbackHttp: false };
const EVERY_HOST = assetHostsOf([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
  'store.example',
]);
const anyV4 = fc.nat(0xffffffff);
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
const forbiddenV4 = fc
  .tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 2 ** 32 - 1), anyV4))
  .map(([pick, within]) => forbiddenV4At(pick, within));
const forbiddenV6 = fc
  .tuple(fc.nat(), fc.oneof(fc.constant(new Array<number>(8).fill(0)), groups))
  .map(([pick, tail]) => forbiddenV6At(pick, tail))
  // Mapped addresses lie in a forbidden net, but are judged as what they reach.
  .filter(isForbiddenV6);

describe('addresses', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('counts an IPv4 address as public exactly if no registry reserves it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyV4,
          forbiddenV4,
          forbiddenV4.map((n) => Math.min(n + 1, 0xffffffff)),
        ),
        (address) => {
          expect(isPublicAddress(dotted(address))).toBe(!isForbiddenV4(address));
        },
      ),
      fuzzRuns(5000),
    );
  });

  it('never counts a reserved IPv6 address as public, in any spelling', () => {
    fc.assert(
      fc.property(fc.oneof(forbiddenV6, groups), (address) => {
        for (const spelling of v6Spellings(address)) {
          if (isIPv6(spelling) && isForbiddenV6(address))
            expect(isPublicAddress(spelling), spelling).toBe(false);
        }
      }),
      fuzzRuns(2000),
    );
  });

  it('reads no address from a text that is not one', () => {
    fc.assert(
      fc.property(fc.string(), (spelling) => {
        if (!isIPv4(spelling) && !isIPv6(spelling)) expect(isPublicAddress(spelling)).toBe(false);
      }),
      fuzzRuns(1000),
    );
  });
});

describe('the URL of an asset', { timeout: FUZZ_TIMEOUT_MS }, () => {
  /** Where the host is an address once it is parsed; names are judged when they are resolved. */
  const expectNoForbiddenHost = (text: string) => {
    const checked = checkAssetUrl(text, IN_GENERAL);
    if (checked.kind === 'refused') return;
    expect(checked.reach).toBe('public');
    expect(checked.url.protocol).toBe('https:');
    expect(checked.url.username + checked.url.password).toBe('');
    const host = checked.url.hostname;
    expect(isIPv4(host), `${host} is an address`).toBe(false);
    expect(isIPv6(host.replace(/^\[|\]$/g, '')), `${host} is an address`).toBe(false);
  };

  it('refuses a URL with a forbidden IPv4 address, or takes it as a host name that is still to be resolved', () => {
    fc.assert(
      fc.property(forbiddenV4, urlAround, fc.nat(), (address, around, pick) => {
        const spellings = v4Spellings(address);
        expectNoForbiddenHost(around(spellings[pick % spellings.length] ?? ''));
      }),
      fuzzRuns(4000),
    );
  });

  it('refuses every address that is neither public, private nor listed, with everything allowed that can be', () => {
    const rules = { ...IN_GENERAL, allowHttp: true, assetHosts: EVERY_HOST };
    fc.assert(
      fc.property(fc.oneof(forbiddenV4, anyV4), urlAround, fc.nat(), (address, around, pick) => {
        const spellings = v4Spellings(address);
        for (const text of [around(spellings[pick % spellings.length] ?? ''), `http://${dotted(address)}/`]) {
          const checked = checkAssetUrl(text, rules);
          if (checked.kind === 'refused') continue;
          const host = checked.url.hostname.replace(/^\[|\]$/g, '');
          if (isIPv4(host) || isIPv6(host)) expect(['public', 'private']).toContain(classOfAddress(host));
        }
      }),
      fuzzRuns(2000),
    );
  });

  it('refuses a URL with a forbidden IPv6 address', () => {
    fc.assert(
      fc.property(
        forbiddenV6,
        urlAround,
        fc.constantFrom('', '%25eth0', '%eth0'),
        (address, around, zone) => {
          for (const spelling of v6Spellings(address)) expectNoForbiddenHost(around(`[${spelling}${zone}]`));
        },
      ),
      fuzzRuns(1000),
    );
  });

  it('refuses a URL with a user name, a password or another scheme', () => {
    const front = fc.constantFrom(
      'https://u@',
      'https://u:p@',
      'https://:p@',
      'http://',
      'ftp://',
      'file://',
      'ws://',
    );
    fc.assert(
      fc.property(front, anyV4, fc.boolean(), (start, address, isName) => {
        const host = isName ? 'store.example' : dotted(address);
        expect(checkAssetUrl(`${start}${host}/a`, IN_GENERAL)).toMatchObject({ kind: 'refused' });
      }),
      fuzzRuns(500),
    );
  });

  it('checks the target of a redirect like any other URL', () => {
    const base = new URL('https://store.example/a/b');
    const prefix = fc.constantFrom('//', '\\\\', '/\\', 'https:', 'HTTPS:////', '///');
    fc.assert(
      fc.property(forbiddenV4, prefix, fc.nat(), (address, start, pick) => {
        const spellings = v4Spellings(address);
        const checked = checkAssetUrl(`${start}${spellings[pick % spellings.length]}/x`, IN_GENERAL, base);
        if (checked.kind === 'ok') {
          expect(isIPv4(checked.url.hostname)).toBe(false);
          expect(checked.url.hostname.startsWith('[')).toBe(false);
        }
      }),
      fuzzRuns(1000),
    );
  });

  it('accepts http only to loopback, and only where Qure itself is on loopback', () => {
    fc.assert(
      fc.property(fc.oneof(forbiddenV4, anyV4), fc.nat(), (address, pick) => {
        const spellings = v4Spellings(address);
        const checked = checkAssetUrl(`http://${spellings[pick % spellings.length]}/`, {
          allowLoopbackHttp: true,
        });
        if (checked.kind === 'ok') {
          expect(checked.reach).toBe('loopback');
          // The IPv4-compatible spelling of 0.0.0.1 is `::1` itself.
          expect(address === 1 || Math.floor(address / 2 ** 24) === 127).toBe(true);
        }
      }),
      fuzzRuns(1000),
    );
  });
});
