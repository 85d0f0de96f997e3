import { isIP } from 'node:net';
import {
  classOfAddress,
  isLoopbackHost,
  parseRange,
  withoutBrackets,
} from '@qure-dropoff/network-guard/addresses';

/** The way to Qure of a source, where it is not the open internet (docs/on-premises.md). */
export interface QureNetwork {
  /** A forward proxy for every request of the source. Only one from the secret has a user and a password in it. */
  proxyUrl?: string;
  /** Certificates in PEM that are trusted besides the well-known ones. */
  caPem?: string;
  /** Plain http to the base URL, and to asset hosts that `assetHosts` names. */
  allowHttp?: boolean;
  /** Where assets may be beyond public hosts: host names with all names below them, addresses, ranges of addresses. */
  assetHosts?: readonly string[];
}

/** The proxies of the process's environment, as programs know them: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
export interface ProxyEnvironment {
  httpsProxy?: string;
  httpProxy?: string;
  noProxy?: string;
}

export type ProxyUrl = { kind: 'ok'; url: URL } | { kind: 'invalid'; detail: string };

/** Checks the URL of a forward proxy. The detail does not repeat it: there may be a password in it. */
export function readProxyUrl(text: string): ProxyUrl {
  const url = URL.parse(text.trim());
  if (url === null) return invalid('something that is no URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return invalid('another scheme');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return invalid('one with a path');
  const address = withoutBrackets(url.hostname);
  if (isIP(address) !== 0 && classOfAddress(address) === 'never') {
    return invalid('a link-local, metadata or unusable address');
  }
  if (!isEncoded(url.username + url.password))
    return invalid('a user or password with a % that encodes nothing');
  return { kind: 'ok', url };
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function invalid(got: string): ProxyUrl {
  return { kind: 'invalid', detail: `expected a proxy such as http://proxy.example:3128, got ${got}` };
}

/**
 * The proxy for a URL, `undefined` without one. That of the source is for all of its requests. Those of the environment leave out
 * what `NO_PROXY` names, and plain http on loopback: programs of this machine.
 */
export function proxyFor(
  url: URL,
  network: Pick<QureNetwork, 'proxyUrl'>,
  { httpsProxy, httpProxy, noProxy = '' }: ProxyEnvironment,
): string | undefined {
  if (network.proxyUrl !== undefined) return network.proxyUrl;
  if (url.protocol === 'http:' && isLoopbackHost(url.hostname)) return undefined;
  const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy;
  return proxy === undefined || isExempt(url, noProxy) ? undefined : proxy;
}

/** `NO_PROXY`: `*`, names with all names below them (also `.name`, `*.name`), addresses, ranges; each with a port or without. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = withoutBrackets(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, name = '', itsPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === '' || (itsPort !== undefined && itsPort !== port)) return false;
      const plain = withoutBrackets(name);
      const range = parseRange(plain);
      return (
        plain === '*' ||
        (range === undefined ? isBelow(host, plain.replace(/^\*?\./, '')) : range.contains(host))
      );
    });
}

/** Whether a host is this one, or has a name below it. */
export function isBelow(host: string, name: string): boolean {
  const plain = host.toLowerCase().replace(/\.$/, '');
  return plain === name || plain.endsWith(`.${name}`);
}
