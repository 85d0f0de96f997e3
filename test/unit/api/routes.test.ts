import { describe, expect, test } from 'vitest';
import { finish } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, SERIES, STUDY } from '../../support/world/scans.ts';
import { completedSeries, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { type Request, requestApi } from './ask-api.ts';

async function done(world: World, resultFiles = ['result.json', 'files/pdf/0']) {
  await computingSeries(world);
  const outcome = { resultFiles, triageStatus: 'routine' as const };
  const series = finish(await seriesIn(world, 'COMPUTING'), outcome, world.clock.instant());
  world.series.seed({ ...series, outbox: [] });
  world.compute.sent.length = 0;
}

describe('reading', () => {
  test('counts the rows of a receiving series', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    const answer = await requestApi(world, `/v1/series/${SERIES}`);
    expect(answer).toMatchObject({
      status: 200,
      type: 'application/json',
      body: { state: 'RECEIVING', instances: 2 },
    });
  });

  test('filters and pages the listing', async () => {
    const world = newWorld();
    await completedSeries(world);
    const one = await seriesIn(world, 'COMPLETE');
    for (let at = 0; at < 4; at += 1) world.series.seed({ ...one, seriesInstanceUid: `1.2.${at}` });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '2', state: 'COMPLETE', ...(cursor === undefined ? {} : { cursor }) };
      const { body } = await requestApi(world, '/v1/series', { query });
      const page = body as { items: { seriesInstanceUid: string }[]; cursor?: string };
      seen.push(...page.items.map(({ seriesInstanceUid }) => seriesInstanceUid));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(['1.2.0', '1.2.1', '1.2.2', '1.2.3', SERIES].sort());
    expect((await requestApi(world, '/v1/series', { query: { study: STUDY } })).body).toMatchObject({
      items: { length: 5 },
    });
    expect((await requestApi(world, '/v1/series', { query: { source: 'other' } })).body).toEqual({
      items: [],
    });
  });

  test('returns results with their document and links', async () => {
    const world = newWorld();
    await done(world);
    const folder = `default/${STUDY}/${SERIES}/1/`;
    await world.results.put(`${folder}result.json`, Buffer.from('{"a":1}'), 'application/json');
    const answer = await requestApi(world, `/v1/series/${SERIES}/results`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        state: 'DONE',
        triageStatus: 'routine',
        results: [{ key: `${folder}result.json`, document: { a: 1 }, expiresAt: '2026-03-01T08:15:00.000Z' }],
        provenance: { key: `${folder}provenance.json`, url: expect.stringContaining('expires=900') },
        assets: [
          { key: `${folder}files/pdf/0`, type: 'pdf', index: 0, url: expect.stringContaining('expires=900') },
        ],
      },
    });
  });

  test('returns findings beside the results', async () => {
    const world = newWorld();
    await done(world, ['result.json', 'findings.json']);
    const folder = `default/${STUDY}/${SERIES}/1/`;
    await world.results.put(`${folder}result.json`, Buffer.from('{"a":1}'), 'application/json');
    await world.results.put(`${folder}findings.json`, Buffer.from('{"b":1}'), 'application/json');
    const { body } = await requestApi(world, `/v1/series/${SERIES}/results`);
    expect(body).toMatchObject({
      findings: { key: `${folder}findings.json`, document: { b: 1 } },
      results: [{ key: `${folder}result.json` }],
    });
    expect((body as { results: object[] }).results).toHaveLength(1);
  });

  test('names the instance of each X-ray result', async () => {
    const world = newWorld();
    await done(world, ['result.1.2.json', 'files/1.2/pdf/0']);
    expect((await requestApi(world, `/v1/series/${SERIES}/results`)).body).toMatchObject({
      results: [{ sopInstanceUid: '1.2' }],
      assets: [{ sopInstanceUid: '1.2', type: 'pdf' }],
    });
  });

  test('lists keys and reasons of the quarantine', async () => {
    const world = newWorld();
    world.drop.put(keyOf(1), Buffer.from('no scan'));
    await index(world, [keyOf(1)]);
    expect((await requestApi(world, '/v1/quarantine')).body).toMatchObject({
      items: [{ key: keyOf(1), reason: 'not_dicom' }],
    });
  });

  test('reports a stopped source in health', async () => {
    const world = newWorld();
    expect((await requestApi(world, '/v1/health')).body).toMatchObject({
      status: 'ok',
      sources: [{ name: 'default' }],
    });
    const { since } = await stopSource(world);
    expect((await requestApi(world, '/v1/health')).body).toMatchObject({
      status: 'degraded',
      sources: [{ name: 'default', stopped: 'auth_rejected', since }],
    });
  });

  test('reports the prefix of a misconfigured source in health', async () => {
    const world = newWorld();
    world.misconfiguredPrefixes = ['second/'];
    expect((await requestApi(world, '/v1/health')).body).toMatchObject({
      status: 'degraded',
      misconfiguredPrefixes: ['second/'],
    });
  });

  test('serves the OpenAPI document', async () => {
    expect((await requestApi(newWorld(), '/openapi.json')).body).toHaveProperty('openapi');
  });
});

