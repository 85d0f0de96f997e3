import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { forward } from './forward.ts';
import { readWireRequest } from './wire-request.ts';

/** Every message that a queue has given to a consumer, seen before the queues. `before` answers the address to use instead. */
export function watchReceives() {
  const received: NonNullable<ReceiveMessageResult['Messages']> = [];
  const servers: { close(): void; closeAllConnections(): void }[] = [];
  return {
    received,
    async before(url: string): Promise<string> {
      const server = createServer(async (incoming, response) => {
        const gone = new AbortController();
        response.once('close', () => gone.abort());
        const request = await readWireRequest('sqs', incoming);
        const answer = await forward(new URL(url), request, gone.signal).catch(() => undefined);
        if (answer === undefined) return response.destroy();
        if (request.operation === 'ReceiveMessage')
          received.push(...((JSON.parse(answer.body.toString()) as ReceiveMessageResult).Messages ?? []));
        return response.writeHead(answer.status, answer.headers).end(answer.body);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
