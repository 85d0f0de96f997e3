import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ResultsMessage } from '../../../functions/series/messages.ts';
import { STAGE_GRACE_SECONDS } from '../../../functions/series/series-parts.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { asset, computeAnswer, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { TABLE } from '../../support/world/world-stores.ts';
import { runCompute, uploaded } from '../delivery/run-compute.ts';
import { runPoll } from './run-poll.ts';

const { pollIntervalSeconds: _fixed, ...LEARNING } = sourceNamed('default');
const PROCESSING = resultsAnswer(202, { message: 'under process' });
const READY = resultsAnswer(200, resultBody({ pdf: ['https://assets.example/report.pdf?sig=1'] }));
const HEAD_CTS = Array.from({ length: 20 }, () => 100);

let world: World;
beforeEach(() => {
  world = newWorld({ sources: [LEARNING] });
  world.qure.assets.always(({ url }) => asset(url));
});

async function know(times: readonly number[]): Promise<void> {
  const { version } = await world.computingTimes.load('default', 'qER');
  await world.computingTimes.save({ source: 'default', product: 'qER', times, version });
}

async function knownTimes() {
  return (await world.computingTimes.load('default', 'qER')).times;
}

/** Qure has accepted the series; answers the delay of the first poll. */
async function compute(status = 200): Promise<number> {
  await uploaded(world);
  world.qure.computes.next(computeAnswer(status));
  await runCompute(world);
  return world.polls.sent.at(-1)?.delaySeconds ?? Number.NaN;
}

/** The poll that waits in the queue comes at its time, or later; answers the delay of the next one. */
async function poll(answer = PROCESSING, lateSeconds = 0, change: Partial<ResultsMessage> = {}) {
  const sent = world.polls.sent.at(-1);
  if (sent === undefined) throw new Error('expected a poll to wait');
  world.clock.advance(sent.delaySeconds + lateSeconds);
  world.qure.seriesResults.next(answer);
  await runPoll(world, { ...sent.message, ...change });
  const next = world.polls.sent.at(-1);
  return next === sent ? undefined : next?.delaySeconds;
}

describe('the polls of a source that names no interval', () => {
  test('go by what is usual until 20 results are known', async () => {
    expect(await compute()).toBe(23);
    const row = await seriesIn(world, 'COMPUTING');
    expect(row.pollPlan).toEqual({
      basis: 'default',
      medianSeconds: 90,
      firstSeconds: 22.5,
      knownResults: 0,
    });
    expect(await poll()).toBe(3);
    expect(await poll()).toBe(4);
  });

  test('go by how long Qure has computed of late, and the row says so', async () => {
    await know(HEAD_CTS);
    expect(await compute()).toBe(60);
    const row = await seriesIn(world, 'COMPUTING');
    expect(row.pollPlan).toEqual({
      basis: 'learned',
      medianSeconds: 100,
      firstSeconds: 60,
      knownResults: 20,
    });
    expect([await poll(), await poll(), await poll()]).toEqual([12, 12, 12]);
    // What is learned meanwhile is for the next series.
    await know(HEAD_CTS.map(() => 10));
    expect(await poll()).toBe(12);
  });

  test('are not disturbed by the sweep before the first of them', async () => {
    await know(HEAD_CTS.map(() => 1_000));
    expect(await compute()).toBe(60);
    const { changedAt, dueAt = '' } = await seriesIn(world, 'COMPUTING');
    expect(dueAt >= addSeconds(changedAt, 60 + STAGE_GRACE_SECONDS)).toBe(true);
  });

  test('wait for as long as Qure asks for', async () => {
    await know(HEAD_CTS);
    await compute();
    expect(await poll(resultsAnswer(202, { message: 'under process' }, { 'retry-after': '40' }))).toBe(40);
    expect(await poll(resultsAnswer(429, {}, { 'retry-after': '200' }))).toBeGreaterThanOrEqual(200);
    // 301 s after the start: the schedule goes on where the time is.
    expect(await poll()).toBe(12);
  });

  test('end with the time in which results are waited for', async () => {
    world.sources = [{ ...LEARNING, resultsTimeoutSeconds: 65 }];
    await know(HEAD_CTS);
    expect(await compute()).toBe(60);
    expect(await poll()).toBe(5);
    await poll();
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'results_timeout' });
  });

  test('begin at once where Qure was asked before, and then go by the plan', async () => {
    await know(HEAD_CTS);
    expect(await compute(304)).toBe(3);
    expect(await poll()).toBe(57);
  });

  test('of a row that an earlier version has written go by what is usual', async () => {
    await know(HEAD_CTS);
    await compute();
    const { pollPlan: _later, ...row } = await seriesIn(world, 'COMPUTING');
    await world.series.save(row);
    expect(await poll()).toBe(9);
    await poll(READY);
    await seriesIn(world, 'DONE');
    expect(await knownTimes()).toEqual(HEAD_CTS);
  });
});

