import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/handlers/serve-api/handler.ts';
import { finish } from '../../functions/series/transitions.ts';
import { SERIES } from '../support/world/scans.ts';
import { computingSeries, seriesIn } from '../support/world/stages.ts';
import { credentialsOf, World } from '../support/world/world.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const STATUSES = [200, 201, 202, 400, 404, 405, 409];
/** What a Lambda may answer (AWS Lambda quotas), with room for what stands around it. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024 - 64 * 1024;

const segment = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      SERIES,
      'series',
      'v1',
      'health',
      'quarantine',
      'results',
      'retry',
      'openapi.json',
    ),
    weight: 5,
  },
  fc.constantFrom(
    '..',
    '.',
    '',
    '%',
    '%00',
    '%2F',
    '%2e%2e',
    '__proto__',
    '1.2.3',
    '9'.repeat(65),
    `${SERIES}%0a`,
    '%C3%28',
  ),
  fc.string({ maxLength: 20 }),
);
const path = fc.oneof(
  fc.constantFrom(
    '/v1/series',
    '/v1/uploads',
    '/v1/quarantine',
    '/v1/health',
    '/v1/sources',
    '/v1/turnaround',
    '/v1/costs',
    '/openapi.json',
    `/v1/series/${SERIES}`,
    `/v1/series/${SERIES}/retry`,
    `/v1/series/${SERIES}/results`,
  ),
  segment.map((uid) => `/v1/series/${uid}`),
  fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
);
const method = fc.oneof(
  { arbitrary: fc.constantFrom('GET', 'POST', 'HEAD'), weight: 4 },
  fc.constantFrom('PUT', 'DELETE', 'x'.repeat(5000)),
  fc.string({ minLength: 1 }),
);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const cursor = fc.oneof(
  fc.string(),
  fc
    .record({
      changedAt: fc.oneof(
        fc.constantFrom('', '2026-03-01T08:00:00.000Z', '\ud800', 'x'.repeat(1500), 7),
        fc.string(),
      ),
      pk: fc.oneof(fc.constantFrom('', 'default#1.2', null, 'QUARANTINE#x'), fc.string()),
    })
    .map(base64),
  jsonWith(['changedAt', 'pk']).map((value) => base64(value ?? null)),
);
const query = fc.dictionary(
  fc.oneof(
    { arbitrary: fc.constantFrom('state', 'source', 'study', 'limit', 'cursor'), weight: 5 },
    fc.constantFrom('__proto__', 'constructor', 'token'),
    fc.string(),
  ),
  fc.oneof(
    fc.constantFrom(
      'DONE',
      'default',
      '1',
      '100',
      '101',
      '-1',
      '1e2',
      '0x10',
      '',
      'NaN',
      'Infinity',
      'constructor',
      'a,b',
    ),
    cursor,
    fc.string({ unit: 'binary' }),
  ),
  { maxKeys: 4 },
);
const body = fc.option(
  textOf(
    jsonWith(
      ['recompute', 'product', 'source', 'count', 'expiresInSeconds', 'withMarker'],
      fc.constantFrom(true, 'qER', 'qXR', 'default', 1, 60, 1000, 'x'.repeat(3000)),
    ),
  ),
  { nil: undefined },
);
const request = fc.record({ path, method, query, body, isBase64Encoded: fc.boolean() });

async function ask(
  world: World,
  {
    path: rawPath,
    method: verb,
    query: parameters,
    body: text,
    isBase64Encoded,
  }: {
    path: string;
    method: string;
    query: Record<string, string>;
    body: string | undefined;
    isBase64Encoded: boolean;
  },
) {
  const event = {
    version: '2.0',
    rawPath,
    queryStringParameters: parameters,
    requestContext: { http: { method: verb, path: rawPath } },
    isBase64Encoded,
    ...(text === undefined ? {} : { body: text }),
  } as unknown as APIGatewayProxyEventV2;
  return createHandler(world.deps)(event);
}

async function expectContract(world: World, asked: Parameters<typeof ask>[1]): Promise<void> {
  const { statusCode, headers, body: text } = await ask(world, asked);
  expect(STATUSES).toContain(statusCode);
  const isProblem = Number(statusCode) >= 400;
  expect(headers?.['content-type']).toBe(isProblem ? 'application/problem+json' : 'application/json');
  const answer = JSON.parse(text ?? '') as { status?: number; detail?: string };
  expect(Buffer.byteLength(text ?? '')).toBeLessThan(MAX_ANSWER_BYTES);
  expect(text).not.toContain(credentialsOf('default').token);
  if (isProblem) {
    expect(answer.status).toBe(statusCode);
    expect(answer.detail?.length ?? 0).toBeLessThanOrEqual(1000);
  }
}

async function worldWithResult(document: string): Promise<World> {
  const world = new World();
  await computingSeries(world);
  const series = finish(
    await seriesIn(world, 'COMPUTING'),
    { resultFiles: ['result.json', 'files/pdf/0'] },
    world.clock.instant(),
  );
  world.series.seed({ ...series, outbox: [] });
  const folder = `${series.source}/${series.studyInstanceUid}/${SERIES}/${series.generation}/`;
  await world.results.put(`${folder}result.json`, Buffer.from(document), 'application/json');
  return world;
}

describe('the API', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('answers any request by a documented status with JSON, and never by 500', async () => {
    const world = await worldWithResult('{"a":1}');
    await fc.assert(
      fc.asyncProperty(request, (asked) => expectContract(world, asked)),
      fuzzRuns(2000),
    );
    world.verify();
  });

  it('answers with any result that Qure may have given', async () => {
    const document = fc.oneof(
      jsonWith(['result', 'files']).map((value) => JSON.stringify(value) ?? 'null'),
      fc.nat(60_000).map((depth) => `{"result":${'['.repeat(depth)}${']'.repeat(depth)}}`),
      fc.nat(600_000).map((count) => `[${'1e20,'.repeat(count)}0]`),
    );
    await fc.assert(
      fc.asyncProperty(document, async (text) => {
        const world = await worldWithResult(text);
        const asked = {
          path: `/v1/series/${SERIES}/results`,
          method: 'GET',
          query: {},
          body: undefined,
          isBase64Encoded: false,
        };
        await expectContract(world, asked);
        expect((await ask(world, asked)).statusCode).toBe(200);
      }),
      fuzzRuns(20),
    );
  });

  it('names back no more of a request than fits an answer', async () => {
    const world = await worldWithResult('{}');
    const unknown = `{${Array.from({ length: 200_000 }, (_, at) => `"\\u0001name-${at}":1`).join()}}`;
    const asked = {
      path: `/v1/series/${SERIES}/retry`,
      method: 'POST',
      query: {},
      body: unknown,
      isBase64Encoded: false,
    };
    await expectContract(world, asked);
  });
});
