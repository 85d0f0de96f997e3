import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GuardRules } from '@qure-dropoff/network-guard';
import { guardHandler } from '@qure-dropoff/network-guard';
import type { JsonObject } from './intrinsics.ts';
import { ServiceError } from './service-error.ts';

export interface JsonServerOptions {
  guard: GuardRules & { body: 'whole'; jsonType: string };
  /**
   * `target` is the service and the operation, for example `AmazonSSM.GetParameter`. A ServiceError is sent as such,
   * any other failure as a 500: the caller may retry.
   */
  answer(target: string, input: JsonObject, response: ServerResponse): object | Promise<object>;
  /** @default none */
  errorHeaders?(error: ServiceError): Readonly<Record<string, string>>;
}

export interface JsonServer {
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  close(): Promise<void>;
}

/**
 * A service of AWS on 127.0.0.1, on a free port. Source: Smithy, "AWS JSON 1.0 protocol": the operation is in the header
 * X-Amz-Target.
 */
export async function startJsonServer({
  guard,
  answer,
  errorHeaders,
}: JsonServerOptions): Promise<JsonServer> {
  const server = createServer(
    guardHandler(guard, async (request, response, text) => {
      const send = (status: number, body: object, headers = {}) =>
        response.writeHead(status, { 'content-type': guard.jsonType, ...headers }).end(JSON.stringify(body));
      try {
        const input = JSON.parse(text.toString('utf8')) as JsonObject;
        send(200, await answer(String(request.headers['x-amz-target'] ?? ''), input, response));
      } catch (error) {
        const known =
          error instanceof ServiceError
            ? error
            : new ServiceError('InternalServerError', 'The local service failed', 500);
        const body = { __type: known.name, message: known.message, Message: known.message };
        send(known.status, body, { 'x-amzn-errortype': known.name, ...errorHeaders?.(known) });
      }
    }),
  );
  // Longer than SDK clients pause between two requests of one connection.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
