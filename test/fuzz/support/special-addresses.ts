/**
 * Addresses that no asset may be fetched from, by the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and
 * updates), multicast (RFC 5771, RFC 4291) and what clouds serve at addresses of their own. Written down and compared bit by
 * bit here, so that no code under test judges itself.
 */
const FORBIDDEN_V4: [net: string, bits: number, name: string][] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private use'],
  ['100.64.0.0', 10, 'shared address space'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, metadata'],
  ['172.16.0.0', 12, 'private use'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, '6to4 relay anycast'],
  ['192.168.0.0', 16, 'private use'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, broadcast'],
  ['168.63.129.16', 32, 'host service of Azure'],
];

/** The first 16-bit groups of each net. */
const FORBIDDEN_V6: [groups: number[], bits: number, name: string][] = [
  [[0], 8, 'unspecified, loopback, IPv4-mapped, -compatible and -translated'],
  [[0x64, 0xff9b, 1], 48, 'NAT64 of local use'],
  [[0x100], 64, 'discard-only'],
  [[0x2001, 0], 32, 'Teredo'],
  [[0x2001, 2, 0], 48, 'benchmarking'],
  [[0x2001, 0x10], 28, 'ORCHID'],
  [[0x2001, 0x20], 28, 'ORCHIDv2'],
  [[0x2001, 0xdb8], 32, 'documentation'],
  [[0x2002], 16, '6to4'],
  [[0x3fff, 0], 20, 'documentation'],
  [[0x5f00], 16, 'segment routing'],
  [[0xfc00], 7, 'unique local'],
  [[0xfe80], 10, 'link-local'],
  [[0xfec0], 10, 'site-local'],
  [[0xff00], 8, 'multicast'],
];

export const v4Number = (dotted: string): number =>
  dotted.split('.').reduce((number, part) => number * 256 + Number(part), 0);

/** @param address as a number of 32 bits */
export function isForbiddenV4(address: number): boolean {
  return FORBIDDEN_V4.some(([net, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(v4Number(net) / size);
  });
}

/** @param groups the eight 16-bit groups */
export function isForbiddenV6(groups: readonly number[]): boolean {
  const low = ((groups[6] ?? 0) * 65_536 + (groups[7] ?? 0)) >>> 0;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const isNat64 = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((g) => g === 0);
  // Both reach the IPv4 address within.
  if (isMapped || isNat64) return isForbiddenV4(low);
  const value = bitsOf(groups);
  return FORBIDDEN_V6.some(([net, bits]) => value.startsWith(bitsOf(net).padEnd(128, '0').slice(0, bits)));
}

function bitsOf(groups: readonly number[]): string {
  return groups.map((group) => group.toString(2).padStart(16, '0')).join('');
}

/** One address out of every forbidden net, at its start, its end and in between. */
export function forbiddenV4At(pick: number, within: number): number {
  const [net, bits] = FORBIDDEN_V4[pick % FORBIDDEN_V4.length] ?? ['0.0.0.0', 8];
  return v4Number(net) + (within % 2 ** (32 - bits));
}

export function forbiddenV6At(pick: number, tail: readonly number[]): number[] {
  const [net, bits] = FORBIDDEN_V6[pick % FORBIDDEN_V6.length] ?? [[0], 8];
  const fixed = bitsOf(net).padEnd(128, '0').slice(0, bits) + bitsOf(tail).padEnd(128, '0').slice(bits);
  return Array.from({ length: 8 }, (_, at) => Number.parseInt(fixed.slice(at * 16, at * 16 + 16), 2));
}
