import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { apiEventOf } from './api-event.ts';
import { buildConsolePage, type PageFacts } from './console-page.ts';
import { NO_SUCH_PATH, RECONCILE_PATH, refusalOf } from './guards.ts';
import { type HttpProblem, PROBLEM_TYPE, problemBody } from './http-problem.ts';
import { MAX_BODY_BYTES, readBody } from './request-body.ts';

export interface ConsoleOptions extends PageFacts {
  /** 0 is any free port. */
  port: number;
  /** Runs the pipeline's own API function. */
  invokeApi(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  /** Runs the pipeline's own reconciliation; in the cloud its function is invoked instead. @default no such path */
  reconcile?(request: unknown): Promise<unknown>;
}

export interface ConsoleServer {
  port: number;
  /** Ends with `/`. */
  url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Long enough for a slow client on one machine, short enough that a hanging one goes away. */
const REQUEST_TIMEOUT_MS = 30_000;

/** With every answer. Results are patient data: neither a browser's cache nor another site may have them. */
const COMMON_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What JSON needs when a browser opens it: nothing. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Serves the console at `/` and the HTTP API at `/v1/` and `/openapi.json` on 127.0.0.1. Rejects with the system's
 * error (`code`: EADDRINUSE, EACCES) when the port cannot be had.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const page = buildConsolePage(options);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(request, response).catch(() => {
      // The client has gone, or the answer cannot be sent: there is nobody to tell.
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = request.url ?? '';
    const refusal = refusalOf(method, url, request.headers);
    if (refusal !== undefined) return sendProblem(request, response, refusal);
    if (url.split('?', 1)[0] === '/') {
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': page.contentSecurityPolicy,
      };
      return send(response, method, 200, headers, Buffer.from(page.html));
    }
    const body = await readBody(request);
    if (body === undefined) {
      const detail = `expected a body of at most ${MAX_BODY_BYTES} bytes, got more`;
      return sendProblem(request, response, { status: 413, title: 'Content Too Large', detail });
    }
    if (url === RECONCILE_PATH) return answerReconcile(request, response, body);
    const sourceIp = request.socket.remoteAddress ?? HOST;
    const event = apiEventOf({ method, url, headers: request.headers, body, sourceIp, now: new Date() });
    let result: APIGatewayProxyStructuredResultV2;
    try {
      result = await options.invokeApi(event);
    } catch {
      const detail =
        'expected an answer of the API function, got a failure: see the log of the host, then try again';
      return sendProblem(request, response, { status: 502, title: 'Bad Gateway', detail });
    }
    const content = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
    send(response, method, result.statusCode ?? 200, answerHeaders(result), content);
  }

  async function answerReconcile(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    if (options.reconcile === undefined) return sendProblem(request, response, NO_SUCH_PATH);
    try {
      const asked: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
      const content = Buffer.from(JSON.stringify(await options.reconcile(asked)));
      const headers = { 'content-type': 'application/json', 'content-security-policy': DATA_POLICY };
      send(response, 'POST', 200, headers, content);
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'see the log of the function, then try again';
      sendProblem(request, response, { status: 502, title: 'Bad Gateway', detail });
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

/** Those that belong to one connection are node's own to set (RFC 9110 section 7.6.1). */
const CONNECTION_HEADERS = ['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'];

function answerHeaders(result: APIGatewayProxyStructuredResultV2): Record<string, string> {
  const headers: Record<string, string> = { 'content-security-policy': DATA_POLICY };
  for (const [name, value] of Object.entries(result.headers ?? {})) {
    if (!CONNECTION_HEADERS.includes(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
  }
  headers['content-type'] ??= 'application/json';
  return headers;
}

function sendProblem(request: IncomingMessage, response: ServerResponse, problem: HttpProblem): void {
  const headers = {
    ...problem.headers,
    'content-type': PROBLEM_TYPE,
    'content-security-policy': DATA_POLICY,
    // What is left of a refused body is not read.
    ...(request.complete ? {} : { connection: 'close' }),
  };
  send(response, request.method ?? '', problem.status, headers, Buffer.from(problemBody(problem)));
}

function send(
  response: ServerResponse,
  method: string,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  response.writeHead(status, { ...COMMON_HEADERS, ...headers, 'content-length': String(body.length) });
  response.end(method === 'HEAD' ? undefined : body);
}
