import { expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import type { KeptPatient, PatientText } from '../../../functions/instances/kept-patient.ts';
import { patientHasher } from '../../../functions/instances/patient-hash.ts';
import { PatientKms } from '../../support/patient-kms.ts';
import { doneRow, instanceRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { PATIENT_KEY, sourceNamed, type World } from '../../support/world/world.ts';
import { askApi, personWith, type Request, requestApi } from './ask-api.ts';

const UID = '1.2.3.2';
const ID = { source: 'siteA', seriesInstanceUid: UID };
const PATH = `/v1/series/${UID}/patient`;
const JANE: PatientText = { patientName: '<b>Doe</b>^Jane', patientId: '4711' };
const hash = patientHasher(PATIENT_KEY);
const OF_JANE = hash({ patientId: '4711' });

async function worldOf(kms: PatientKms, overrides: Partial<KeptPatient> = {}): Promise<World> {
  const world = newWorld({ sources: [sourceNamed('siteA')] });
  world.series.seed(doneRow());
  const { keyId } = kms;
  const sealed = await kms.sealer.seal(ID, JANE);
  const kept = { sealed, keyId, patientHash: OF_JANE, textHash: 'k.t', ...overrides };
  await world.deps.patients.put(ID, kept);
  return world;
}

const ask = (world: World, kms: PatientKms, request: Request = {}) =>
  requestApi(world, PATH, { method: 'POST', body: {}, openPatient: kms.opener, ...request });

const actionsOf = async (world: World) =>
  (await askApi(world, `/v1/series/${UID}`)).body['actions'] as Record<string, unknown>[];

test('shows name and ID of one series, which is an action of who asked', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  const answer = await ask(world, kms, {
    claims: personWith('qure-dropoff:phi:siteA'),
    body: { comment: 'ward 7' },
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...ID, ...JANE });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(await actionsOf(world)).toEqual([
    {
      id: 'action-1',
      at: world.clock.instant(),
      by: 'https://login.hospital.example#u-1',
      kind: 'view_patient',
      request: {},
      comment: 'ward 7',
      series: ID,
    },
  ]);
});

test('shows nothing, and decrypts nothing, when the action cannot be recorded', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  breakCalls(world.probe, 'audit.add', 'before');
  const { status, body } = await ask(world, kms);
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toMatch(/Doe|4711/);
  expect(kms.calls).not.toContain('Decrypt');
});

test('is in no other answer of the API', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  for (const path of [
    '/v1/series',
    '/v1/studies',
    `/v1/series/${UID}`,
    `/v1/series/${UID}/results`,
    '/v1/actions',
  ]) {
    const { body } = await requestApi(world, path, { openPatient: kms.opener });
    expect(JSON.stringify(body)).not.toMatch(/Doe|4711/);
  }
});

test('a deployment that hides answers 404 and says how to change it, also where a row is left', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  const { status, body } = await askApi(world, PATH, { method: 'POST', body: {} });
  expect([status, body['title']]).toEqual([404, 'Patients are not shown']);
  expect(body['detail']).toContain("phi: 'show'");
  expect(await actionsOf(world)).toEqual([]);
});

test('a GET shows nothing', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  expect((await ask(world, kms, { method: 'GET' })).status).toBe(405);
  expect(kms.calls).not.toContain('Decrypt');
});

test('a series without a row, one that has expired, and an unknown series are 404, and no action', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms, { expiresAt: '2026-01-01T00:00:00.000Z' });
  expect(await ask(world, kms)).toMatchObject({ status: 404, body: { title: 'No patient is kept' } });
  world.series.seed(doneRow({ seriesInstanceUid: '1.2.3.9' }));
  for (const [uid, title] of [
    ['1.2.3.9', 'No patient is kept'],
    ['1.2.3.99', 'Not Found'],
  ])
    expect(
      await requestApi(world, `/v1/series/${uid}/patient`, { method: 'POST', openPatient: kms.opener }),
    ).toMatchObject({ status: 404, body: { title } });
  expect(await actionsOf(world)).toEqual([]);
});

test.each<[string, string[], Partial<KeptPatient>]>([
  ['instances of two patients', ['4711', '4712'], {}],
  ['a row that is of another patient than the instances', ['4712'], {}],
  ['a row of one of three', ['1', '2', '3'], { patientHash: hash({ patientId: '2' }) }],
])('shows none for %s', async (_what, patients, overrides) => {
  const kms = new PatientKms();
  const world = await worldOf(kms, overrides);
  await world.instances.put(
    patients.map((patientId, at) => ({
      ...instanceRow(at + 1),
      studyInstanceUid: doneRow().studyInstanceUid,
      patientHash: hash({ patientId }),
    })),
  );
  const { status, body } = await ask(world, kms);
  expect([status, body['title']]).toEqual([409, 'Several patients']);
  expect(kms.calls).not.toContain('Decrypt');
  expect(await actionsOf(world)).toEqual([]);
});

test('what is under a key that cannot be used any more says so; an outage of KMS may be asked again', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  const other = new PatientKms('1e'.repeat(32));
  expect(await ask(world, other)).toMatchObject({ status: 409, body: { title: 'Not readable' } });
  kms.outage = Object.assign(new Error('4711'), { name: 'TimeoutError' });
  const { status, body } = await ask(world, kms);
  expect(status).toBe(500);
  expect(JSON.stringify([body, world.log])).not.toMatch(/4711|Doe/);
});

test('the page learns that patients are shown, and only then', async () => {
  const kms = new PatientKms();
  const world = await worldOf(kms);
  const config = async (request: Request) => (await requestConfig(world, request))['phi'];
  expect(await config({ openPatient: kms.opener })).toBe('show');
  expect(await config({})).toBeUndefined();
});

async function requestConfig(world: World, { openPatient }: Request) {
  const handler = createHandler({ ...world.deps, ...(openPatient && { openPatient }) });
  const event = {
    version: '2.0',
    rawPath: '/console/config.json',
    headers: {},
    requestContext: { apiId: 'local', http: { method: 'GET', path: '/console/config.json' } },
  };
  const { body } = await handler(event as unknown as Parameters<typeof handler>[0]);
  return JSON.parse(body ?? '') as Record<string, unknown>;
}
