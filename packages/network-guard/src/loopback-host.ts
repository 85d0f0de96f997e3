import { isLoopbackHost } from './network-address.ts';

/**
 * Reads a Host header that names this machine. A web page reaches 127.0.0.1 under a name of its own by DNS rebinding; then
 * the browser sends that name.
 * @returns the name in lower case without its port, or undefined where it is another machine's or no host at all
 */
export function loopbackNameOf(host: string | undefined, takesSubdomains = false): string | undefined {
  // A host with a user, a path or blanks in it is no host at all.
  if (host === undefined || !/^[a-z0-9.:[\]-]+$/i.test(host)) return undefined;
  const hostname = URL.parse(`http://${host}`)?.hostname;
  if (hostname === undefined) return undefined;
  return isLoopbackHost(hostname) || (takesSubdomains && hostname.endsWith('.localhost'))
    ? hostname
    : undefined;
}
