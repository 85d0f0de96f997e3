import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../../functions/api/requests.ts';
import { fail, finish } from '../../../functions/series/transitions.ts';
import { DESCRIBED, describedFor, mistakesOfBody } from '../../support/api-document.ts';
import { PatientKms } from '../../support/patient-kms.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, keyOf, SERIES } from '../../support/world/scans.ts';
import { computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { askApi, personWith, type Request, requestApi } from './ask-api.ts';

type Arrangement = { world?: (world: World) => Promise<unknown>; path?: string } & Omit<Request, 'method'>;

const operationsBy = (id: string) => DESCRIBED.filter(({ operationId }) => operationId === id);

async function done(world: World) {
  await computingSeries(world);
  const outcome = {
    resultFiles: ['result.json', 'findings.json', 'files/pdf/0'],
    triageStatus: 'critical' as const,
    usecase: 'qer',
    modelVersion: '3.2',
    findings: [{ key: 'ICH', present: true, score: 0.93 }],
  };
  const series = finish(await seriesIn(world, 'COMPUTING'), outcome, world.clock.instant());
  world.series.seed({ ...series, outbox: [] });
}

async function failed(world: World) {
  await computingSeries(world);
  const failure = { reason: 'results_timeout' as const, detail: 'x' };
  const series = fail(await seriesIn(world, 'COMPUTING'), failure, world.clock.instant());
  world.series.seed({ ...series, outbox: [] });
}

async function underTwoSources(world: World) {
  world.sources = [sourceNamed('default'), sourceNamed('second')];
  await done(world);
  world.series.seed({ ...(await seriesIn(world, 'DONE')), source: 'second' });
}

const { sealer, opener: openPatient } = new PatientKms();

async function withPatient(world: World) {
  await done(world);
  const sealed = await sealer.seal(ID, { patientName: 'Doe^Jane', patientId: '4711' });
  const { patientHash = '' } = (await world.instances.anyOf(ID)) ?? {};
  await world.deps.patients.put(ID, { sealed, keyId: sealer.keyId, patientHash, textHash: 'k.t' });
}

async function withDeadLetters(world: World) {
  world.deadLetters.put('ingest', 'no event', { cause: 'not_s3_event' });
  world.deadLetters.put('compute', JSON.stringify({ ...ID, ticket: 3 }), { cause: 'unknown_source' });
}

const noSuchSeries = { path: '1.2.77' };
const noUid = { path: 'x' };

/** How each operation comes to each status that the document names of it. */
const ARRANGEMENTS: Readonly<Record<string, Readonly<Record<string, Arrangement>>>> = {
  getHealth: {
    200: {
      world: async (world) => {
        await stopSource(world);
        world.misconfiguredPrefixes = ['second/'];
      },
    },
  },
  getDescription: { 200: {} },
  getMe: { 200: {} },
  listSources: {
    200: {
      world: async (world) => {
        world.sources = [{ ...world.source, maxConcurrentSeries: 2, dailyBudget: 10 }];
        await stopSource(world);
        await done(world);
      },
    },
    400: { query: { source: '' } },
    404: { query: { source: 'west' } },
  },
  getTurnaround: {
    200: { world: done },
    400: { query: { since: 'yesterday' } },
    404: { query: { source: 'west' } },
  },
  getCosts: { 200: { isBilled: true }, 404: {} },
  listStudies: { 200: { world: done }, 400: { query: { sort: 'urgent' } } },
  listSeries: { 200: { world: done }, 400: { query: { limit: '101' } } },
  countSeries: { 200: { world: done }, 400: { query: { since: 'yesterday' } } },
  retryMany: {
    202: { world: failed, body: { source: 'default' } },
    400: { body: {} },
    404: { body: { source: 'west' } },
  },
  getSeries: { 200: { world: done }, 400: noUid, 404: noSuchSeries, 409: { world: underTwoSources } },
  getResults: { 200: { world: done }, 400: noUid, 404: noSuchSeries, 409: { world: underTwoSources } },
  listArrivals: { 200: { world: done }, 400: noUid, 404: noSuchSeries, 409: { world: underTwoSources } },
  retrySeries: {
    202: { world: done, body: { recompute: true } },
    400: { body: { again: true } },
    404: noSuchSeries,
    409: { world: done },
  },
  showPatient: {
    200: { world: withPatient, body: { comment: 'who is it' }, openPatient },
    400: noUid,
    404: { world: done },
    409: { world: underTwoSources, openPatient },
  },
  makeUploadLinks: {
    201: { body: { source: 'default', count: 2, withMarker: true } },
    400: { body: { source: 'default' } },
    404: { body: { source: 'west', count: 1 } },
  },
  listDeadLetters: { 200: { world: withDeadLetters }, 400: { query: { stage: 'none' } } },
  redriveDeadLetters: {
    202: { world: withDeadLetters, body: { stage: 'compute' } },
    400: { body: { limit: 0 } },
  },
  listActions: {
    200: {
      world: (world) =>
        requestApi(world, '/v1/uploads', { method: 'POST', body: { source: 'default', count: 1 } }),
    },
    400: { query: { until: 'now' } },
  },
  listQuarantine: {
    200: {
      world: async (world) => {
        world.drop.put(keyOf(1), Buffer.from('no scan'));
        await index(world, [keyOf(1)]);
      },
    },
    400: { query: { cursor: '!' } },
  },
  backtestRules: {
    200: { world: done, body: { source: 'default', document: { useDefaultRules: false } } },
    400: { body: { source: 'default', document: { prefix: '/' } } },
    404: { body: { source: 'west', document: {} } },
  },
};

const NAMED = DESCRIBED.flatMap((operation) =>
  Object.keys(operation.responses)
    .filter((status) => status !== 'default')
    .map((status) => ({ operation, id: operation.operationId, status })),
);

describe('the OpenAPI document and the server', () => {
  // `requestApi` fails for an answer that is not in the document to the last member.
  test.each(NAMED)('$id answers $status as the document says', async ({ operation, id, status }) => {
    const accepted = Object.entries(ARRANGEMENTS[id] ?? {}).find(([other]) => other.startsWith('2'))?.[1];
    const arrangement = status === '403' ? { ...accepted, claims: personWith() } : ARRANGEMENTS[id]?.[status];
    if (arrangement === undefined) throw new Error(`Expected a request that makes ${id} answer ${status}.`);
    const { world: prepare, path = SERIES, ...request } = arrangement;
    const world = newWorld();
    await prepare?.(world);
    const { method, path: template } = operation;
    const answer = await requestApi(world, template.replace('{uid}', path), { ...request, method });
    expect(answer.status).toBe(Number(status));
  });

  test.each(DESCRIBED.filter(({ operationId }) => !['getDescription', 'getMe'].includes(operationId)))(
    '$operationId answers 500 as the document says',
    async ({ path, method, operationId }) => {
      const world = newWorld();
      world.probe.before = async () => {
        throw new Error('broken');
      };
      const statuses = Object.keys(ARRANGEMENTS[operationId] ?? {});
      const {
        body,
        query,
        openPatient: open,
        isBilled = false,
      } = ARRANGEMENTS[operationId]?.[Math.min(...statuses.map(Number))] ?? {};
      const request = {
        method,
        ...(body && { body }),
        ...(query && { query }),
        ...(open && { openPatient: open }),
        isBilled,
      };
      const answer = await requestApi(world, path.replace('{uid}', SERIES), request);
      expect(answer.status).toBe(500);
    },
  );

  test('the document has each operation of the handler, and no other one', () => {
    const served = Object.entries(OPERATIONS).map(([id, { method, path }]) => `${id} ${method} ${path}`);
    const described = DESCRIBED.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`);
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  test.each(
    DESCRIBED.flatMap(({ path }) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ method, path })),
    ),
  )('$method $path is served exactly where it is in the document', async ({ method, path }) => {
    const at = path.replace('{uid}', '1.2.77');
    const { status } = await requestApi(newWorld(), at, { method });
    expect(status !== 405).toBe(describedFor(method, at) !== undefined);
  });

  test.each(DESCRIBED.filter(({ parameters }) => parameters !== undefined))(
    '$operationId takes each parameter of the document, and no other one',
    async ({ operationId, path, method, parameters = [] }) => {
      const refused = async (query: Record<string, string>) => {
        const answer = await requestApi(newWorld(), path.replace('{uid}', '1.2.77'), { method, query });
        return String(answer.status === 400 && answer.body['detail']);
      };
      expect(await refused({ another: 'x' })).toContain('another');
      for (const { name, in: place } of parameters) {
        // Nothing takes a text of this length, and what names the parameter does know it.
        if (place === 'query')
          expect(await refused({ [name]: 'x'.repeat(3000) })).toMatch(new RegExp(`^${name}(?:\\.0)?: `));
      }
      expect(path.includes('{uid}')).toBe(
        parameters.some(({ name, in: place }) => name === 'uid' && place === 'path'),
      );
      expect(operationsBy(operationId)).toHaveLength(1);
    },
  );

  const bodies = fc.record(
    {
      reason: fc.constantFrom('results_timeout', 'X', '', 7, null),
      source: fc.constantFrom('default', '', 'x'.repeat(65), 1),
      state: fc.constantFrom('FAILED', 'DONE', null),
      recompute: fc.constantFrom(true, false, 'true'),
      product: fc.constantFrom('qER', 'q/ABC', '', 0),
      limit: fc.constantFrom(1, 0, 1.5, 1000, 1001, 10_001, '1'),
      count: fc.constantFrom(1, 0, 1.5, 1000, 1001, '1'),
      expiresInSeconds: fc.constantFrom(60, 59, 3600, 3601),
      withMarker: fc.constantFrom(true, 'yes'),
      stage: fc.constantFrom('compute', '', 'x'.repeat(65)),
      cause: fc.constantFrom('throttled', 'none', ''),
      comment: fc.constantFrom('the scanner was off', '', 'x'.repeat(501), 7),
      before: fc.constantFrom('2026-03-01T07:00:00.000Z', '2026-03-01T07:00:00+01:00', 'now', 7),
    },
    { requiredKeys: [] },
  );

  test.each(DESCRIBED.filter(({ requestBody }) => requestBody !== undefined))(
    '$operationId refuses exactly the bodies that the document does not take',
    async (operation) => {
      const { content, required = false } = operation.requestBody ?? { content: {} };
      const [{ schema } = { schema: {} }] = Object.values(content);
      const known = Object.keys('properties' in schema ? (schema.properties as object) : {});
      const path = operation.path.replace('{uid}', '1.2.77');
      await fc.assert(
        fc.asyncProperty(bodies, fc.boolean(), async (all, isPure) => {
          const kept = Object.entries(all).filter(([name]) => !isPure || known.includes(name));
          const body = Object.fromEntries(kept);
          const { status } = await askApi(newWorld(), path, { method: operation.method, body });
          expect({ body, isTaken: status !== 400 }).toEqual({
            body,
            isTaken: mistakesOfBody(operation, body).length === 0,
          });
        }),
        { numRuns: 300 },
      );
      const { status } = await askApi(newWorld(), path, { method: operation.method });
      expect(status === 400).toBe(required);
    },
  );
});
