import type { IncomingMessage } from 'node:http';
import type { HttpProblem } from './http-problem.ts';

/** What a listener of this host lets in. Everything else is refused before the listener sees it. */
export interface GuardRules {
  /** Of the body, as it comes over the wire. */
  maxBodyBytes: number;
  /** `streamed`: the handler reads the request itself. `whole`: the handler gets the body when all of it is here. */
  body: 'streamed' | 'whole';
  /**
   * The one media type that is taken, by POST alone, with a JSON object as its body. No form and no image of a web page can
   * send one.
   * @default any method and any body
   */
  jsonType?: string;
  /** Whether browsers show a page of this listener, which may send requests to it. @default false */
  servesPage?: boolean;
  /** Whether `bucket.localhost` names this machine, too. @default false */
  takesSubdomains?: boolean;
  /** Whether a browser may open this request's URL from another site's link. @default never */
  mayBeLinked?(request: IncomingMessage): boolean;
  /** With every answer. @default SANDBOX_HEADERS */
  headers?: Readonly<Record<string, string>>;
  /** A refusal in the listener's own words. @default a problem document (RFC 9457) */
  refusal?(problem: HttpProblem): GuardAnswer;
}

export interface GuardAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** What an answer needs when a browser opens it: nothing may run, be guessed to be a page, or be read by another site. */
export const SANDBOX_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** The largest part that S3 takes is 5 GiB (AWS, "Amazon S3 multipart upload limits"); a body of chunks has framing besides. */
export const LARGE_BODY_BYTES = (5 * 1024 + 64) * 1024 * 1024;
