import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { defined } from '../../shared/defined.ts';
import type { QureAnswer, Transient } from '../answer.ts';
import { isLoopbackBaseUrl, readBaseUrl } from '../base-url.ts';
import type { QureCredentials } from '../credentials.ts';
import type { QureNetwork } from '../network.ts';
import type { Agents } from './agents.ts';
import type { CallLimits } from './call-limits.ts';
import { holdLimits } from './call-limits.ts';
import { failureCauseOf } from './failure-cause.ts';
import { request } from './request.ts';
import { createSecretFilter, type SecretFilter } from './secret-filter.ts';

/** The source's secret cannot be used as it is: an unfit base URL, or a token or Source that no header can carry. */
export interface Misconfigured {
  kind: 'misconfigured';
  detail: string;
}

export interface QureTransport {
  /** Asked anew for every call. */
  toQure(url: URL, network: QureNetwork): Agents;
  /** Whether a base URL may be on loopback: on one machine alone. */
  allowsLoopback: boolean;
  /** `qure-dropoff/<version>`. Qure: leaving it out "can cause errors". */
  userAgent: string;
  /** From the whole request sent, or the server no longer taking it, to the answer's headers. */
  headersTimeoutMs: number;
  /** Between two pieces of an answer's body. */
  bodyTimeoutMs: number;
  now(): Date;
}

export interface QureCall extends CallLimits {
  method: 'GET' | 'POST';
  /** Below the base URL, beginning with `/`, encoded. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Readable;
  maxAnswerBytes: number;
  /** The transport's, unless this call needs its own. */
  headersTimeoutMs?: number;
  /** Of a call without a body that changes nothing at Qure. @default false */
  isRepeatable?: boolean;
}

export interface Exchanged {
  kind: 'answer';
  answer: QureAnswer;
  /** The answer's body as it came; where it repeats the token, without that. */
  rawBody: Uint8Array;
}

/**
 * One call with the credentials on it. Redirects are not followed. What fails on the way is `transient` with a code; no
 * token, URL or address is in it. Errors without a code are bugs and are thrown.
 */
export async function exchange(
  transport: QureTransport,
  credentials: QureCredentials,
  call: QureCall,
): Promise<Exchanged | Transient | Misconfigured> {
  const access = readAccess(credentials, transport.allowsLoopback);
  if (access.kind === 'misconfigured') {
    return access;
  }
  const limits = holdLimits(call, transport.now());
  const fired = limits.firedCause();
  try {
    if (fired !== undefined) {
      return { kind: 'transient', cause: fired };
    }
    const url = new URL(`${access.baseUrl}${call.path}`);
    const response = await request(url, {
      agents: transport.toQure(url, credentials.network ?? {}),
      method: call.method,
      headers: {
        ...access.headers,
        'User-Agent': transport.userAgent,
        Accept: 'application/json',
        ...call.headers,
      },
      ...defined({ body: call.body, isRepeatable: call.isRepeatable }),
      signal: limits.signal,
      headersTimeoutMs: call.headersTimeoutMs ?? transport.headersTimeoutMs,
      bodyTimeoutMs: transport.bodyTimeoutMs,
    });
    const rawBody = await readAnswerBody(response, call.maxAnswerBytes);
    const withoutToken = createSecretFilter(access.token);
    const decoded = new TextDecoder().decode(rawBody);
    const bodyText = withoutToken(decoded);
    const answer: QureAnswer = {
      status: response.statusCode ?? 0,
      headers: filteredHeaders(response.headers, withoutToken),
      bodyText,
      receivedAt: transport.now(),
    };
    return { kind: 'answer', answer, rawBody: bodyText === decoded ? rawBody : Buffer.from(bodyText) };
  } catch (error) {
    const cause =
      limits.firedCause() ?? (error instanceof AnswerTooLargeError ? error.code : failureCauseOf(error));
    if (cause === undefined) {
      throw error;
    }
    return { kind: 'transient', cause };
  } finally {
    limits.release();
  }
}

/** Happens when an answer is longer than any that Qure documents. */
class AnswerTooLargeError extends Error {
  readonly code = 'answer_too_large';
}

/**
 * A refusal holds even when its body is cut off: a server that refuses an upload early often resets the connection while we
 * are still sending, and the status has arrived by then.
 */
async function readAnswerBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        throw new AnswerTooLargeError(`Expected an answer of at most ${maxBytes} bytes, got more.`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    const isRefusal =
      response.statusCode === 401 || response.statusCode === 403 || response.statusCode === 413;
    if (!isRefusal) {
      throw error;
    }
    return new Uint8Array();
  }
  return Buffer.concat(chunks);
}

type Access =
  | { kind: 'access'; baseUrl: string; token: string; headers: Record<string, string> }
  | Misconfigured;

function readAccess(credentials: QureCredentials, allowsLoopback: boolean): Access {
  const base = readBaseUrl(credentials.baseUrl, credentials.network);
  if (base.kind === 'invalid') {
    return {
      kind: 'misconfigured',
      detail: `${base.detail}: correct the base URL of the source (its secret, the sources document, or QURE_BASE_URL)`,
    };
  }
  if (!allowsLoopback && isLoopbackBaseUrl(credentials.baseUrl)) {
    return {
      kind: 'misconfigured',
      detail: "expected a base URL that is not loopback in the cloud: correct it in the source's secret",
    };
  }
  // A secret pasted with its line's end is common enough to be forgiven.
  const token = credentials.token.trim();
  const source = credentials.source.trim();
  for (const [name, value] of [
    ['token', token],
    ['source', source],
  ] as const) {
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
      const got = value === '' ? 'an empty text' : 'characters that a header cannot carry';
      return {
        kind: 'misconfigured',
        detail: `Expected printable ASCII as ${name}, got ${got}. Correct the credentials of the source (its secret, the sources file, or the QURE_ variables).`,
      };
    }
  }
  return {
    kind: 'access',
    baseUrl: `${base.origin}${base.pathPrefix}`,
    token,
    headers: { Authorization: `Token ${token}`, Source: source },
  };
}

/** The place of a redirect is told to people. */
function filteredHeaders(headers: QureAnswer['headers'], filter: SecretFilter): QureAnswer['headers'] {
  const entries = Object.entries(headers).map(([name, value]): [string, string | string[] | undefined] => [
    name,
    Array.isArray(value) ? value.map(filter) : value === undefined ? undefined : filter(value),
  ]);
  return Object.fromEntries(entries);
}
