import { type ClientRequest, request as requestByHttp } from 'node:http';
import { isIP, type LookupFunction, connect as openPlain, type Socket } from 'node:net';
import { connect as openTls, type SecureContext } from 'node:tls';
import { withoutBrackets } from '@qure-dropoff/network-guard/addresses';
import { ConnectionEndedError, connectedWithin, ProxyRefusedError, TimedOutError } from './network-errors.ts';

export interface ForwardProxyOptions {
  lookup: LookupFunction;
  connectTimeoutMs: number;
  /** Of a proxy that speaks TLS itself. */
  secureContext?: SecureContext;
}

/** A proxy may wait itself until the host is connected. */
const CONNECT_ANSWER_TIMEOUT_MS = 60_000;

/** A forward proxy (RFC 9110, section 3.7): plain http goes to it with the whole URL, all else through a tunnel. */
export class ForwardProxy {
  readonly #url: URL;
  readonly #options: ForwardProxyOptions;
  /** The user and the password, which no error can name then. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #asking = new Set<ClientRequest>();

  constructor(url: string, options: ForwardProxyOptions) {
    this.#url = new URL(url);
    this.#options = options;
    const { username, password } = this.#url;
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const basic = `Basic ${Buffer.from(login).toString('base64')}`;
    this.headers = username === '' && password === '' ? {} : { 'Proxy-Authorization': basic };
  }

  /** A new connection to the proxy itself. */
  connect(): Socket {
    const { connectTimeoutMs, ...options } = this.#options;
    const isTls = this.#url.protocol === 'https:';
    const host = withoutBrackets(this.#url.hostname);
    const port = Number(this.#url.port || (isTls ? 443 : 80));
    const to = { ...options, host, port, keepAlive: true };
    return isTls
      ? connectedWithin(
          connectTimeoutMs,
          'secureConnect',
          openTls({ ...to, servername: isIP(host) === 0 ? host : '' }),
        )
      : connectedWithin(connectTimeoutMs, 'connect', openPlain(to));
  }

  /**
   * A connection to a host, for TLS (CONNECT: RFC 9110, section 9.3.6).
   *
   * @throws ProxyRefusedError, TimedOutError or the system's error
   */
  tunnelTo(host: string, port: string): Promise<Socket> {
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      const sent = requestByHttp({
        createConnection: () => this.connect(),
        method: 'CONNECT',
        path: authority,
        headers: { Host: authority, Connection: 'keep-alive', ...this.headers },
      });
      this.#asking.add(sent);
      const timer = setTimeout(
        () => sent.destroy(new TimedOutError('CONNECT_TIMEOUT')),
        CONNECT_ANSWER_TIMEOUT_MS,
      );
      sent.once('close', () => {
        clearTimeout(timer);
        this.#asking.delete(sent);
        reject(new ConnectionEndedError());
      });
      sent.on('error', reject);
      sent.once('connect', ({ statusCode = 0 }, socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket);
        socket.destroy();
        return reject(new ProxyRefusedError(statusCode));
      });
      sent.end();
    });
  }

  /** Ends the tunnels that are being asked for. */
  close(): void {
    for (const sent of this.#asking) sent.destroy(new ConnectionEndedError());
  }
}
