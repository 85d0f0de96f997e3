import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { QureClientOptions } from '../../../functions/qure/client/client.ts';
import { createQureClient } from '../../../functions/qure/client/client.ts';
import type { QureCredentials } from '../../../functions/qure/credentials.ts';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** Names and values as they came, in turn. */
  rawHeaders: string[];
  body: Buffer;
  /** Whether the body came to its end. */
  isWhole: boolean;
}

const cleanups: (() => Promise<unknown>)[] = [];

/** For `afterEach`: ends everything that was started since the last time. */
export async function stopAll(): Promise<void> {
  await Promise.all(cleanups.splice(0).map((stop) => stop()));
}

export function startClient(options: Partial<QureClientOptions> = {}) {
  const client = createQureClient({ userAgent: 'qure-dropoff/0.0.0-test', ...options });
  cleanups.push(async () => client.close());
  return client;
}

export function credentialsFor(port: number, path = ''): QureCredentials {
  return { baseUrl: `http://127.0.0.1:${port}${path}`, token: 'token-of-the-tests', source: 'workspace-1' };
}

/** A server that reads every request and answers by `respond`; what it saw is in `seen`. */
export async function startServer(
  respond: (request: SeenRequest, response: ServerResponse) => void,
  address = '127.0.0.1',
) {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const entry = { ...describe(request), body: Buffer.alloc(0), isWhole: false };
    seen.push(entry);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      entry.body = Buffer.concat(chunks);
      entry.isWhole = true;
      respond(entry, response);
    } catch {
      // The client went away in the middle of its body, as some of the tests want it to.
    }
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  return { port: await listen(server, address), seen, connections: () => connections };
}

/** A server that gets the request's headers alone and may answer before, or while, the body comes. */
export async function startRawServer(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  return { port: await listen(createServer(handle)) };
}

/** A TCP server below HTTP. */
export async function startTcpServer(handle: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return { port: (server.address() as AddressInfo).port };
}

function describe({ method = '', url = '', headers, rawHeaders }: IncomingMessage) {
  return { method, url, headers, rawHeaders };
}

async function listen(server: Server, address = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
