import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import openApiDocument from '../../schemas/openapi.json' with { type: 'json' };
import { errorFields } from '../adapters/json-log.ts';
import { InvalidCursorError } from '../adapters/table/series-listing.ts';
import type { LoadBrokenPrefixes, Log, QuarantineStore } from '../core/ports.ts';
import { UnknownSourceError } from '../core/sources-document.ts';
import { VERSION } from '../version.ts';
import { retryMany } from './bulk-retry.ts';
import { type DeadLetterRouteDeps, listDeadLetters, redrive } from './dead-letter-routes.ts';
import type { AnswerOf } from './openapi.ts';
import { json, ProblemError, problem } from './problem.ts';
import {
  type BodyOf,
  OPERATIONS,
  type Operation,
  type OperationId,
  type ParametersOf,
  readRequest,
} from './requests.ts';
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

/** API Gateway HTTP API events (payload format 2.0) in, JSON or a problem (RFC 9457) out. */
export function createHandler(deps: ServeApiDeps) {
  const routes = routesOf(deps);
  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    try {
      return await route(routes, event);
    } catch (error) {
      if (error instanceof ProblemError) return problem(error);
      if (error instanceof InvalidCursorError)
        return problem(new ProblemError(400, 'Bad request', error.message));
      if (error instanceof UnknownSourceError)
        return problem(new ProblemError(409, 'Unknown source', error.message));
      deps.log('error', 'request failed', { path: event.rawPath, ...errorFields(error) });
      return problem(
        new ProblemError(
          500,
          'Internal error',
          'the request could not be served; it is safe to send it again',
        ),
      );
    }
  };
}

type Routes = {
  [Id in OperationId]: (parameters: ParametersOf<Id>, body: BodyOf<Id>) => Promise<AnswerOf<Id>>;
};

function routesOf(deps: ServeApiDeps): Routes {
  return {
    getHealth: () => showHealth(deps),
    getDescription: async () => openApiDocument,
    listSeries: (listing) => listSeries(deps, listing),
    retryMany: (_, request) => retryMany(deps, request),
    getSeries: ({ uid, source }) => showSeries(deps, uid, source),
    getResults: ({ uid, source }) => showResults(deps, uid, source),
    retrySeries: ({ uid, source }, request) => retrySeries(deps, uid, source, request),
    makeUploadLinks: (_, request) => makeUploadLinks(deps, request),
    listDeadLetters: (listing) => listDeadLetters(deps, listing),
    redriveDeadLetters: (_, request) => redrive(deps, request),
    listQuarantine: (listing) => deps.quarantine.list(listing),
  };
}

/** A path without parameters before one with: a series is never called `retry`. */
const PATHS = Object.entries(OPERATIONS).map(([id, { path }]) => ({
  id: id as OperationId,
  pattern: new RegExp(`^${RegExp.escape(path).replace('\\{uid\\}', '(?<uid>[^/]+)')}$`),
}));

async function route(routes: Routes, event: APIGatewayProxyEventV2) {
  const found = PATHS.find(({ pattern }) => pattern.test(event.rawPath));
  if (found === undefined) throw new ProblemError(404, 'Not found', 'no such path; see /openapi.json');
  const { id, pattern } = found;
  const operation: Operation = OPERATIONS[id];
  const { method } = event.requestContext.http;
  if (method !== operation.method && !(operation.method === 'GET' && method === 'HEAD')) {
    throw new ProblemError(
      405,
      'Method not allowed',
      `expected ${operation.method}, got ${method.slice(0, 16)}`,
      { allow: operation.method },
    );
  }
  const inPath = Object.entries(pattern.exec(event.rawPath)?.groups ?? {}).map(([name, text]) => [
    name,
    decodeSegment(text),
  ]);
  const query = event.queryStringParameters ?? {};
  const parameters =
    operation.parameters && readRequest(operation.parameters, { ...query, ...Object.fromEntries(inPath) });
  const body = operation.body && readRequest(operation.body, readBody(event));
  // What the two schemas of an operation give is what its route takes.
  const serve = routes[id] as (parameters: unknown, body: unknown) => Promise<object>;
  return json(operation.status, await serve(parameters, body));
}

/** Healthy means that the table can be read. Sources whose calls are stopped, and prefixes whose source has mistakes, are named. */
async function showHealth(deps: ServeApiDeps): Promise<AnswerOf<'getHealth'>> {
  const sources = await deps.loadSources();
  const states = await Promise.all(
    sources.map(async ({ name }) => {
      const { circuit } = await deps.circuits.load(name);
      return circuit === undefined ? { name } : { name, stopped: circuit.reason, since: circuit.openedAt };
    }),
  );
  const brokenPrefixes = await deps.loadBrokenPrefixes();
  const isDegraded = brokenPrefixes.length > 0 || states.some((state) => 'stopped' in state);
  return { status: isDegraded ? 'degraded' : 'ok', version: VERSION, sources: states, brokenPrefixes };
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
