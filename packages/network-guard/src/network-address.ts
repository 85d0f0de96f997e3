import ipaddr from 'ipaddr.js';

/**
 * `public`: anybody's. `private`: of one network (RFC 1918, RFC 6598, RFC 4193). `reserved`: IPv4 for documentation, benchmarks
 * and protocols. `never`: no call goes there: link-local and metadata addresses, multicast, unspecified, forms
 * that encode another address, and text that is no address.
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'reserved' | 'never';

/** Ranges that `ipaddr.js` does not class as they are classed here. */
const readRanges = () => ({
  /**
   * Metadata and other services of the host itself outside the link-local ranges: Alibaba, Azure, Oracle, AWS (all of its IPv6
   * services), Google.
   */
  hostServices: [
    '100.100.100.200/32',
    '168.63.129.16/32',
    '192.0.0.192/32',
    'fd00:ec2::/32',
    'fd20:ce::/32',
  ].map((text) => ipaddr.parseCIDR(text)),
  /**
   * All of global unicast (RFC 4291 section 2.4, IANA); other addresses are special, unassigned or encode an IPv4
   * address.
   */
  globalUnicastV6: ipaddr.IPv6.parseCIDR('2000::/3'),
  /** The form in which DNS64 returns an IPv4 address without IPv4, as in IPv6-only subnets of a VPC (RFC 6052). */
  nat64: ipaddr.IPv6.parseCIDR('64:ff9b::/96'),
});
/** Read for the first address: most functions load this file, and few class an address. */
let ranges: ReturnType<typeof readRanges> | undefined;

const CLASSES_V4: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  private: 'private',
  carrierGradeNat: 'private',
  loopback: 'loopback',
  reserved: 'reserved',
  as112: 'reserved',
  amt: 'reserved',
};

/** In any notation that names one address; an IPv4-mapped IPv6 address is read as the IPv4 address that it reaches. */
export function classOfAddress(address: string): AddressClass {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'never';
  ranges ??= readRanges();
  if (ranges.hostServices.some((range) => isWithin(parsed, range))) return 'never';
  if (parsed instanceof ipaddr.IPv4) return CLASSES_V4[parsed.range()] ?? 'never';
  if (parsed.match(ranges.nat64)) {
    const reached = classOfAddress(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
    // Loopback of the translator, not of this machine.
    return reached === 'loopback' ? 'never' : reached;
  }
  const range = parsed.range();
  if (range === 'loopback') return 'loopback';
  if (range === 'uniqueLocal') return 'private';
  return range === 'unicast' && parsed.match(ranges.globalUnicastV6) ? 'public' : 'never';
}

export function isPublicAddress(address: string): boolean {
  return classOfAddress(address) === 'public';
}

/**
 * `127.0.0.1` and its whole network, `::1`, `localhost`: hosts for which plain http is safe. Takes the host name of a
 * WHATWG URL, IPv6 in brackets.
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || classOfAddress(withoutBrackets(hostname)) === 'loopback';
}

export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

/** Reads `10.20.0.0/16`, or a single address; `undefined` for other text. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || more.length > 0) return undefined;
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= width)) return undefined;
  const range: [ipaddr.IPv4 | ipaddr.IPv6, number] = [parsed, prefix];
  return {
    isSingle: prefix === width,
    bounds: boundsOf(parsed, prefix),
    contains(other) {
      const candidate = parseAddress(other);
      return candidate !== undefined && isWithin(candidate, range);
    },
  };
}

export interface AddressRange {
  isSingle: boolean;
  /** The first and the last address. */
  bounds: readonly [string, string];
  contains(address: string): boolean;
}

function boundsOf(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): [string, string] {
  const bytes = address.toByteArray();
  const bound = (rest: 0 | 255) =>
    bytes.map((byte, at) => {
      const mask = (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * at))) & 0xff;
      return (byte & mask) | (rest & ~mask & 0xff);
    });
  const textOf = (rest: 0 | 255) => ipaddr.fromByteArray(bound(rest)).toString();
  return [textOf(0), textOf(255)];
}

function isWithin(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  [network, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number],
): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** An IPv4-mapped IPv6 address is read as the IPv4 address that it reaches. */
function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // Only full dotted IPv4: `ipaddr.js` by itself also reads "1", "0x7f.1" and the like.
  return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
    ? ipaddr.process(address)
    : undefined;
}
