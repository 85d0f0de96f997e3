import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from '../options/qure-connection.ts';
import type { HttpProblem } from './http-problem.ts';

const MAX_URL_LENGTH = 8192;

/** The one path that this machine has and the cloud has not. */
export const RECONCILE_PATH = '/local/reconcile';

export const NO_SUCH_PATH: HttpProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'expected /, /openapi.json or a path below /v1, got another',
};

/**
 * What keeps web pages that the operator visits from using this server, which trusts everybody on this machine:
 * the Host must be a loopback name (else a page could reach it by DNS rebinding), and a request that changes
 * something must not come from another origin (cross-site request forgery). Returns the refusal, or undefined.
 */
export function refusalOf(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
): HttpProblem | undefined {
  if (!hasLoopbackHost(headers.host)) {
    return {
      status: 421,
      title: 'Misdirected Request',
      detail:
        'expected a Host of this machine (127.0.0.1, localhost, [::1]), got another: open it by one of these',
    };
  }
  if (url.length > MAX_URL_LENGTH) {
    return {
      status: 414,
      title: 'URI Too Long',
      detail: `expected at most ${MAX_URL_LENGTH} characters, got more`,
    };
  }
  const allowed = allowedMethods(url);
  if (allowed === undefined) return NO_SUCH_PATH;
  if (!allowed.includes(method)) {
    return {
      status: 405,
      title: 'Method Not Allowed',
      detail: `expected ${allowed.join(' or ')}, got another method`,
      headers: { allow: allowed.join(', ') },
    };
  }
  if (method === 'POST' && !isSameOrigin(headers)) {
    return {
      status: 403,
      title: 'Forbidden',
      detail: "expected a request from the console's own page or from a program, got one from another site",
    };
  }
  return undefined;
}

/** Of the path in `url`; undefined where nothing is served. */
function allowedMethods(url: string): readonly string[] | undefined {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '/' || path === '/openapi.json') return ['GET', 'HEAD'];
  if (path === RECONCILE_PATH) return ['POST'];
  return path.startsWith('/v1/') ? ['GET', 'HEAD', 'POST'] : undefined;
}

function hasLoopbackHost(host: string | undefined): boolean {
  // A host with a user, a path or blanks in it is no host at all.
  if (host === undefined || !/^[a-z0-9.:[\]-]+$/i.test(host)) return false;
  const text = `http://${host}`;
  return URL.canParse(text) && isLoopbackHost(new URL(text).hostname);
}

/** Programs send neither header; browsers send Origin with every POST. */
function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (headers.origin === undefined) return true;
  return headers.origin.toLowerCase() === `http://${headers.host ?? ''}`.toLowerCase();
}
