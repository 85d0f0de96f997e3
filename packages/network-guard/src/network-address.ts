import ipaddr from 'ipaddr.js';

/** Azure's metadata and DNS address: it is in a public range, but the host itself serves it. */
const AZURE_WIRE_SERVER = '168.63.129.16';
/**
 * All of global unicast (RFC 4291 section 2.4, IANA); other addresses are special, unassigned or encode an IPv4
 * address.
 */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** The form in which DNS64 returns an IPv4 address without IPv4, as in IPv6-only subnets of a VPC (RFC 6052). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an IP address is public: not private, loopback, link-local (cloud metadata is there), shared (CGNAT),
 * multicast, unspecified or reserved, in any notation. Text that is not an IP address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed instanceof ipaddr.IPv4) {
    return parsed.range() === 'unicast' && parsed.toString() !== AZURE_WIRE_SERVER;
  }
  if (parsed?.match(NAT64)) {
    return isPublicAddress(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
  }
  return parsed?.match(GLOBAL_UNICAST_V6) === true && parsed.range() === 'unicast';
}

export function isLoopbackAddress(address: string): boolean {
  return parseAddress(address)?.range() === 'loopback';
}

/**
 * `127.0.0.1` and its whole network, `::1`, `localhost`: hosts for which plain http is safe. Takes the host name of a
 * WHATWG URL, IPv6 in brackets.
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(withoutBrackets(hostname));
}

export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

/** An IPv4-mapped IPv6 address is read as the IPv4 address that it reaches. */
function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // Only full dotted IPv4: `ipaddr.js` by itself also reads "1", "0x7f.1" and the like.
  return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
    ? ipaddr.process(address)
    : undefined;
}
