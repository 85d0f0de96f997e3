import type { IncomingMessage } from 'node:http';
import type { GuardRules } from './guard-rules.ts';
import type { HttpProblem } from './http-problem.ts';
import { loopbackNameOf } from './loopback-host.ts';

/**
 * Checks the head of a request. A listener on loopback trusts all users of this machine; this check excludes the web
 * pages that they visit. Browsers name the page's origin in `Origin` or `Sec-Fetch-Site`, programs send neither.
 * Source: Fetch Standard; W3C, "Fetch Metadata Request Headers".
 */
export function refusalOf(rules: GuardRules, request: IncomingMessage): HttpProblem | undefined {
  const { headers, method } = request;
  if (loopbackNameOf(headers.host, rules.takesSubdomains) === undefined) {
    return problem(
      421,
      'Misdirected Request',
      'expected a Host of this machine (127.0.0.1, localhost, [::1]), got another: open it by one of these',
    );
  }
  if (headers.origin !== undefined && rules.mayBeAsked?.(request) === true) {
    return Number(headers['content-length'] ?? 0) > rules.maxBodyBytes ? tooLarge(rules) : undefined;
  }
  if (method === 'OPTIONS') {
    return problem(405, 'Method Not Allowed', 'expected another method: no other origin may ask here');
  }
  if (!isFromHere(rules, request)) {
    return problem(
      403,
      'Forbidden',
      'expected a request from a program or an address that a person has typed, got one from another site',
    );
  }
  if (Number(headers['content-length'] ?? 0) > rules.maxBodyBytes) return tooLarge(rules);
  return rules.jsonType === undefined ? undefined : jsonRefusal(rules.jsonType, request);
}

export function tooLarge({ maxBodyBytes }: GuardRules): HttpProblem {
  return problem(413, 'Content Too Large', `expected a body of at most ${maxBodyBytes} bytes, got more`);
}

/** Of a whole body; undefined where it is a JSON object. */
export function jsonObjectRefusal(body: Buffer): HttpProblem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    value = undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? undefined : problem(400, 'Bad Request', 'expected a JSON object, got something else');
}

function isFromHere(rules: GuardRules, request: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const isOwnPage = rules.servesPage === true && site !== 'cross-site' && site !== 'same-site';
  if (origin !== undefined) {
    return isOwnPage && origin.toLowerCase() === `http://${host ?? ''}`.toLowerCase();
  }
  if (site === undefined || site === 'none' || isOwnPage) return true;
  return isLinkOpened(request) && rules.mayBeLinked?.(request) === true;
}

/**
 * A navigation of a tab, or of a frame in a page of this machine (`same-site`: ports do not count). A frame, an image or a script of
 * another site's page does not count.
 */
function isLinkOpened({ method, headers }: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination, 'sec-fetch-site': site } = headers;
  if (method !== 'GET' || mode !== 'navigate') return false;
  return destination === 'document' || (destination === 'iframe' && site === 'same-site');
}

function jsonRefusal(jsonType: string, { method, headers }: IncomingMessage): HttpProblem | undefined {
  if (method !== 'POST') {
    return {
      ...problem(405, 'Method Not Allowed', 'expected POST, got another method'),
      headers: { allow: 'POST' },
    };
  }
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === jsonType) return undefined;
  return problem(415, 'Unsupported Media Type', `expected ${jsonType}, got another media type`);
}

function problem(status: number, title: string, detail: string): HttpProblem {
  return { status, title, detail };
}