describe('results that Qure should not have given', () => {
  test.each([
    ['nested deeper than can be written', `{"result":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['of numbers that grow when they are written', `[${'1e20,'.repeat(500_000)}0]`],
  ])('%s are there by their link alone', async (_name, text) => {
    const world = newWorld();
    await done(world);
    const key = `default/${STUDY}/${SERIES}/1/result.json`;
    await world.results.put(key, Buffer.from(text), 'application/json');
    const answer = await requestApi(world, `/v1/series/${SERIES}/results`);
    expect(answer.status).toBe(200);
    const { results } = answer.body as { results: object[] };
    expect(results).toEqual([{ key, url: expect.any(String), expiresAt: expect.any(String) }]);
  });
});

describe('problems', () => {
  test('repeats a bounded part of the unknown names of a body', async () => {
    const body = JSON.stringify(
      Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`name-${at}`, 1])),
    );
    const answer = await requestApi(newWorld(), `/v1/series/${SERIES}/retry`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect((answer.body as { detail: string }).detail.length).toBeLessThanOrEqual(1000);
  });

  const PROBLEMS: { name: string; path: string; request?: Request; status: number }[] = [
    { name: 'no such path', path: '/v2/series', status: 404 },
    { name: 'a hostile UID', path: '/v1/series/..%2F..%2Fx', status: 400 },
    { name: 'a broken encoding', path: '/v1/series/%E0%A4%A', status: 400 },
    { name: 'a state that is none', path: '/v1/series', request: { query: { state: 'LOST' } }, status: 400 },
    { name: 'a limit of 0', path: '/v1/series', request: { query: { limit: '0' } }, status: 400 },
    { name: 'a study that is no UID', path: '/v1/series', request: { query: { study: 'x' } }, status: 400 },
    {
      name: 'a cursor that nobody gave',
      path: '/v1/series',
      request: { query: { cursor: 'e30' } },
      status: 400,
    },
    {
      name: 'a made-up cursor that the table would refuse',
      path: '/v1/series',
      request: { query: { cursor: Buffer.from('{"changedAt":"","pk":"x"}').toString('base64url') } },
      status: 400,
    },
    {
      name: 'a made-up cursor without a key',
      path: '/v1/quarantine',
      request: {
        query: {
          cursor: Buffer.from('{"changedAt":"2026-03-01T08:00:00.000Z","pk":""}').toString('base64url'),
        },
      },
      status: 400,
    },
    {
      name: 'the same of the quarantine',
      path: '/v1/quarantine',
      request: { query: { cursor: '!' } },
      status: 400,
    },
    {
      name: 'a retry that is no JSON',
      path: `/v1/series/${SERIES}/retry`,
      request: { method: 'POST', body: '{' },
      status: 400,
    },
    { name: 'results before there are any', path: `/v1/series/${SERIES}/results`, status: 404 },
    {
      name: 'a retry of what is worked on',
      path: `/v1/series/${SERIES}/retry`,
      request: { method: 'POST' },
      status: 409,
    },
  ];
  test.each(PROBLEMS)('$name: $status', async ({ path, request, status }) => {
    const world = newWorld();
    await completedSeries(world);
    const answer = await requestApi(world, path, request);
    expect(answer).toMatchObject({
      status,
      type: 'application/problem+json',
      body: { status, type: 'about:blank' },
    });
  });

  test('names the allowed methods with 405', async () => {
    const { headers } = await requestApi(newWorld(), `/v1/series/${SERIES}/retry`);
    expect(headers?.['allow']).toBe('POST');
  });

  test('asks for the source of a UID under several sources', async () => {
    const world = newWorld({ sources: [sourceNamed('default'), sourceNamed('second')] });
    await completedSeries(world);
    world.series.seed({ ...(await seriesIn(world, 'COMPLETE')), source: 'second' });
    const answer = await requestApi(world, `/v1/series/${SERIES}`);
    expect(answer.status).toBe(409);
    expect(JSON.stringify(answer.body)).toContain('default, second');
    const query = { source: 'second' };
    expect((await requestApi(world, `/v1/series/${SERIES}`, { query })).body).toMatchObject({
      source: 'second',
    });
  });

  test('answers 500 without details during an outage', async () => {
    const world = newWorld();
    breakCalls(world.probe, 'series.list', 'before');
    const answer = await requestApi(world, '/v1/series');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('broken');
  });
});

describe('retry', () => {
  test('queues the job of a new generation', async () => {
    const world = newWorld();
    await done(world);
    const answer = await requestApi(world, `/v1/series/${SERIES}/retry`, {
      method: 'POST',
      body: '{"recompute":true}',
    });
    expect(answer).toMatchObject({ status: 202, body: { state: 'COMPLETE', generation: 2 } });
    const { ticket } = await seriesIn(world, 'COMPLETE');
    expect(world.compute.sent).toEqual([{ message: { ...ID, ticket, tries: 0 }, delaySeconds: 0 }]);
  });

  test('starts over on a conflict', async () => {
    const world = newWorld();
    await done(world);
    world.probe.before = async ({ name }) => {
      if (name !== 'series.save') return;
      world.probe.before = undefined;
      world.series.seed({ ...(await seriesIn(world, 'DONE')), version: 99 });
    };
    await requestApi(world, `/v1/series/${SERIES}/retry`, { method: 'POST', body: '{"recompute":true}' });
    expect((await seriesIn(world, 'COMPLETE')).version).toBe(100);
  });

  test.each([
    { name: 'has the next series be the probe where calls are stopped', isStopped: true },
    { name: 'stops nothing where they are not', isStopped: false },
  ])('$name', async ({ isStopped }) => {
    const world = newWorld();
    await done(world);
    if (isStopped) await stopSource(world);
    await requestApi(world, `/v1/series/${SERIES}/retry`, { method: 'POST', body: '{"recompute":true}' });
    const nextProbeAt = isStopped ? world.clock.instant() : undefined;
    expect(world.sourceStates.of('default').stop?.nextProbeAt).toBe(nextProbeAt);
  });

  test('sends the message of a series that waits for its stopped source at once', async () => {
    const world = newWorld();
    await completedSeries(world);
    const until = world.clock.instant();
    const heldBack = { reason: 'license_expired' as const, since: until, until };
    const waiting = { ...(await seriesIn(world, 'COMPLETE')), heldBack };
    world.series.seed(waiting);
    await stopSource(world, { reason: 'license_expired' });
    world.compute.sent.length = 0;
    const answer = await requestApi(world, `/v1/series/${SERIES}/retry`, { method: 'POST' });
    expect(answer).toMatchObject({ status: 202, body: { state: 'COMPLETE' } });
    expect(await seriesIn(world, 'COMPLETE')).toEqual(waiting);
    const { ticket } = waiting;
    expect(world.compute.sent).toEqual([{ message: { ...ID, ticket, tries: 0 }, delaySeconds: 0 }]);
    expect(world.sourceStates.of('default').stop?.nextProbeAt).toBe(until);
  });
});
