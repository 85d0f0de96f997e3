import { type AddressRange, classOfAddress, parseRange } from '@qure-dropoff/network-guard/addresses';
import { isBelow } from './network.ts';

/** One entry of `network.assetHosts`. */
export type AssetHost = { kind: 'name'; name: string } | { kind: 'range'; range: AddressRange };

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`, 'i');

/**
 * Reads an entry: a host name, for itself and all names below it; an address; or a range of private addresses, as
 * `10.20.0.0/16`. `undefined` for anything else, and for what no option allows: loopback, link-local and metadata.
 */
export function parseAssetHost(text: string): AssetHost | undefined {
  const range = parseRange(text);
  if (range !== undefined) {
    const classes = range.bounds.map(classOfAddress);
    const isUsable = range.isSingle
      ? classes[0] === 'private' || classes[0] === 'public'
      : classes.every((each) => each === 'private');
    return isUsable ? { kind: 'range', range } : undefined;
  }
  // The last label of a name is no number: `10.1` is another spelling of an address. Source: WHATWG URL, "ends in a number".
  if (!NAME.test(text) || /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(text)) return undefined;
  const name = text.toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') ? undefined : { kind: 'name', name };
}

/** The entries of a source, ready to be asked. */
export interface AssetHosts {
  namesHost(hostname: string): boolean;
  namesAddress(address: string): boolean;
  /** Whether any entry is an address or a range. */
  hasAddresses: boolean;
}

export function assetHostsOf(entries: readonly string[] = []): AssetHosts {
  const hosts = entries.map(parseAssetHost).filter((host) => host !== undefined);
  const names = hosts.flatMap((host) => (host.kind === 'name' ? [host.name] : []));
  const ranges = hosts.flatMap((host) => (host.kind === 'range' ? [host.range] : []));
  return {
    // A name of one label is not a suffix: all hosts of a top-level domain would be below it.
    namesHost: (hostname) =>
      names.some((name) => (name.includes('.') ? isBelow(hostname, name) : hostname.toLowerCase() === name)),
    namesAddress: (address) => ranges.some((range) => range.contains(address)),
    hasAddresses: ranges.length > 0,
  };
}
