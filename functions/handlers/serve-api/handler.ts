import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import httpRouter from '@middy/http-router';
import type {
  Context,
  APIGatewayProxyEventV2 as Event,
  APIGatewayProxyStructuredResultV2 as Result,
} from 'aws-lambda';
import { listActions } from '../../api/actions-route.ts';
import { listArrivals } from '../../api/arrivals-route.ts';
import { sourcesFor } from '../../api/authorize.ts';
import { type BacktestRouteDeps, backtestRules } from '../../api/backtest-route.ts';
import { retryMany } from '../../api/bulk-retry.ts';
import { type Caller, callerOf, PERSON_PATH } from '../../api/caller.ts';
import {
  CONFIG_PATH,
  type ConsoleRouteDeps,
  consoleConfig,
  FILE_PATH,
  PAGE_PATH,
  showConsoleFile,
  showPage,
} from '../../api/console-route.ts';
import { showCosts } from '../../api/costs-route.ts';
import { type DeadLetterRouteDeps, listDeadLetters, redrive } from '../../api/dead-letter-routes.ts';
import type { AnswerOf } from '../../api/openapi.ts';
import { type PatientRouteDeps, showPatient } from '../../api/patient-route.ts';
import { permittedDeps } from '../../api/permitted-deps.ts';
import { json, ProblemError, problem } from '../../api/problem.ts';
import {
  type BodyOf,
  methodsOf,
  OPERATIONS,
  type Operation,
  type OperationId,
  type ParametersOf,
  readParameters,
  readRequest,
} from '../../api/requests.ts';
import { type ResultsRouteDeps, showResults } from '../../api/results-route.ts';
import type { Reach } from '../../api/roles.ts';
import { countSeries, listSeries } from '../../api/series-list-routes.ts';
import { retrySeries, type SeriesRouteDeps, showSeries } from '../../api/series-routes.ts';
import type { SignIn } from '../../api/sign-in.ts';
import { listSources } from '../../api/sources-route.ts';
import { listStudies } from '../../api/studies-route.ts';
import { showTurnaround } from '../../api/turnaround-route.ts';
import { makeUploadLinks, type UploadLinksRouteDeps } from '../../api/upload-links-route.ts';
import type { QuarantineStore } from '../../instances/quarantine.ts';
import type { AccessionStore } from '../../series/accession.ts';
import { InvalidCursorError } from '../../series/series-store.ts';
import { defined } from '../../shared/defined.ts';
import type { Log } from '../../shared/log.ts';
import { errorFields } from '../../shared/log.ts';
import { VERSION } from '../../shared/version.ts';
import type { LoadMisconfiguredPrefixes } from '../../sources/source.ts';
import { UnknownSourceError } from '../../sources/sources-document.ts';

export interface ServeApiDeps
  extends SeriesRouteDeps,
    ResultsRouteDeps,
    DeadLetterRouteDeps,
    UploadLinksRouteDeps,
    BacktestRouteDeps,
    PatientRouteDeps,
    ConsoleRouteDeps {
  series: SeriesRouteDeps['series'];
  instances: SeriesRouteDeps['instances'] & BacktestRouteDeps['instances'];
  clock: SeriesRouteDeps['clock'];
  loadSources: SeriesRouteDeps['loadSources'];
  accessions: Pick<AccessionStore, 'studiesOf'>;
  quarantine: Pick<QuarantineStore, 'list'>;
  loadMisconfiguredPrefixes: LoadMisconfiguredPrefixes;
  /** @default no sign-in: requests are signed, or come from this machine */
  signIn?: SignIn;
  log: Log;
}

/** API Gateway HTTP API events (payload format 2.0) in; JSON, a problem (RFC 9457) or a file of the console out. */
export function createHandler(deps: ServeApiDeps) {
  const served = routesOf(deps);
  const operations = Object.entries(OPERATIONS).flatMap(([id, operation]) => {
    const handler = serving(operation, (event, parameters, body) => {
      const caller = callerOf(event, deps.signIn);
      const source = namedSource(body) ?? namedSource(parameters);
      const sources = sourcesFor(operation.needs, caller.access, source);
      const routes = sources === undefined ? served : routesOf(permittedDeps(deps, sources));
      return (routes[id as OperationId] as Serve)(parameters, body, caller);
    });
    // Each path has one method; any other one is told so, which the router would not.
    return [operation.path, `${PERSON_PATH}${operation.path}`].map((path) => ({
      method: 'ANY' as const,
      path,
      handler,
    }));
  });
  const routes = [...operations, ...consoleRoutesOf(deps)];
  const notFoundResponse = () => {
    throw new ProblemError(404, 'Not Found', 'no such path; see /openapi.json');
  };
  const handler = middy<Event, Result>()
    .onError(({ event, error }) => problem(problemOf(deps.log, event, error)))
    .handler(httpRouter({ routes, notFoundResponse }));
  // The context would make middy race each answer against the end of the invocation, which the entry does already.
  return (event: Event): Promise<Result> => handler(event, {} as Context);
}

type Routes = {
  [Id in OperationId]: (
    parameters: ParametersOf<Id>,
    body: BodyOf<Id>,
    caller: Caller,
  ) => Promise<AnswerOf<Id>>;
};

/** At its first request: it is a file of its own beside the bundle, which no other request waits for. */
async function readDescription() {
  const { default: document } = await import('../../../schemas/openapi.json', { with: { type: 'json' } });
  return document;
}

