import { isIP } from 'node:net';
import { isLoopbackHost, isPublicAddress, withoutBrackets } from '@qure-dropoff/network-guard/addresses';

export type AssetRefusal =
  | 'not_a_url'
  /** Neither https, nor http to a loopback host where that is allowed. */
  | 'not_https'
  /** The URL carries a user name or a password. */
  | 'user_info'
  /** The host is, or resolves to, an address that is not public. */
  | 'forbidden_address'
  | 'too_many_redirects'
  /** The server announced more than the cap. */
  | 'too_large';

export type CheckedAssetUrl =
  /** `reach` says which addresses the host may resolve to; it is checked again at connect time. */
  { kind: 'ok'; url: URL; reach: 'public' | 'loopback' } | { kind: 'refused'; reason: AssetRefusal };

/**
 * Whether an asset may be asked for at this URL, before any name is resolved. The URLs are Qure's word about a third party, so
 * they could name anything that our network reaches. Any port is allowed: the address is public and speaks TLS,
 * and object stores outside the large clouds use others than 443.
 *
 * @param base the URL that a redirect's Location is relative to
 */
export function checkAssetUrl(
  text: string,
  { allowLoopbackHttp }: { allowLoopbackHttp: boolean },
  base?: URL,
): CheckedAssetUrl {
  const url = URL.parse(text, base?.href);
  if (url === null) {
    return { kind: 'refused', reason: 'not_a_url' };
  }
  if (url.username !== '' || url.password !== '') {
    return { kind: 'refused', reason: 'user_info' };
  }
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback && allowLoopbackHttp)) {
    return { kind: 'refused', reason: 'not_https' };
  }
  if (isLoopback) {
    return allowLoopbackHttp
      ? { kind: 'ok', url, reach: 'loopback' }
      : { kind: 'refused', reason: 'forbidden_address' };
  }
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0 && !isPublicAddress(host)) {
    return { kind: 'refused', reason: 'forbidden_address' };
  }
  return { kind: 'ok', url, reach: 'public' };
}
