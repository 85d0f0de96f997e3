import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GuardRules } from '@qure-dropoff/network-guard';
import {
  type GuardedHandler,
  guardHandler,
  type HttpProblem,
  PROBLEM_TYPE,
  problemBody,
} from '@qure-dropoff/network-guard';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { CONFIG_PATH } from '../../functions/api/console-route.ts';
import { DROP_PATH, NO_SUCH_PATH, pathRefusalOf, RECONCILE_PATH } from './allowed-paths.ts';
import { apiEventOf } from './api-event.ts';
import { type HostFacts, withHostFacts } from './host-facts.ts';

export interface ConsoleOptions extends HostFacts {
  /** 0 is any free port. */
  port: number;
  /** Runs the API function of the pipeline. */
  invokeApi(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  /** Runs the reconciliation of the pipeline; in the cloud its function is invoked instead. @default no such path */
  reconcile?(request: unknown): Promise<unknown>;
  /** Where a program on this machine drops scans. @default no such path */
  drop?: DropAddress;
}

export interface DropAddress {
  s3Endpoint: string;
  region: string;
  bucket: string;
  sources: readonly { name: string; prefix: string }[];
}

export interface ConsoleServer {
  port: number;
  /** Ends with `/`. */
  url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Long enough for a slow client on one machine, short enough to disconnect a client that hangs. */
const REQUEST_TIMEOUT_MS = 30_000;

const GUARD: GuardRules = {
  maxBodyBytes: 1024 * 1024,
  body: 'whole',
  servesPage: true,
  // In every answer. Results are patient data: neither a browser's cache nor another site may have them.
  headers: {
    'cache-control': 'no-store',
    // The policy for JSON in a browser: nothing is allowed. The page comes with its own policy.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  },
};

/**
 * Serves what the API function answers on 127.0.0.1: the console at `/`, the HTTP API at `/v1/` and `/openapi.json`. Rejects with the system's
 * error (`code`: EADDRINUSE, EACCES) if the port is not available.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, guardHandler(GUARD, answer));

  async function answer(...[request, response, body]: Parameters<GuardedHandler>): Promise<void> {
    const { method = '', url = '' } = request;
    const refusal = pathRefusalOf(method, url);
    if (refusal !== undefined) return sendProblem(response, method, refusal);
    if (url === RECONCILE_PATH) return answerReconcile(response, body);
    if (url === DROP_PATH) {
      if (options.drop === undefined) return sendProblem(response, method, NO_SUCH_PATH);
      const content = Buffer.from(JSON.stringify(options.drop));
      return send(response, method, 200, { 'content-type': 'application/json' }, content);
    }
    const sourceIp = request.socket.remoteAddress ?? HOST;
    const event = apiEventOf({ method, url, headers: request.headers, body, sourceIp, now: new Date() });
    let result: APIGatewayProxyStructuredResultV2;
    try {
      result = await options.invokeApi(event);
      if (event.rawPath === CONFIG_PATH) result = withHostFacts(result, options);
    } catch {
      const detail =
        'expected an answer of the API function, got a failure: see the log of the host, then try again';
      return sendProblem(response, method, { status: 502, title: 'Bad Gateway', detail });
    }
    const content = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
    send(response, method, result.statusCode ?? 200, answerHeaders(result), content);
  }

  async function answerReconcile(response: ServerResponse, body: Buffer): Promise<void> {
    if (options.reconcile === undefined) return sendProblem(response, 'POST', NO_SUCH_PATH);
    try {
      const asked: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
      const content = Buffer.from(JSON.stringify(await options.reconcile(asked)));
      send(response, 'POST', 200, { 'content-type': 'application/json' }, content);
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'see the log of the function, then try again';
      sendProblem(response, 'POST', { status: 502, title: 'Bad Gateway', detail });
    }
  }

  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${HOST}:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** Headers of a single connection are set by Node (RFC 9110 section 7.6.1). */
const CONNECTION_HEADERS = ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'];

function answerHeaders(result: APIGatewayProxyStructuredResultV2): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(result.headers ?? {})) {
    if (!CONNECTION_HEADERS.includes(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
  }
  headers['content-type'] ??= 'application/json';
  return headers;
}

function sendProblem(response: ServerResponse, method: string, problem: HttpProblem): void {
  const headers = { ...problem.headers, 'content-type': PROBLEM_TYPE };
  send(response, method, problem.status, headers, Buffer.from(problemBody(problem)));
}

function send(
  response: ServerResponse,
  method: string,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.end(method === 'HEAD' ? undefined : body);
}
