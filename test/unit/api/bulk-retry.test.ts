import { describe, expect, test } from 'vitest';
import type { FailureReason } from '../../../functions/series/series-facts.ts';
import { fail } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computingSeries, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { post } from './ask-api.ts';

const PATH = '/v1/series/retry';

/** So many failed series of a reason and source, besides those of the world; each of another second. */
async function failedSeries(world: World, count: number, reason: FailureReason, source = 'default') {
  const failed = fail(await seriesIn(world, 'COMPUTING'), { reason, detail: 'x' }, world.clock.instant());
  for (let at = 0; at < count; at += 1) {
    world.clock.advance(1);
    world.series.seed({
      ...failed,
      source,
      seriesInstanceUid: `1.2.${world.series.all().length}`,
      changedAt: world.clock.instant(),
      outbox: [],
    });
  }
}

async function filledWorld(): Promise<World> {
  const world = newWorld({ sources: [sourceNamed('default'), sourceNamed('second')] });
  await computingSeries(world);
  await failedSeries(world, 70, 'qure_unavailable');
  await failedSeries(world, 5, 'results_timeout');
  await failedSeries(world, 3, 'qure_unavailable', 'second');
  world.compute.sent.length = 0;
  return world;
}

const inState = (world: World, state: string) => world.series.all().filter((one) => one.state === state);

describe('POST /v1/series/retry', () => {
  test.each<{ name: string; body: object; retried: number }>([
    { name: 'a reason', body: { reason: 'qure_unavailable' }, retried: 73 },
    { name: 'a source', body: { source: 'default' }, retried: 75 },
    { name: 'both', body: { reason: 'qure_unavailable', source: 'second' }, retried: 3 },
    { name: 'a reason that none has', body: { reason: 'asset_download' }, retried: 0 },
    { name: 'another state', body: { source: 'default', state: 'UNSUPPORTED' }, retried: 0 },
  ])('retries every series of $name', async ({ body, retried }) => {
    const world = await filledWorld();
    expect(await post(world, PATH, body)).toEqual({
      status: 202,
      body: { retried, refused: 0, failed: 0, isComplete: true },
    });
    expect(inState(world, 'COMPLETE')).toHaveLength(retried);
    expect(inState(world, 'FAILED')).toHaveLength(78 - retried);
    expect(world.compute.sent).toHaveLength(retried);
  });

  test('refuses a source that nobody has, and names where to look', async () => {
    const answer = await post(await filledWorld(), PATH, { source: 'defualt' });
    expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining('/v1/health') } });
  });

  test('refuses a reason that does not exist, and names those that do', async () => {
    const answer = await post(await filledWorld(), PATH, { reason: 'qure_unavailabel' });
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^reason: expected one of .*qure_unavailable/) },
    });
  });

  test('takes a source with failed series that the document no longer has', async () => {
    const world = await filledWorld();
    world.sources = [sourceNamed('default')];
    expect(await post(world, PATH, { source: 'second' })).toMatchObject({
      status: 202,
      body: { refused: 3 },
    });
  });

  test('asks Qure to compute again where that is asked for', async () => {
    const world = await filledWorld();
    await post(world, PATH, { reason: 'results_timeout', recompute: true });
    expect(inState(world, 'COMPLETE')).toMatchObject(Array(5).fill({ generation: 2, isRecompute: true }));
  });

  test('ends at the limit, and continues from the cursor without a duplicate', async () => {
    const world = await filledWorld();
    let cursor: unknown;
    const retried: unknown[] = [];
    do {
      const more = cursor === undefined ? {} : { cursor };
      const { body } = await post(world, PATH, { source: 'default', limit: 40, ...more });
      retried.push(body['retried']);
      cursor = body['cursor'];
      expect(body['isComplete']).toBe(cursor === undefined);
    } while (cursor !== undefined);
    expect(retried).toEqual([40, 35]);
    expect(new Set(world.compute.sent.map(({ message }) => message.seriesInstanceUid)).size).toBe(75);
  });

  test('counts a removed source and an outage, and retries the rest', async () => {
    const world = await filledWorld();
    world.sources = [sourceNamed('default')];
    let broken = 2;
    world.probe.before = ({ name }) => {
      if (name !== 'series.save' || broken === 0) return;
      broken -= 1;
      throw new Error('down');
    };
    const { body } = await post(world, PATH, { reason: 'qure_unavailable' });
    expect(body).toEqual({ retried: 68, refused: 3, failed: 2, isComplete: true });
  });

  test('makes no additional call for series of a stopped source', async () => {
    const world = await filledWorld();
    const stop = await stopSource(world);
    await post(world, PATH, { source: 'default' });
    expect(world.sourceStates.of('default').stop).toEqual(stop);
  });

  test.each<{ name: string; body: object }>([
    { name: 'neither reason nor source', body: {} },
    { name: 'a cursor that nobody gave', body: { source: 'default', cursor: 'e30' } },
  ])('refuses $name', async ({ body }) => {
    const world = await filledWorld();
    expect((await post(world, PATH, body)).status).toBe(400);
    expect(world.compute.sent).toEqual([]);
  });
});
