import { describe, expect, test } from 'vitest';
import { addSeconds } from '../../../functions/shared/time.ts';
import { doneRow, failedRow } from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { askApi, post, requestApi } from './ask-api.ts';

const UID = '1.2.3.2';
const RETRY = `/v1/series/${UID}/retry`;

function withSeries(): World {
  const world = newWorld({ sources: [sourceNamed('siteA')] });
  world.series.seed(doneRow());
  return world;
}

async function actionsOf(world: World, path = '/v1/actions', query: Record<string, string> = {}) {
  const { body } = await askApi(world, path, { query });
  return (body['items'] ?? body['actions']) as Record<string, unknown>[];
}

describe('what a person does', () => {
  test('is in the list of actions and in the series: who, when, what and why', async () => {
    const world = withSeries();
    const comment = 'the scanner was <off>\u2028again';
    await requestApi(world, RETRY, {
      method: 'POST',
      body: { recompute: true, comment },
      by: 'arn:aws:iam::1:user/jo',
    });
    const action = {
      id: 'action-1',
      at: world.clock.instant(),
      by: 'arn:aws:iam::1:user/jo',
      kind: 'retry',
      request: { recompute: true },
      comment,
      series: { source: 'siteA', seriesInstanceUid: UID },
    };
    expect(await actionsOf(world)).toEqual([action]);
    expect(await actionsOf(world, `/v1/series/${UID}`)).toEqual([action]);
  });

  test.each<[string, string, object, object]>([
    ['redrive', '/v1/dead-letters/redrive', { stage: 'compute' }, { stage: 'compute', limit: 1000 }],
    [
      'upload_links',
      '/v1/uploads',
      { source: 'siteA', count: 2 },
      { source: 'siteA', count: 2, folder: 'siteA/upload-folder-1/' },
    ],
    [
      'retry_many',
      '/v1/series/retry',
      { reason: 'auth_rejected' },
      { reason: 'auth_rejected', state: 'FAILED', limit: 200 },
    ],
  ])('%s is in the list of actions', async (kind, path, body, request) => {
    const world = withSeries();
    world.series.seed(failedRow({ seriesInstanceUid: '1.2.3.9' }));
    await post(world, path, { ...body, comment: 'because' });
    expect(await actionsOf(world)).toEqual([
      expect.objectContaining({
        kind,
        by: 'direct',
        comment: 'because',
        request: expect.objectContaining(request),
      }),
    ]);
  });

  test('to many series is in each of them, and once in the list', async () => {
    const world = newWorld({ sources: [sourceNamed('siteA')] });
    for (let n = 0; n < 3; n += 1) world.series.seed(failedRow({ seriesInstanceUid: `1.2.${n}` }));
    await post(world, '/v1/series/retry', { source: 'siteA', comment: 'licence renewed' });
    expect(await actionsOf(world)).toEqual([expect.objectContaining({ id: 'action-1', kind: 'retry_many' })]);
    for (let n = 0; n < 3; n += 1) {
      expect(await actionsOf(world, `/v1/series/1.2.${n}`)).toEqual([
        expect.objectContaining({ kind: 'retry', partOf: 'action-1', comment: 'licence renewed' }),
      ]);
    }
  });

  test('and is refused is no action', async () => {
    const world = withSeries();
    expect((await post(world, RETRY, {})).status).toBe(409);
    expect((await post(world, '/v1/uploads', { source: 'nobody', count: 1 })).status).toBe(404);
    expect((await post(world, '/v1/dead-letters/redrive', { stage: 'none' })).status).toBe(400);
    expect((await post(world, '/v1/series/retry', { source: 'siteA' })).body).toMatchObject({ retried: 0 });
    expect(await actionsOf(world)).toEqual([]);
  });

  test('does not happen where it cannot be written down', async () => {
    const world = withSeries();
    breakCalls(world.probe, 'audit.add', 'before', 9);
    expect((await post(world, RETRY, { recompute: true })).status).toBe(500);
    expect((await world.series.findByUid(UID))[0]?.state).toBe('DONE');
    expect((await post(world, '/v1/uploads', { source: 'siteA', count: 1 })).status).toBe(500);
    world.series.seed(failedRow({ seriesInstanceUid: '1.2.3.9' }));
    expect((await post(world, '/v1/series/retry', { source: 'siteA' })).status).toBe(500);
  });

  test('is written once, however often its series changes meanwhile', async () => {
    const world = withSeries();
    let conflicts = 2;
    world.probe.before = ({ name }) => {
      if (name !== 'series.save' || conflicts === 0) return;
      conflicts -= 1;
      world.series.seed(doneRow({ version: 90 - conflicts }));
    };
    await post(world, RETRY, { recompute: true });
    expect(await actionsOf(world, `/v1/series/${UID}`)).toHaveLength(1);
    expect(await actionsOf(world)).toHaveLength(1);
  });

  test.each([[''], ['x'.repeat(501)], [7]])('the comment %o is refused by name', async (comment) => {
    const answer = await post(withSeries(), RETRY, { recompute: true, comment });
    expect([answer.status, String(answer.body['detail'])]).toEqual([
      400,
      expect.stringMatching(/^comment: /),
    ]);
  });

  test('half a character of a comment is no reason to fail', async () => {
    const world = withSeries();
    expect(
      (await requestApi(world, RETRY, { method: 'POST', body: '{"recompute":true,"comment":"a\\ud800"}' }))
        .status,
    ).toBe(202);
    expect(await actionsOf(world)).toEqual([expect.objectContaining({ comment: 'a\ufffd' })]);
  });
});

