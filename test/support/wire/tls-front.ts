import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerCertificate } from './certificates.ts';

export interface TlsFront {
  port: number;
  /** The host that each request was for, in turn. */
  hosts: string[];
  close(): Promise<void>;
}

/** A reverse proxy that ends TLS, in front of a server that has none: how an appliance is put into a hospital's network. */
export async function startTlsFront(
  certificate: ServerCertificate,
  address: string,
  upstreamOrigin: () => string,
): Promise<TlsFront> {
  const hosts: string[] = [];
  const server = createServer(certificate, (incoming, response) => {
    hosts.push(incoming.headers.host ?? '');
    const { hostname, port, host } = new URL(upstreamOrigin());
    const upstream = request(
      {
        host: hostname,
        port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.destroy());
    incoming.pipe(upstream);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hosts,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
