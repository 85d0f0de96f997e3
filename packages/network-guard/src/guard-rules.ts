import type { IncomingMessage } from 'node:http';
import type { HttpProblem } from './http-problem.ts';

/** The requests that a listener of this host accepts. Everything else is refused before the listener gets it. */
export interface GuardRules {
  /** Of the body as received. */
  maxBodyBytes: number;
  /** `streamed`: the handler reads the request itself. `whole`: the handler gets the complete body. */
  body: 'streamed' | 'whole';
  /**
   * The only accepted media type, only by POST, with a JSON object as its body. A form or an image of a web page cannot
   * send it.
   * @default any method and any body
   */
  jsonType?: string;
  /** Whether browsers show a page of this listener, which may send requests to it. @default false */
  servesPage?: boolean;
  /** Whether `bucket.localhost` is this machine too. @default false */
  takesSubdomains?: boolean;
  /** Whether a browser may open this request's URL from another site's link, or in a frame of this machine's pages. @default never */
  mayBeLinked?(request: IncomingMessage): boolean;
  /** Whether a page of another origin may send this request; the listener then answers its preflight request. @default never */
  mayBeAsked?(request: IncomingMessage): boolean;
  /** In every answer. @default SANDBOX_HEADERS */
  headers?: Readonly<Record<string, string>>;
  /** A refusal in the listener's own format. @default a problem document (RFC 9457) */
  refusal?(problem: HttpProblem): GuardAnswer;
}

export interface GuardAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Headers for an answer in a browser: no script may run, no content type is guessed, and no other site may read it. */
export const SANDBOX_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * The largest part that S3 accepts is 5 GiB (AWS, "Amazon S3 multipart upload limits"); a body of chunks has framing
 * besides.
 */
export const LARGE_BODY_BYTES = (5 * 1024 + 64) * 1024 * 1024;
