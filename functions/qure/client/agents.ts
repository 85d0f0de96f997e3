import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions as HttpsArgs } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { defined } from '../../shared/defined.ts';
import { ForwardProxy } from './forward-proxy.ts';
import type { ResolveHost } from './guarded-lookup.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { connectedWithin } from './network-errors.ts';

export interface AgentOptions {
  connectTimeoutMs: number;
  /** @default the system's resolver */
  resolveHost?: ResolveHost;
  now(): Date;
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

/** By the scheme of a URL. HTTP/1.1 alone: what is known of early answers and bodies on GET is known of it. */
export interface Agents {
  http: HttpAgent;
  https: HttpsAgent;
  /** Takes plain http with the whole URL, and these headers. */
  forwardProxy?: Pick<ForwardProxy, 'headers' | 'close'>;
}

/** Settings of more sources than a deployment has at once; those that were used longest ago end. */
const MOST_AGENTS = 64;

/** For a connection that no request uses: below the time after which servers usually end it, which is 5 s at least. */
const UNUSED_MS = 4000;
const KEPT = { keepAlive: true, timeout: UNUSED_MS };
const HTTP_1 = { ALPNProtocols: ['http/1.1'] };

/** The connections of a client, by their settings. */
export class AgentPool {
  readonly #options: AgentOptions;
  readonly #agents = new Map<string, { agents: Agents; usedAtMs: number }>();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** To be asked anew for every request: of agents that are not used for long, the connections end with their requests. */
  agentsFor(settings: AgentSettings): Agents {
    const { reach, addresses = [], proxyUrl, caPem } = settings;
    const key = JSON.stringify([reach, addresses, proxyUrl, caPem]);
    const nowMs = this.#options.now().getTime();
    const earlier = this.#agents.get(key);
    const agents = earlier?.agents ?? this.#create(settings);
    // A function that was frozen meanwhile knows of no end of a connection: its timers stood still.
    if (earlier !== undefined && nowMs - earlier.usedAtMs > UNUSED_MS) endUnused(agents);
    this.#agents.delete(key);
    this.#agents.set(key, { agents, usedAtMs: nowMs });
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > MOST_AGENTS && oldest !== undefined) this.#agents.delete(oldest);
    return agents;
  }

  /** Ends the requests that are under way as well. */
  close(): void {
    for (const { agents } of this.#agents.values()) {
      agents.http.destroy();
      agents.https.destroy();
      agents.forwardProxy?.close();
    }
  }

  #create({ isAllowed, proxyUrl, isProxyAllowed, caPem }: AgentSettings): Agents {
    const { connectTimeoutMs, resolveHost } = this.#options;
    const lookup = guardedLookup(proxyUrl === undefined ? isAllowed : isProxyAllowed, resolveHost);
    const tls = defined({ secureContext: caPem === undefined ? undefined : trusting(caPem) });
    const forwardProxy =
      proxyUrl === undefined ? undefined : new ForwardProxy(proxyUrl, { lookup, connectTimeoutMs, ...tls });
    return {
      http: new PlainAgent({ ...KEPT, lookup }, connectTimeoutMs, forwardProxy),
      https: new TlsAgent({ ...KEPT, ...HTTP_1, lookup, ...tls }, connectTimeoutMs, forwardProxy),
      ...defined({ forwardProxy }),
    };
  }
}

function endUnused({ http, https }: Agents): void {
  for (const sockets of [http, https].flatMap((agent) => Object.values(agent.freeSockets)))
    for (const socket of sockets ?? []) socket.destroy();
}

class PlainAgent extends HttpAgent {
  readonly #connectTimeoutMs: number;
  readonly #proxy: ForwardProxy | undefined;

  constructor(
    options: ConstructorParameters<typeof HttpAgent>[0] & { lookup: ReturnType<typeof guardedLookup> },
    connectTimeoutMs: number,
    proxy: ForwardProxy | undefined,
  ) {
    super(options);
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs): Duplex | null | undefined {
    if (this.#proxy !== undefined) return this.#proxy.connect();
    return connectedWithin(this.#connectTimeoutMs, 'connect', super.createConnection(options));
  }
}

class TlsAgent extends HttpsAgent {
  readonly #connectTimeoutMs: number;
  readonly #proxy: ForwardProxy | undefined;

  constructor(
    options: ConstructorParameters<typeof HttpsAgent>[0],
    connectTimeoutMs: number,
    proxy: ForwardProxy | undefined,
  ) {
    super(options);
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#proxy = proxy;
  }

  override createConnection(
    options: HttpsArgs,
    callback: (error: Error | null, stream: Duplex) => void = () => {},
  ): Duplex | null | undefined {
    const connect = (through: { socket?: Duplex }) => {
      const connection = super.createConnection({ ...options, ...through });
      return connectedWithin(this.#connectTimeoutMs, 'secureConnect', connection);
    };
    if (this.#proxy === undefined) return connect({});
    this.#proxy
      .tunnelTo(`${options.host}`, `${options.port}`)
      .then((socket) => callback(null, connect({ socket }) as Duplex))
      .catch((error) => callback(error, undefined as never));
    return undefined;
  }
}

/** Made once for its agents: reading all certificates takes some milliseconds. */
function trusting(caPem: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), caPem] });
}
