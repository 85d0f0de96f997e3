import { classOfAddress } from '@qure-dropoff/network-guard/addresses';
import { defined } from '../../shared/defined.ts';
import { assetHostsOf } from '../asset-hosts.ts';
import type { AssetReach } from '../asset-url.ts';
import { isWithinReach } from '../asset-url.ts';
import type { ProxyEnvironment, QureNetwork } from '../network.ts';
import { proxyFor } from '../network.ts';
import { type AgentOptions, AgentPool, type Agents } from './agents.ts';

export interface ConnectionOptions extends AgentOptions {
  /** Whether this is a function in the cloud, where no Qure and no proxy is on loopback. @default false */
  isInCloud?: boolean;
  /** For sources without a proxy of their own. @default none */
  proxyEnvironment?: ProxyEnvironment;
}

/** The connections of a client: through which proxy, with which certificates, and to which addresses. */
export interface Connections {
  allowsLoopback: boolean;
  /** Whether a proxy resolves the host, so that its addresses are not checked here. */
  isProxied(url: URL, network: QureNetwork): boolean;
  toQure(url: URL, network: QureNetwork): Agents;
  /** `reach`: of the URL, by `checkAssetUrl`. */
  toAsset(url: URL, reach: AssetReach, network: QureNetwork): Agents;
  close(): void;
}

export function createConnections(options: ConnectionOptions): Connections {
  const { isInCloud = false, proxyEnvironment = {} } = options;
  const agents = new AgentPool(options);
  const ways = (url: URL, network: QureNetwork) => ({
    isProxyAllowed: isNamedAllowed,
    ...defined({ proxyUrl: proxyFor(url, network, proxyEnvironment), caPem: network.caPem }),
  });

  /** The base URL and the proxy are the operator's word: they may be private. */
  function isNamedAllowed(address: string): boolean {
    const its = classOfAddress(address);
    return its !== 'never' && (its !== 'loopback' || !isInCloud);
  }

  return {
    allowsLoopback: !isInCloud,
    isProxied: (url, network) => proxyFor(url, network, proxyEnvironment) !== undefined,
    toQure: (url, network) =>
      agents.agentsFor({ ...ways(url, network), reach: 'qure', isAllowed: isNamedAllowed }),
    toAsset(url, reach, network) {
      const assetHosts = assetHostsOf(network.assetHosts);
      return agents.agentsFor({
        ...ways(url, network),
        reach,
        isAllowed: (address) => isWithinReach(address, reach, assetHosts),
        ...defined({ addresses: network.assetHosts }),
      });
    },
    close: () => agents.close(),
  };
}
