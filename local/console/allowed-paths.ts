import type { HttpProblem } from '@qure-dropoff/network-guard';
import { FILE_PATH, PAGE_PATH } from '../../functions/api/console-route.ts';
import { methodsOf, OPERATIONS, type Operation } from '../../functions/api/requests.ts';

const MAX_URL_LENGTH = 8192;

/** These exist on this machine and not in the cloud. */
export const RECONCILE_PATH = '/local/reconcile';
/** Where a program on this machine drops scans. */
export const DROP_PATH = '/local/drop';

export const NO_SUCH_PATH: HttpProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'expected /, /openapi.json or a path below /v1 or /console, got another',
};

/** The reason why this method and URL are not served, or undefined. */
export function pathRefusalOf(method: string, url: string): HttpProblem | undefined {
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
  return undefined;
}

/** Of the path in `url`; undefined if nothing is served. */
function allowedMethods(url: string): readonly string[] | undefined {
  const path = url.split('?', 1)[0] ?? '';
  if (path === PAGE_PATH || matches(FILE_PATH, path)) return ['GET', 'HEAD'];
  if (path === RECONCILE_PATH) return ['POST'];
  if (path === DROP_PATH) return ['GET', 'HEAD'];
  const operations: readonly Operation[] = Object.values(OPERATIONS);
  const operation =
    operations.find((one) => one.path === path) ?? operations.find((one) => matches(one.path, path));
  return operation && methodsOf(operation).split(', ');
}

function matches(template: string, path: string): boolean {
  const expected = template.split('/');
  const got = path.split('/');
  return (
    expected.length === got.length && expected.every((part, at) => part.startsWith('{') || part === got[at])
  );
}
