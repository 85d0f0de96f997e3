import { isIP } from 'node:net';
import { classOfAddress, isLoopbackHost, withoutBrackets } from '@qure-dropoff/network-guard/addresses';
import { type AssetHosts, assetHostsOf } from './asset-hosts.ts';

export type AssetRefusal =
  | 'not_a_url'
  /** Neither https, nor http to a host where that is allowed. */
  | 'not_https'
  /** The URL carries a user name or a password. */
  | 'user_info'
  /** The host is, or resolves to, an address that is neither public nor named for the source. */
  | 'forbidden_address'
  /** A proxy resolves the name, so its address cannot be checked here; only names of `network.assetHosts` go there. */
  | 'unnamed_host'
  | 'too_many_redirects'
  /** The server announced more than the cap. */
  | 'too_large';

/**
 * Which addresses a host may resolve to. `public`: public ones, and those of `assetHosts`. `named`: private ones too, since
 * `assetHosts` has the name. `listed`: only the addresses of `assetHosts`. `loopback`: only this machine.
 */
export type AssetReach = 'public' | 'named' | 'listed' | 'loopback';

export type CheckedAssetUrl =
  /** `reach` is checked again at connect time. */
  { kind: 'ok'; url: URL; reach: AssetReach } | { kind: 'refused'; reason: AssetRefusal };

export interface AssetUrlRules {
  /** Loopback, also by plain http. */
  allowLoopbackHttp: boolean;
  /** Plain http to what `assetHosts` names. @default false */
  allowHttp?: boolean;
  assetHosts?: AssetHosts;
  /** Whether a request for this URL goes to a proxy, which resolves its host. @default never */
  isProxied?(url: URL): boolean;
}

const NO_HOSTS = assetHostsOf();

/**
 * Whether an asset may be asked for at this URL, before any name is resolved. The URLs are Qure's word about a third party, so
 * they could name anything that our network reaches. Any port is allowed: the address is public and speaks TLS, or is named,
 * and object stores outside the large clouds use others than 443.
 *
 * @param base the URL that a redirect's Location is relative to
 */
export function checkAssetUrl(text: string, rules: AssetUrlRules, base?: URL): CheckedAssetUrl {
  const url = URL.parse(text, base?.href);
  if (url === null) {
    return { kind: 'refused', reason: 'not_a_url' };
  }
  if (url.username !== '' || url.password !== '') {
    return { kind: 'refused', reason: 'user_info' };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { kind: 'refused', reason: 'not_https' };
  }
  const reach = reachOf(url, rules);
  return isReach(reach) ? { kind: 'ok', url, reach } : { kind: 'refused', reason: reach };
}

function reachOf(url: URL, rules: AssetUrlRules): AssetReach | AssetRefusal {
  const { allowLoopbackHttp, allowHttp = false, assetHosts = NO_HOSTS } = rules;
  const isPlain = url.protocol === 'http:';
  if (isLoopbackHost(url.hostname)) {
    if (allowLoopbackHttp) return 'loopback';
    return isPlain ? 'not_https' : 'forbidden_address';
  }
  if (isPlain && !allowHttp) return 'not_https';
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0) {
    if (isWithinReach(host, 'listed', assetHosts)) return 'listed';
    if (isPlain) return 'not_https';
    return isWithinReach(host, 'public', assetHosts) ? 'public' : 'forbidden_address';
  }
  if (assetHosts.namesHost(host)) return 'named';
  if (rules.isProxied?.(url)) return 'unnamed_host';
  if (!isPlain) return 'public';
  return assetHosts.hasAddresses ? 'listed' : 'not_https';
}

function isReach(text: AssetReach | AssetRefusal): text is AssetReach {
  return text === 'public' || text === 'named' || text === 'listed' || text === 'loopback';
}

/** Whether a host that is within this reach may be at this address. No reach allows link-local and metadata addresses. */
export function isWithinReach(
  address: string,
  reach: AssetReach,
  assetHosts: AssetHosts = NO_HOSTS,
): boolean {
  const its = classOfAddress(address);
  if (reach === 'loopback') return its === 'loopback';
  if (its !== 'public' && its !== 'private') return false;
  if (reach === 'named') return true;
  return (reach === 'public' && its === 'public') || assetHosts.namesAddress(address);
}