describe('the polls of a source that names an interval', () => {
  test('go by it, whatever is known, and nothing is learned', async () => {
    world.sources = [sourceNamed('default', { pollIntervalSeconds: 2 })];
    await know(HEAD_CTS);
    expect(await compute()).toBe(2);
    expect([await poll(), await poll(), await poll()]).toEqual([2, 3, 4]);
    await poll(READY);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('pollPlan');
    expect(await knownTimes()).toEqual(HEAD_CTS);
  });
});

describe('a result that is stored', () => {
  test('is learned as the middle of the two polls between which it came, without the time of its assets', async () => {
    await know(HEAD_CTS);
    await compute();
    await poll();
    world.qure.assets.always(({ url }) => {
      world.clock.advance(50);
      return asset(url);
    });
    await poll(READY);
    expect(await knownTimes()).toEqual([...HEAD_CTS, 66]);
    expect((await seriesIn(world, 'DONE')).pollPlan?.basis).toBe('learned');
  });

  test('at the first poll is learned as at most that', async () => {
    await know(HEAD_CTS);
    await compute();
    await poll(READY);
    expect(await knownTimes()).toEqual([...HEAD_CTS, -60]);
  });

  test.each([
    { name: 'after the first poll came late', late: 30, change: {} },
    { name: 'after a poll that failed', late: 0, change: { failures: 1 } },
    { name: 'when some of its assets had been stored before', late: 0, change: { assetTries: 1 } },
  ])('is not learned $name', async ({ late, change }) => {
    await know(HEAD_CTS);
    await compute();
    await poll(READY, late, change);
    await seriesIn(world, 'DONE');
    expect(await knownTimes()).toEqual(HEAD_CTS);
  });

  test.each([
    { name: 'a later generation', change: { generation: 2 } },
    { name: 'a series that Qure had lost', change: { restarts: 1 } },
  ])('is not learned of $name', async ({ change }) => {
    await know(HEAD_CTS);
    await compute();
    await world.series.save({ ...(await seriesIn(world, 'COMPUTING')), ...change });
    await poll();
    await poll(READY);
    await seriesIn(world, 'DONE');
    expect(await knownTimes()).toEqual(HEAD_CTS);
  });

  test('is not learned where Qure says that it was asked before', async () => {
    await know(HEAD_CTS);
    await compute(304);
    await poll(READY);
    await seriesIn(world, 'DONE');
    expect(await knownTimes()).toEqual(HEAD_CTS);
  });

  test('is learned once where its message comes twice', async () => {
    await know(HEAD_CTS);
    await compute();
    await poll();
    const message = lastOf(world.polls.sent);
    await poll(READY);
    await runPoll(world, message);
    expect(await knownTimes()).toHaveLength(21);
  });

  test('is done although another run has learned at the same time', async () => {
    await know(HEAD_CTS);
    await compute();
    await poll();
    world.probe.before = async ({ name }) => {
      if (name !== 'computingTimes.save') return;
      world.probe.before = undefined;
      await know([...HEAD_CTS, 44]);
    };
    await poll(READY);
    await seriesIn(world, 'DONE');
    expect(await knownTimes()).toEqual([...HEAD_CTS, 44]);
  });

  test('is done although the row cannot be read', async () => {
    await compute();
    breakCalls(world.probe, 'computingTimes.load', 'before');
    await expect(poll(READY)).rejects.toThrow('the message failed');
    const done = await seriesIn(world, 'DONE');
    expect(done.outbox).toEqual([]);
    await runPoll(world, lastOf(world.polls.sent));
    expect(await seriesIn(world, 'DONE')).toEqual(done);
  });
});

describe('a row of known times that cannot be read', () => {
  test.each([
    { name: 'of a later version', row: { times: { p50: 90 }, version: 7 } },
    { name: 'without a version', row: { times: [90] } },
    { name: 'with what is no time', row: { times: [90, 'soon'], version: 7 } },
  ])('$name counts for nothing, and is left as it is', async ({ row }) => {
    const key = { pk: 'SOURCE#default', sk: 'COMPUTING#qER' };
    world.table.execute(new PutCommand({ TableName: TABLE, Item: { ...key, ...row } }));
    expect(await compute()).toBe(23);
    await poll();
    await poll(READY);
    await seriesIn(world, 'DONE');
    const [kept] = [...world.table.rows()].filter(({ sk }) => sk === key.sk);
    expect(kept).toMatchObject(row);
  });
});

test.each([
  [0, 54],
  [0.999, 66],
])('the polls of a batch are spread: %d', async (random, delaySeconds) => {
  world = newWorld({ sources: [LEARNING], random: () => random });
  await know(HEAD_CTS);
  expect(await compute()).toBe(delaySeconds);
});
