import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

export interface RawServer {
  port: number;
  /** The request lines that came, in turn. */
  requests: string[];
  /** What is done with each request; may be set anew. */
  respond: (socket: Socket, requestLine: string) => void;
  close(): Promise<void>;
}

/** A server on loopback that answers every request by whatever bytes it is told to. */
export async function startRawServer(): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const raw: Omit<RawServer, 'port' | 'close'> = { requests: [], respond: (socket) => socket.destroy() };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.on('data', (bytes) => {
      const [line = ''] = bytes.toString('latin1').split('\r\n');
      raw.requests.push(line);
      raw.respond(socket, line);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(raw, {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
