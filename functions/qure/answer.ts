import { defined } from '../shared/defined.ts';
import { isMarkup, messageOf } from './answer-body.ts';
import { speaksOfLogin, speaksOfNoFile } from './qure-voice.ts';
import { parseRetryAfterMs } from './retry-after.ts';

/** An HTTP answer of Qure's, or of whatever stands in front of it, as it came over the wire. */
export interface QureAnswer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decoded as UTF-8; empty where there was no body. */
  bodyText: string;
  receivedAt: Date;
}

/** Worth trying again later. `cause` is a stable code such as `http_503`, `html_page` or `ECONNRESET`. */
export interface Transient {
  kind: 'transient';
  cause: string;
  retryAfterMs?: number;
}

/** What any call can be answered, besides its own outcomes. */
export type CommonOutcome =
  /** 401, or a body that says so: the token is missing or wrong. Every later call of this source fails too. */
  | { kind: 'auth_rejected' }
  /** 403: the Source header is missing, wrong, or not ours. */
  | { kind: 'source_denied' }
  /** 3xx: the base URL is not the API's own. Redirects are not followed: a POST would lose its body, a GET its headers. */
  | { kind: 'redirected'; detail: string }
  | Transient;

/** A status that Qure does not document for this call: neither a verdict nor clearly passing. */
export interface Unexpected {
  kind: 'unexpected';
  httpStatus: number;
  message: string;
}

/**
 * Outcomes that mean the same for every call. Undefined: the status is the call's own to read.
 *
 * A body that speaks of the login, or of a file that did not come, means that under any status: Qure's examples swap 400
 * and 401 of the upload. Else 401 and 403 hold whatever the body is: Qure documents JSON and a plain `Forbidden`, and a gateway that refuses us
 * by a page of its own also needs a person. Any other 4xx with a page of markup is a proxy speaking, not Qure, and is no
 * verdict about a scan; 413 is the exception, since only proxies send it and it has its own remedy.
 */
export function readCommonOutcome(answer: QureAnswer): CommonOutcome | undefined {
  const { status, bodyText } = answer;
  if (speaksOfNoFile(status, bodyText)) {
    return transient(answer, 'no_file_came');
  }
  if (status === 401 || speaksOfLogin(status, bodyText)) {
    return { kind: 'auth_rejected' };
  }
  if (status === 403) {
    return { kind: 'source_denied' };
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return { kind: 'redirected', detail: describeRedirect(answer) };
  }
  // 407, 408, 425 and 429 pass by themselves or are the proxy's; 5xx is Qure failing or being down.
  if (status >= 500 || status === 407 || status === 408 || status === 425 || status === 429) {
    return transient(answer, `http_${status}`);
  }
  if (status >= 400 && status !== 413 && isMarkup(bodyText)) {
    return transient(answer, 'html_page');
  }
  return undefined;
}

export function transient(answer: QureAnswer, cause: string): Transient {
  return { kind: 'transient', cause, ...retryAfterOf(answer) };
}

export function unexpected(answer: QureAnswer): Unexpected {
  return { kind: 'unexpected', httpStatus: answer.status, message: messageOf(answer.bodyText) };
}

export function retryAfterOf(answer: QureAnswer): { retryAfterMs?: number } {
  const retryAfterMs = parseRetryAfterMs(answer.headers['retry-after'], answer.receivedAt);
  return defined({ retryAfterMs });
}

function describeRedirect(answer: QureAnswer): string {
  const location = answer.headers.location;
  const target = URL.parse((Array.isArray(location) ? location[0] : location) ?? '', 'relative://base');
  // A Location without a host is relative to the base URL; a query may carry secrets and is never shown.
  const to =
    target === null || location === undefined
      ? 'no readable place'
      : target.protocol === 'relative:'
        ? target.pathname
        : `${target.protocol}//${target.host}${target.pathname}`;
  return `Expected an answer of the Qure API, got a redirect (${answer.status}) to ${to.slice(0, 200)}. Check the base URL.`;
}