function routesOf(deps: ServeApiDeps): Routes {
  return {
    getHealth: () => showHealth(deps),
    getDescription: readDescription,
    getMe: async (_, __, caller) => meOf(caller),
    listSources: (wanted) => listSources(deps, wanted),
    getTurnaround: (query) => showTurnaround(deps, query),
    getCosts: () => showCosts(deps),
    listStudies: (listing) => listStudies(deps, listing),
    listSeries: (listing) => listSeries(deps, listing),
    countSeries: (query) => countSeries(deps, query),
    retryMany: (_, request, caller) => retryMany(deps, request, caller),
    getSeries: ({ uid, source }) => showSeries(deps, uid, source),
    getResults: (wanted) => showResults(deps, wanted),
    listArrivals: (wanted) => listArrivals(deps, wanted),
    retrySeries: ({ uid, source }, request, caller) => retrySeries(deps, uid, source, request, caller),
    showPatient: (wanted, request, caller) => showPatient(deps, wanted, request, caller),
    makeUploadLinks: (_, request, caller) => makeUploadLinks(deps, request, caller),
    listDeadLetters: (listing) => listDeadLetters(deps, listing),
    redriveDeadLetters: (_, request, caller) => redrive(deps, request, caller),
    listActions: (listing) => listActions(deps, listing),
    listQuarantine: (listing) => deps.quarantine.list(listing),
    backtestRules: (_, request) => backtestRules(deps, request),
  };
}

/** What the two schemas of an operation give is what its route takes, and who asks. */
type Serve = (parameters: unknown, body: unknown, caller: Caller) => Promise<object>;

function namedSource(request: unknown): string | undefined {
  return (request as { source?: string } | undefined)?.source;
}

function serving(
  operation: Operation,
  serve: (event: Event, parameters: unknown, body: unknown) => Promise<object>,
) {
  const { status, parameters, body } = operation;
  return middy<Event, Result>()
    .before(({ event }) => {
      expectMethod(event, operation);
      event.body ||= '{}';
    })
    .use(body === undefined ? [] : httpJsonBodyParser({ disableContentTypeCheck: true }))
    .handler(async (event) => {
      const query = event.queryStringParameters ?? {};
      const { uid } = event.pathParameters ?? {};
      const given = uid === undefined ? query : { ...query, uid: decodeSegment(uid) };
      const answer = await serve(
        event,
        parameters && readParameters(parameters, given),
        body && readRequest(body, event.body),
      );
      return json(status, answer);
    });
}

/** The page, its configuration, and its scripts and styles; no part of the documented API. */
function consoleRoutesOf(deps: ServeApiDeps) {
  const files: Record<string, (event: Event) => Promise<Result>> = {
    [PAGE_PATH]: ({ headers }) => showPage(deps, headers?.['accept-encoding']),
    [CONFIG_PATH]: async () => json(200, consoleConfig(deps)),
    [FILE_PATH]: ({ headers, pathParameters }) =>
      showConsoleFile(deps, pathParameters?.['file'] ?? '', headers?.['accept-encoding']),
  };
  return Object.entries(files).map(([path, show]) => ({
    method: 'ANY' as const,
    path,
    handler: async (event: Event) => {
      expectMethod(event, { method: 'GET' });
      return show(event);
    },
  }));
}

function expectMethod(event: Event, { method }: Pick<Operation, 'method'>): void {
  const got = event.requestContext.http.method;
  if (got === method || (method === 'GET' && got === 'HEAD')) return;
  const allow = methodsOf({ method });
  const detail = `expected ${allow.replace(',', ' or')}, got ${got.slice(0, 16)}`;
  throw new ProblemError(405, 'Method Not Allowed', detail, { allow });
}

function problemOf(log: Log, { rawPath }: Event, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof InvalidCursorError) return new ProblemError(400, 'Bad Request', error.message);
  if (error instanceof UnknownSourceError) return new ProblemError(409, 'Unknown source', error.message);
  // Of the body parser: no JSON, or members that would change the prototype of an object.
  if (error instanceof Error && error.name === 'UnprocessableEntityError')
    return new ProblemError(400, 'Bad Request', 'expected a JSON body, or none');
  log('error', 'request failed', { path: rawPath, ...errorFields(error) });
  const detail = 'the request could not be served; it is safe to send it again';
  return new ProblemError(500, 'Internal Server Error', detail);
}

function meOf({ by, byName, access: { read, act, phi } }: Caller): AnswerOf<'getMe'> {
  const shown = ({ isAll, sources }: Reach) => ({ isAll, sources: [...sources] });
  return { by, ...defined({ byName }), read: shown(read), act: shown(act), phi: shown(phi) };
}

/** Healthy means that the table can be read. Sources whose calls are stopped, and prefixes whose source has mistakes, are named. */
async function showHealth(deps: ServeApiDeps): Promise<AnswerOf<'getHealth'>> {
  const sources = await deps.loadSources();
  const states = await Promise.all(
    sources.map(async ({ name }) => {
      const { stop } = (await deps.sourceStates.decide(name, (state) => ({ state }))).state;
      return stop === undefined ? { name } : { name, stopped: stop.reason, since: stop.since };
    }),
  );
  const misconfiguredPrefixes = await deps.loadMisconfiguredPrefixes();
  const isDegraded = misconfiguredPrefixes.length > 0 || states.some((state) => 'stopped' in state);
  return { status: isDegraded ? 'degraded' : 'ok', version: VERSION, sources: states, misconfiguredPrefixes };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ProblemError(400, 'Bad Request', 'expected a percent-encoded path');
  }
}
