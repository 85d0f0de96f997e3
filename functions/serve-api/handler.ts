import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { errorFields } from '../adapters/json-log.ts';
import { InvalidCursorError } from '../adapters/table/series-listing.ts';
import type { LoadBrokenPrefixes, Log, QuarantineStore } from '../core/ports.ts';
import { UnknownSourceError } from '../core/sources-document.ts';
import { VERSION } from '../version.ts';
import { retryMany } from './bulk-retry.ts';
import { type DeadLetterRouteDeps, listDeadLetters, redrive } from './dead-letter-routes.ts';
import { openApiDocument } from './openapi.ts';
import {
  bulkRetryBody,
  deadLetterListQuery,
  quarantineListQuery,
  readParameters,
  readUid,
  redriveBody,
  retryBody,
  seriesListQuery,
  seriesQuery,
  uploadLinksBody,
} from './parameters.ts';
import { json, ProblemError, problem } from './problem.ts';
import { type ResultsRouteDeps, showResults } from './results-route.ts';
import { listSeries, retrySeries, type SeriesRouteDeps, showSeries } from './series-routes.ts';
import { makeUploadLinks, type UploadLinksRouteDeps } from './upload-links-route.ts';

export interface ServeApiDeps
  extends SeriesRouteDeps,
    ResultsRouteDeps,
    DeadLetterRouteDeps,
    UploadLinksRouteDeps {
  series: SeriesRouteDeps['series'];
  clock: SeriesRouteDeps['clock'];
  loadSources: SeriesRouteDeps['loadSources'];
  quarantine: Pick<QuarantineStore, 'list'>;
  loadBrokenPrefixes: LoadBrokenPrefixes;
  log: Log;
}

type Answer = Promise<APIGatewayProxyStructuredResultV2>;

/** API Gateway HTTP API events (payload format 2.0) in, JSON or a problem (RFC 9457) out. */
export function createHandler(deps: ServeApiDeps) {
  return async (event: APIGatewayProxyEventV2): Answer => {
    try {
      return await route(deps, event);
    } catch (error) {
      if (error instanceof ProblemError) return problem(error.status, error.title, error.message);
      if (error instanceof InvalidCursorError) return problem(400, 'Bad request', error.message);
      if (error instanceof UnknownSourceError) return problem(409, 'Unknown source', error.message);
      deps.log('error', 'request failed', { path: event.rawPath, ...errorFields(error) });
      return problem(500, 'Internal error', 'the request could not be served; it is safe to send it again');
    }
  };
}

const SERIES_PATH = /^\/v1\/series\/(?<uid>[^/]+)(?<rest>\/results|\/retry)?$/;

async function route(deps: ServeApiDeps, event: APIGatewayProxyEventV2): Answer {
  const { method } = event.requestContext.http;
  const query = event.queryStringParameters ?? {};
  switch (event.rawPath) {
    case '/v1/health':
      return expect(method, 'GET', () => showHealth(deps));
    case '/openapi.json':
      return expect(method, 'GET', async () => json(200, openApiDocument));
    case '/v1/series':
      return expect(method, 'GET', async () =>
        json(200, await listSeries(deps, withoutUndefined(readParameters(seriesListQuery, query)))),
      );
    case '/v1/series/retry':
      return expect(method, 'POST', async () =>
        json(202, await retryMany(deps, withoutUndefined(readParameters(bulkRetryBody, readBody(event))))),
      );
    case '/v1/uploads':
      return expect(method, 'POST', async () =>
        json(201, await makeUploadLinks(deps, readParameters(uploadLinksBody, readBody(event)))),
      );
    case '/v1/dead-letters':
      return expect(method, 'GET', async () =>
        json(200, await listDeadLetters(deps, withoutUndefined(readParameters(deadLetterListQuery, query)))),
      );
    case '/v1/dead-letters/redrive':
      return expect(method, 'POST', async () =>
        json(202, await redrive(deps, withoutUndefined(readParameters(redriveBody, readBody(event))))),
      );
    case '/v1/quarantine':
      return expect(method, 'GET', async () =>
        json(200, await deps.quarantine.list(withoutUndefined(readParameters(quarantineListQuery, query)))),
      );
  }
  const found = SERIES_PATH.exec(event.rawPath)?.groups;
  if (found === undefined) throw new ProblemError(404, 'Not found', 'no such path; see /openapi.json');
  const uid = readUid(decodeSegment(found['uid'] ?? ''));
  const { source } = readParameters(seriesQuery, query);
  if (found['rest'] === '/results') {
    return expect(method, 'GET', async () => json(200, await showResults(deps, uid, source)));
  }
  if (found['rest'] === '/retry') {
    return expect(method, 'POST', async () => {
      const request = withoutUndefined(readParameters(retryBody, readBody(event)));
      return json(202, await retrySeries(deps, uid, source, request));
    });
  }
  return expect(method, 'GET', async () => json(200, await showSeries(deps, uid, source)));
}

async function expect(method: string, expected: string, serve: () => Answer): Answer {
  if (method === expected || (expected === 'GET' && method === 'HEAD')) return serve();
  const refused = problem(405, 'Method not allowed', `expected ${expected}, got ${method.slice(0, 16)}`);
  return { ...refused, headers: { ...refused.headers, allow: expected } };
}

/** Healthy means that the table can be read. Sources whose calls are stopped, and prefixes whose source has mistakes, are named. */
async function showHealth(deps: ServeApiDeps): Answer {
  const sources = await deps.loadSources();
  const states = await Promise.all(
    sources.map(async ({ name }) => {
      const { circuit } = await deps.circuits.load(name);
      return circuit === undefined ? { name } : { name, stopped: circuit.reason, since: circuit.openedAt };
    }),
  );
  const brokenPrefixes = await deps.loadBrokenPrefixes();
  const isDegraded = brokenPrefixes.length > 0 || states.some((state) => 'stopped' in state);
  const status = isDegraded ? 'degraded' : 'ok';
  return json(200, { status, version: VERSION, sources: states, brokenPrefixes });
}

function readBody(event: APIGatewayProxyEventV2): unknown {
  const text = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : (event.body ?? '');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(400, 'Bad request', 'expected a JSON body, or none');
  }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ProblemError(400, 'Bad request', 'expected a percent-encoded path');
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Optional parameters that were not given are absent rather than `undefined`. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>;
}
