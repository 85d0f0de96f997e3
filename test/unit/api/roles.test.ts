import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS, type Operation } from '../../../functions/api/requests.ts';
import { accessOf } from '../../../functions/api/roles.ts';
import { PatientKms } from '../../support/patient-kms.ts';
import { doneRow, failedRow, receivingRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { personWith, requestApi } from './ask-api.ts';

const SOURCES = ['site-a', 'site-b', 'site.c'];
const STUDY = '1.2.5';
/** Held by every source, so that a request without a source could meet the wrong one. */
const SHARED_UID = '1.2.9';
const READ = 'qure-dropoff:read';
const ACT = 'qure-dropoff:act';
const PHI = 'qure-dropoff:phi';
const { sealer, opener: openPatient } = new PatientKms();

describe('the roles of a claim', () => {
  const all = { isAll: true, sources: [] };
  const of = (...sources: string[]) => ({ isAll: false, sources });

  test.each<[string, unknown, object]>([
    ['a list', [READ, 'other', 7], { read: all, act: of(), phi: of() }],
    [
      'a text with spaces',
      `other ${READ}:site-a ${ACT}:site.c`,
      { read: of('site-a', 'site.c'), act: of('site.c'), phi: of() },
    ],
    [
      'a text with commas',
      `${READ}:site-a,${READ}:site-b`,
      { read: of('site-a', 'site-b'), act: of(), phi: of() },
    ],
    ['a list as API Gateway writes it', `[x ${ACT} y]`, { read: all, act: all, phi: of() }],
    ['one role', ACT, { read: all, act: all, phi: of() }],
    ['a role for all beside one for a source', `${READ} ${READ}:site-a`, { read: all, act: of(), phi: of() }],
    ['that of patients for one source', `${PHI}:site-a`, { read: of(), act: of(), phi: of('site-a') }],
    ['no claim', undefined, { read: of(), act: of(), phi: of() }],
    [
      'an object as API Gateway writes it',
      `map[roles:[${READ} ${ACT}]]`,
      { read: of(), act: of(), phi: of() },
    ],
    [
      'roles that only look alike',
      `${READ}: ${READ}:a:b x${READ} ${READ}s Qure-Dropoff:read`,
      { read: of(), act: of(), phi: of() },
    ],
  ])('%s', (_, claim, access) => {
    expect(accessOf(claim)).toEqual(access);
  });
});

async function worldWith(held: readonly string[]): Promise<World> {
  const world = newWorld({ sources: held.map((name) => sourceNamed(name)) });
  for (const source of SOURCES.filter((name) => held.includes(name))) {
    const of = SOURCES.indexOf(source) + 1;
    const row = { source, studyInstanceUid: STUDY };
    world.series.seed(doneRow({ ...row, seriesInstanceUid: SHARED_UID }));
    world.series.seed(failedRow({ ...row, seriesInstanceUid: `1.2.${of}.1` }));
    world.series.seed(receivingRow({ ...row, seriesInstanceUid: `1.2.${of}.2` }));
    for (const seriesInstanceUid of [SHARED_UID, `1.2.${of}.1`]) {
      const id = { source, seriesInstanceUid };
      const sealed = await sealer.seal(id, { patientName: `Of ${source}`, patientId: '4711' });
      const { keyId } = sealer;
      await world.deps.patients.put(id, { sealed, keyId, patientHash: 'k.h', textHash: 'k.t' });
    }
    const key = `${source}/x.dcm`;
    const at = world.clock.instant();
    await world.quarantine.put([{ id: `q${of}`, key, source, reason: 'not_dicom', detail: 'x', at }]);
    const request = { source, count: of };
    await world.audit.add({ id: `a${of}`, at, by: 'local', kind: 'upload_links', request });
  }
  return world;
}

const requests = fc
  .record({
    id: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
    source: fc.option(fc.constantFrom(...SOURCES, 'nowhere'), { nil: undefined }),
    uid: fc.constantFrom(SHARED_UID, '1.2.1.1', '1.2.2.1', '1.2.3.2', '1.2.77'),
    limit: fc.constantFrom(1, 2, 50),
  })
  .map(({ id, source, uid, limit }) => {
    const { method, path, parameters, body }: Operation = OPERATIONS[id];
    const takes = (name: string) => parameters !== undefined && name in parameters.shape;
    const ofBody = {
      retryMany: { reason: 'auth_rejected', source },
      makeUploadLinks: { source: source ?? 'site-a', count: 1 },
      backtestRules: { source: source ?? 'site-a', document: {} },
      retrySeries: { recompute: true },
    };
    return {
      id,
      method,
      path: path.replace('{uid}', uid),
      query: {
        ...(takes('source') && source !== undefined ? { source } : {}),
        ...(takes('limit') ? { limit: String(limit) } : {}),
      },
      ...(body === undefined ? {} : { body: ofBody[id as keyof typeof ofBody] ?? {} }),
    };
  });

type ApiRequest = typeof requests extends fc.Arbitrary<infer One> ? One : never;

/** Every page of a list; of another answer the one page. */
async function answersTo(world: World, request: ApiRequest, roles: readonly string[]) {
  const { method, path, body } = request;
  const claims = personWith(...roles);
  const items: unknown[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query: Record<string, string> = { ...request.query, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await requestApi(world, path, {
      method,
      query,
      claims,
      openPatient,
      ...(body && { body }),
    });
    const { items: more, cursor: next, ...others } = answer.body;
    items.push(...((more as unknown[] | undefined) ?? []));
    if (next === undefined) return { status: answer.status, ...others, items };
    cursor = String(next);
  }
}

const roleSets = fc.subarray([
  ...[READ, ACT, PHI].flatMap((role) => SOURCES.map((source) => `${role}:${source}`)),
  'other:read',
]);

describe('a person with roles for some sources', () => {
  test('gets the same answers as if there were no other source', async () => {
    await fc.assert(
      fc.asyncProperty(requests, roleSets, async (request, roles) => {
        const access = accessOf(roles);
        const { needs }: Operation = OPERATIONS[request.id];
        const permitted = access[needs === 'nothing' ? 'read' : needs.role].sources;
        const whole = await worldWith(SOURCES);
        const part = await worldWith(SOURCES.filter((name) => permitted.includes(name)));
        expect(await answersTo(whole, request, roles)).toEqual(await answersTo(part, request, roles));
      }),
      { numRuns: 150 },
    );
  });

  test('changes no row of another source, and sends no message for one', async () => {
    await fc.assert(
      fc.asyncProperty(requests, roleSets, async (request, roles) => {
        const { act } = accessOf(roles);
        const world = await worldWith(SOURCES);
        const foreign = () => world.series.all().filter(({ source }) => !act.sources.includes(source));
        const before = foreign();
        await answersTo(world, request, roles);
        expect(foreign()).toEqual(before);
        const sent = world.compute.sent.map(({ message }) => message.source);
        expect(sent.filter((source) => !act.sources.includes(source))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a refusal', () => {
  test.each([
    ['/v1/series/1.2.77', { source: 'site-b' }, 'qure-dropoff:read or qure-dropoff:read:site-b'],
    ['/v1/series', { source: 'nowhere' }, 'qure-dropoff:read or qure-dropoff:read:nowhere'],
    ['/v1/dead-letters', {}, 'the role qure-dropoff:read'],
    ['/v1/series/1.2.9/patient', { source: 'site-a' }, 'qure-dropoff:phi or qure-dropoff:phi:site-a'],
  ])('of %s %o names the role', async (path, query, role) => {
    const claims = personWith(`${READ}:site-a`, `${ACT}:site-a`);
    const method = path.endsWith('patient') ? 'POST' : 'GET';
    const { status, body } = await requestApi(await worldWith(SOURCES), path, { method, query, claims });
    expect(status).toBe(403);
    expect(body['detail']).toContain(role);
  });

  test('of a retry without a source names the sources on which the person may act', async () => {
    const claims = personWith(`${ACT}:site-a`);
    const request = { method: 'POST', body: { reason: 'auth_rejected' }, claims };
    const { status, body } = await requestApi(await worldWith(SOURCES), '/v1/series/retry', request);
    expect([status, body['detail']]).toEqual([403, expect.stringContaining('(site-a)')]);
  });
});

test('who has roles for every source sees what has none', async () => {
  const world = await worldWith(SOURCES);
  await requestApi(world, '/v1/dead-letters/redrive', { method: 'POST', body: {}, claims: personWith(ACT) });
  const { body } = await requestApi(world, '/v1/actions', { claims: personWith(READ) });
  expect(body['items']).toHaveLength(SOURCES.length + 1);
});

test('a person learns what he may do', async () => {
  const claims = personWith(`${READ}:site-b`, `${ACT}:site-a`);
  expect((await requestApi(newWorld(), '/v1/me', { claims })).body).toEqual({
    by: 'https://login.hospital.example#u-1',
    read: { isAll: false, sources: ['site-a', 'site-b'] },
    act: { isAll: false, sources: ['site-a'] },
    phi: { isAll: false, sources: [] },
  });
});
