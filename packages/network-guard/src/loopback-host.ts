import { isLoopbackHost } from './network-address.ts';

/**
 * Reads a Host header that names this machine. With DNS rebinding, a web page reaches 127.0.0.1 under its own name; the
 * browser then sends that name.
 * @returns the name in lower case without its port, or undefined if it is another machine's, or not a host
 */
export function loopbackNameOf(host: string | undefined, takesSubdomains = false): string | undefined {
  // A host with a user, a path or spaces in it is not a host.
  if (host === undefined || !/^[a-z0-9.:[\]-]+$/i.test(host)) return undefined;
  const hostname = URL.parse(`http://${host}`)?.hostname;
  if (hostname === undefined) return undefined;
  return isLoopbackHost(hostname) || (takesSubdomains && hostname.endsWith('.localhost'))
    ? hostname
    : undefined;
}
