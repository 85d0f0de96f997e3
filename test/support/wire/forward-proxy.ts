import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { ServerCertificate } from './certificates.ts';

export interface ForwardProxy {
  url: string;
  /** What clients asked for, in turn: `CONNECT host:port`, or `GET http://host:port/` without path. */
  asked: string[];
  close(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** Names that only the proxy knows, and their addresses. Addresses are reached as they are. */
  hosts: Readonly<Record<string, string>>;
  /** `user:password`; others get 407. */
  login?: string;
  /** Answers every request with this status. */
  refusal?: number;
  /** Speaks TLS itself. */
  certificate?: ServerCertificate;
}

/** A forward proxy on 127.0.0.1, as hospitals have between their network and others: CONNECT, and absolute URLs for plain http. */
export async function startForwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const { hosts, login, certificate } = options;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const addressOf = (host: string) => hosts[host] ?? host;
  const refusalOf = ({ headers }: IncomingMessage): number | undefined => {
    const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    return headers['proxy-authorization'] === expected ? options.refusal : 407;
  };

  const server: Server =
    certificate === undefined ? createServer() : (createTlsServer(certificate) as unknown as Server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  server.on('connect', (message: IncomingMessage, client: Socket, head: Buffer) => {
    asked.push(`CONNECT ${message.url}`);
    client.on('error', () => {});
    const refusal = refusalOf(message);
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${message.url}`);
    const upstream = connect(Number(port || 80), addressOf(hostname));
    sockets.add(upstream);
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    upstream.once('close', () => client.destroy());
    return client.once('close', () => upstream.destroy());
  });
  server.on('request', (message, response) => {
    const url = new URL(message.url ?? '');
    asked.push(`${message.method} ${url.origin}/`);
    const refusal = refusalOf(message);
    if (refusal !== undefined) return response.writeHead(refusal).end('<html>the proxy</html>');
    const { hostname, port, pathname, search } = url;
    const { 'proxy-authorization': _login, ...headers } = message.headers;
    const upstream = request(
      {
        host: addressOf(hostname),
        port: port || 80,
        method: message.method,
        path: pathname + search,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.destroy());
    return message.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
