import type { SecureContext } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';
import { defined } from '../../shared/defined.ts';
import type { ResolveHost } from './guarded-lookup.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { Agent, type Dispatcher, Pool, ProxyAgent } from './undici.ts';

export interface AgentOptions {
  connectTimeoutMs: number;
  /** @default the system's resolver */
  resolveHost?: ResolveHost;
}

/** What connections are made by. Equal settings share their connections. */
export interface AgentSettings {
  /** Names, with `addresses`, which addresses `isAllowed` allows: equal for equal rules. */
  reach: string;
  addresses?: readonly string[];
  /** Where there is no proxy: whether the host may be at this address. */
  isAllowed(address: string): boolean;
  proxyUrl?: string;
  /** Whether a proxy may be at this address. */
  isProxyAllowed(address: string): boolean;
  caPem?: string;
}

/** Settings of more sources than a deployment has at once; those that were used longest ago end. */
const MOST_AGENTS = 64;
/** A proxy may wait itself until the host is connected. */
const CONNECT_ANSWER_TIMEOUT_MS = 60_000;

/** The connections of a client, by their settings. HTTP/1.1 alone: what is known of early answers and bodies on GET is known of it. */
export class AgentPool {
  readonly #options: AgentOptions;
  readonly #agents = new Map<string, Dispatcher>();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** To be asked anew for every request: an agent that is not used for long is closed when its requests have ended. */
  agentFor(settings: AgentSettings): Dispatcher {
    const { reach, addresses = [], proxyUrl, caPem } = settings;
    const key = JSON.stringify([reach, addresses, proxyUrl, caPem]);
    const agent = this.#agents.get(key) ?? this.#create(settings);
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    const [oldest] = this.#agents;
    if (this.#agents.size > MOST_AGENTS && oldest !== undefined) {
      this.#agents.delete(oldest[0]);
      oldest[1].close().catch(() => {});
    }
    return agent;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #create({ isAllowed, proxyUrl, isProxyAllowed, caPem }: AgentSettings): Dispatcher {
    const { connectTimeoutMs, resolveHost } = this.#options;
    const tls = {
      allowH2: false,
      timeout: connectTimeoutMs,
      ...(caPem === undefined ? {} : { secureContext: trusting(caPem) }),
    };
    if (proxyUrl === undefined) {
      return new Agent({
        allowH2: false,
        connect: { ...tls, lookup: guardedLookup(isAllowed, resolveHost) },
      });
    }
    const { uri, token } = withoutPassword(proxyUrl);
    return new ProxyAgent({
      uri,
      ...defined({ token }),
      allowH2: false,
      proxyTls: { ...tls, lookup: guardedLookup(isProxyAllowed, resolveHost) },
      requestTls: tls,
      clientFactory: (origin, options) =>
        new Pool(origin, { ...options, headersTimeout: CONNECT_ANSWER_TIMEOUT_MS }),
    });
  }
}

/** The user and the password go in a header, so that no error can name the URL with them. */
function withoutPassword(proxyUrl: string): { uri: string; token?: string } {
  const url = new URL(proxyUrl);
  if (url.username === '' && url.password === '') return { uri: url.href };
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { uri: url.origin, token: `Basic ${Buffer.from(login).toString('base64')}` };
}

/** Made once for an agent: reading all certificates takes some milliseconds. */
function trusting(caPem: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), caPem] });
}
