import { isIP } from 'node:net';
import { classOfAddress, isLoopbackHost, withoutBrackets } from '@qure-dropoff/network-guard/addresses';

export type BaseUrl =
  | { kind: 'ok'; origin: string; pathPrefix: string }
  | { kind: 'invalid'; detail: string };

/**
 * Checks the base URL that Qure issued, with or without a trailing slash and a path of its own. The token travels
 * with every call, so it must be https; plain http is for loopback hosts, and for sources that allow it
 * (`network.allowHttp`). `pathPrefix` has no trailing slash.
 */
export function readBaseUrl(text: string, { allowHttp = false }: { allowHttp?: boolean } = {}): BaseUrl {
  const url = URL.parse(text.trim());
  if (url === null) {
    return invalid('something that is no URL');
  }
  if (url.username !== '' || url.password !== '') {
    return invalid('one with a user name or password in it');
  }
  if (url.search !== '' || url.hash !== '') {
    return invalid('one with a query or fragment');
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopbackHost(url.hostname)) {
    return invalid(
      'plain http, which would send the token unencrypted, to a host that is not loopback, without network.allowHttp',
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return invalid(`the scheme ${url.protocol.slice(0, 20)}`);
  }
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0 && classOfAddress(host) === 'never') {
    return invalid('a link-local, metadata or unusable address');
  }
  return { kind: 'ok', origin: url.origin, pathPrefix: url.pathname.replace(/\/+$/, '') };
}

/** Whether Qure itself is reached over loopback, as the simulator is; then its assets may be too. */
export function isLoopbackBaseUrl(text: string): boolean {
  const url = URL.parse(text.trim());
  return url !== null && isLoopbackHost(url.hostname);
}

function invalid(got: string): BaseUrl {
  return { kind: 'invalid', detail: `expected a base URL such as https://host/path, got ${got}` };
}
