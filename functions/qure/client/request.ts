import { type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { withoutBrackets } from '@qure-dropoff/network-guard/addresses';
import type { Agents } from './agents.ts';
import { ConnectionEndedError, ProxyRefusedError, TimedOutError } from './network-errors.ts';

export interface RequestOptions {
  agents: Agents;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string | Readable;
  signal: AbortSignal;
  /** From the whole request sent, or the server no longer taking it, to the answer's headers. */
  headersTimeoutMs: number;
  /** Between two pieces of the answer's body. */
  bodyTimeoutMs: number;
  /**
   * Sends a request without a body once more, by another connection, where the server has ended the one that earlier requests had
   * used (RFC 9112, section 9.3.1). @default false
   */
  isRepeatable?: boolean;
}

/**
 * Sends one request. The answer may come before the request's body has been sent; its own body is read by the caller, or destroyed.
 * Redirects are not followed.
 *
 * @throws the system's error, that of the body or the reason of the signal; TimedOutError, ProxyRefusedError, ForbiddenAddressError
 */
export function request(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const { agents, method, body, signal } = options;
  const isTls = url.protocol === 'https:';
  const forwardProxy = isTls ? undefined : agents.forwardProxy;
  const path = `${url.pathname}${url.search}`;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const sent = (isTls ? requestByHttps : requestByHttp)({
      agent: isTls ? agents.https : agents.http,
      hostname: withoutBrackets(url.hostname),
      port: url.port,
      path: forwardProxy === undefined ? path : `${url.origin}${path}`,
      method,
      headers: {
        ...options.headers,
        // On a GET, Node frames no body by itself.
        ...(typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {}),
        ...forwardProxy?.headers,
      },
    });
    let answer: IncomingMessage | undefined;
    const end = (error: Error) => {
      // A request that has no connection yet says nothing of its end.
      reject(error);
      answer?.destroy(error);
      sent.destroy(error);
    };
    let headersTimer: NodeJS.Timeout | undefined;
    const abort = () => end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    sent.once('close', () => {
      signal.removeEventListener('abort', abort);
      clearTimeout(headersTimer);
      // Node says no more than this of an answer that would leave HTTP (101).
      reject(new ConnectionEndedError());
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && answer === undefined && error.code === 'ECONNRESET';
      if (!isStale || options.isRepeatable !== true || signal.aborted) return reject(error);
      return resolve(request(url, { ...options, isRepeatable: false }));
    });
    // Not by the timer of the socket, which each byte of a slow server would start anew.
    sent.once('finish', () => {
      if (answer !== undefined || sent.destroyed) return;
      headersTimer = setTimeout(() => end(new TimedOutError('HEADERS_TIMEOUT')), options.headersTimeoutMs);
    });
    sent.once('socket', (socket) => {
      const onIdle = () => {
        // Waits for the file that is sent, or for the reader of the answer, are not the server's.
        const isItsTurn =
          answer === undefined
            ? sent.writableEnded || sent.writableNeedDrain
            : !answer.complete && answer.readableLength < answer.readableHighWaterMark;
        if (isItsTurn) end(new TimedOutError(answer === undefined ? 'HEADERS_TIMEOUT' : 'BODY_TIMEOUT'));
        else socket.setTimeout(answer === undefined ? options.headersTimeoutMs : options.bodyTimeoutMs);
      };
      socket.setTimeout(options.headersTimeoutMs).on('timeout', onIdle);
      sent.once('close', () => socket.off('timeout', onIdle));
    });
    sent.once('response', (response) => {
      answer = response;
      clearTimeout(headersTimer);
      // The reader of the answer gets its errors. Without a listener, one after that would end the process.
      response.on('error', () => {});
      // After an answer that came early nothing more is sent.
      response.once('end', () => sent.writableEnded || sent.destroy());
      response.socket.setTimeout(options.bodyTimeoutMs);
      if (forwardProxy !== undefined && response.statusCode === 407) end(new ProxyRefusedError(407));
      else resolve(response);
    });
    if (typeof body !== 'object') return sent.end(body);
    return pipeline(body, sent, (error) => error && reject(error));
  });
}