describe('the list of actions', () => {
  const add = (world: World, at: string) =>
    world.audit.add({
      id: `of-${at.slice(0, 10)}-${at.slice(11, 13)}`,
      at,
      by: 'local',
      kind: 'redrive',
      request: {},
    });

  test('goes back day by day, and pages', async () => {
    const world = newWorld();
    const now = world.clock.instant();
    const times = [0, 1, 2, 30, 50, 700].map((hours) => addSeconds(now, -3600 * hours));
    for (const at of times) await add(world, at);
    for (const limit of ['100', '1', '2']) {
      const seen: unknown[] = [];
      let cursor: string | undefined;
      do {
        const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
        const { body } = await askApi(world, '/v1/actions', { query });
        seen.push(...(body['items'] as { at: string }[]).map(({ at }) => at));
        cursor = body['cursor'] as string | undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(times);
    }
    const query = { since: times[3] ?? '', until: times[1] ?? '' };
    expect((await actionsOf(world, '/v1/actions', query)).map(({ at }) => at)).toEqual([times[2], times[3]]);
  });

  test('reads a bounded number of days for one page', async () => {
    const world = newWorld();
    await add(world, '2025-01-01T00:00:00.000Z');
    const query = { since: '2025-01-01T00:00:00Z', until: '2025-03-01T00:00:00Z' };
    const first = await askApi(world, '/v1/actions', { query });
    expect(first.body).toEqual({ items: [], cursor: expect.any(String) });
    const next = { ...query, cursor: String(first.body['cursor']) };
    expect((await askApi(world, '/v1/actions', { query: next })).body).toMatchObject({
      items: { length: 1 },
    });
  });

  test.each(['x', '2025-13-01~', '2025-01-01~x'])('refuses the cursor %o', async (place) => {
    const world = newWorld();
    await add(world, world.clock.instant());
    await add(world, addSeconds(world.clock.instant(), -3600));
    const { body } = await askApi(world, '/v1/actions', { query: { limit: '1' } });
    const cursor = `${String(body['cursor']).split('.', 1)[0]}.${place}`;
    expect((await askApi(world, '/v1/actions', { query: { limit: '1', cursor } })).status).toBe(400);
  });
});
