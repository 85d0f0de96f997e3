import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GuardRules } from '@qure-dropoff/network-guard';
import { guardHandler } from '@qure-dropoff/network-guard';
import { type FunctionError, reportedError } from './function-error.ts';

export interface Invocation {
  requestId: string;
  /** JSON text. */
  payload: string;
  /** Milliseconds since 1970 when the process will be killed. */
  deadlineMs: number;
  functionArn: string;
}

export interface RuntimeListener {
  /** The process requests its next event. */
  onNext(): void;
  onResponse(requestId: string, payload: string): void;
  onError(requestId: string, error: FunctionError): void;
  onInitError(error: FunctionError): void;
}

/** AWS Lambda quotas: an answer is 6 MB at most. Escapes and the text of an error may be added to it. */
const GUARD: GuardRules = { maxBodyBytes: 7 * 1024 * 1024, body: 'whole' };

/**
 * The Lambda Runtime API for one function process, on 127.0.0.1. A request for the next event removes it, so all paths
 * begin with a secret that only this process has. Source: AWS Lambda Developer Guide, "Using the Lambda runtime API".
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  readonly #secretPath: string;
  #parked: ServerResponse | undefined;

  /** @param secret empty for a client that accepts no path in AWS_LAMBDA_RUNTIME_API. @default a random one */
  constructor(listener: RuntimeListener, secret = randomBytes(16).toString('hex')) {
    this.#listener = listener;
    this.#secretPath = secret === '' ? '' : `/${secret}`;
    this.#server = createServer(
      guardHandler(GUARD, (request, response, body) =>
        this.#answer(request, response, body.toString('utf8')),
      ),
    );
    // An idle function may wait for its next event without limit, on the same connection.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.timeout = 0;
  }

  /** @returns `host:port/secret`, the value of AWS_LAMBDA_RUNTIME_API. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#secretPath}`;
  }

  /** Answers the request that `onNext` has announced. */
  deliver(invocation: Invocation): void {
    const response = this.#parked;
    this.#parked = undefined;
    response?.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(invocation.payload),
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
    });
    response?.end(invocation.payload);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const prefix = `${this.#secretPath}/2018-06-01/runtime/`;
    const path = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : '';
    const [, requestId = '', kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (request.method === 'GET' && path === 'invocation/next') {
      this.#parked = response;
      this.#listener.onNext();
      return;
    }
    // Answered first, because the listener may end the process.
    const isKnown = request.method === 'POST' && (kind !== undefined || path === 'init/error');
    response.writeHead(isKnown ? 202 : 404, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (!isKnown) return;
    if (kind === 'response') this.#listener.onResponse(requestId, body);
    else if (kind === 'error') this.#listener.onError(requestId, reportedError('handler', body));
    else this.#listener.onInitError(reportedError('init', body));
  }
}
