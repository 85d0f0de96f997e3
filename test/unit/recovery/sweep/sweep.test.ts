import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { checkQuiet } from '../../../../functions/completion/check-quiet.ts';
import { createHandler } from '../../../../functions/handlers/sweep/handler.ts';
import { withEvent } from '../../../../functions/series/series-parts.ts';
import type { SeriesStore } from '../../../../functions/series/series-store.ts';
import { fail, startUploading } from '../../../../functions/series/transitions.ts';
import { addSeconds } from '../../../../functions/shared/time.ts';
import { completeRow } from '../../../support/series-rows.ts';
import { lambdaContext } from '../../../support/world/delivery.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { breakCalls, OutageError } from '../../../support/world/port-calls.ts';
import { resultBody, resultsAnswer } from '../../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../../support/world/scans.ts';
import { completedSeries, computingSeries, index, lastOf, seriesIn } from '../../../support/world/stages.ts';
import { START, type World } from '../../../support/world/world.ts';
import { runPoll } from '../../results/run-poll.ts';

function sweep(world: World, event: unknown = {}) {
  return createHandler(world.deps)(event, lambdaContext(world));
}

async function uploadingSeries(world: World) {
  await completedSeries(world);
  const complete = await seriesIn(world, 'COMPLETE');
  world.series.seed(startUploading(complete, world.source, world.clock.instant()));
}

function seriesPort({ series }: World): SeriesStore {
  return {
    load: (id) => series.load(id),
    save: (row) => series.save(row),
    touch: (arrival) => series.touch(arrival),
    rearm: (row, dueAt) => series.rearm(row, dueAt),
    heartbeat: (id, dueAt) => series.heartbeat(id, dueAt),
    postpone: (row, dueAt) => series.postpone(row, dueAt),
    due: (now, limit) => series.due(now, limit),
    list: (query) => series.list(query),
    count: (query) => series.count(query),
    addToIndex: (row) => series.addToIndex(row),
    findByUid: (uid) => series.findByUid(uid),
  };
}

describe('an overdue series', () => {
  test('receiving: gets the quiet message again, with the remaining time', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    world.clock.advance(181);
    expect(await sweep(world)).toEqual({ moved: 1 });
    const message = { kind: 'quiet', ...ID, ticket: 1 };
    expect(world.completion.sent.at(-1)).toEqual({ message, delaySeconds: 0 });
    expect((await seriesIn(world, 'RECEIVING')).dueAt).toBe('2026-03-01T08:07:00.000Z');
  });

  test('REQ-CRASH-1: complete: gets its job again, and a waiting job keeps its place', async () => {
    const world = newWorld();
    const message = await completedSeries(world);
    world.clock.advance(121);
    await sweep(world);
    expect(world.compute.sent.at(-1)).toEqual({ message, delaySeconds: 0 });
    expect((await seriesIn(world, 'COMPLETE')).ticket).toBe(message.ticket);
  });

  test('waiting for hours: gets its message again after doubling times, at most once an hour', async () => {
    const world = newWorld();
    await completedSeries(world);
    const sentAfterMinutes: number[] = [];
    for (let minute = 1; minute <= 240; minute += 1) {
      world.clock.advance(60);
      if ((await sweep(world)).moved === 1) sentAfterMinutes.push(minute);
    }
    expect(sentAfterMinutes).toEqual([2, 4, 8, 16, 32, 64, 124, 184]);
  });

  test('stays due if the run dies between the message and the row', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.clock.advance(121);
    breakCalls(world.probe, 'series.postpone', 'before');
    expect(await sweep(world)).toEqual({ moved: 0 });
    expect(await sweep(world)).toEqual({ moved: 1 });
  });

  test('computing: gets its poll again', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.clock.advance(121);
    await sweep(world);
    expect(world.polls.sent).toEqual([{ message, delaySeconds: 0 }]);
  });

  test('computing: its result is stored by a poll that has read the row before the sweep ends', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const row = await seriesIn(world, 'COMPUTING');
    // The sweep has an event of it to announce, too.
    world.series.seed({ ...row, outbox: withEvent(row, 'Series Computing').outbox });
    world.clock.advance(121);
    world.qure.seriesResults.next(resultsAnswer(200, resultBody()));
    const [hasAsked, isSwept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let poll: Promise<void> | undefined;
    world.probe.after = async ({ name }) => {
      if (name !== 'queues.sendResults') return;
      poll = runPoll(world, message);
      await hasAsked.promise;
    };
    world.probe.before = async ({ name }) => {
      if (name !== 'qure.seriesResults') return;
      hasAsked.resolve();
      await isSwept.promise;
    };
    expect(await sweep(world)).toEqual({ moved: 1 });
    isSwept.resolve();
    await poll;
    await seriesIn(world, 'DONE');
    const told = world.events.map(({ detailType }) => detailType);
    expect(told).toEqual(['Series Complete', 'Series Computing', 'Series Done']);
  });

  test('is skipped if it is not due, unless all series are requested', async () => {
    const world = newWorld();
    await completedSeries(world);
    expect(await sweep(world)).toEqual({ moved: 0 });
    expect(await sweep(world, { everything: true })).toEqual({ moved: 1 });
  });

  test('begins the quiet period again after a pause', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    world.clock.advance(1000);
    const waiting = { kind: 'quiet' as const, ...ID, ticket: 1 };
    await sweep(world, { everything: true });
    expect(world.completion.sent.at(-1)).toEqual({ message: { ...waiting, ticket: 2 }, delaySeconds: 60 });
    await checkQuiet(world.deps, waiting, world.source);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 2 });
  });

  test('the time of a pause is no silence: neither with a backlog nor for a longest wait', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    world.clock.advance(5000);
    await sweep(world, { everything: true });
    const { message } = world.completion.sent.at(-1) ?? {};
    if (message?.kind !== 'quiet') throw new Error('expected a quiet message');
    world.clock.advance(61);
    world.waitingDrops = 100;
    await checkQuiet(world.deps, message, world.source);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 3, lastArrivalAt: START });
    world.waitingDrops = 0;
    await checkQuiet(world.deps, { ...message, ticket: 3 }, world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ evidence: 'quiet', lastArrivalAt: START });
    expect(world.completion.sent.filter((sent) => sent.message.kind === 'ended')).toEqual([]);
  });

  test.each([
    { name: 'uploading', prepare: uploadingSeries, seconds: 3600, reason: 'qure_unavailable' },
    { name: 'computing', prepare: computingSeries, seconds: 86_400, reason: 'results_timeout' },
  ])('$name fails well after its deadline', async ({ prepare, seconds, reason }) => {
    const world = newWorld();
    await prepare(world);
    world.clock.advance(seconds + 600);
    await sweep(world);
    expect((await world.series.load(ID))?.state).not.toBe('FAILED');
    world.clock.advance(130);
    await sweep(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason });
  });

  test.each([
    { name: 'uploading', prepare: uploadingSeries, sent: (world: World) => world.compute.sent },
    { name: 'computing', prepare: computingSeries, sent: (world: World) => world.polls.sent },
  ])(
    '$name has its message once more where nobody looked until days after its deadline',
    async ({ prepare, sent }) => {
      const world = newWorld();
      await prepare(world);
      const { state } = (await world.series.load(ID)) ?? {};
      const before = sent(world).length;
      world.clock.advance(3 * 86_400);
      await sweep(world, { everything: true });
      expect((await world.series.load(ID))?.state).toBe(state);
      expect(sent(world).length).toBe(before + 1);
      world.clock.advance(3_601);
      await sweep(world);
      await seriesIn(world, 'FAILED');
      expect(sent(world).length).toBe(before + 1);
    },
  );

  test('a result that Qure had while the host was off is stored at its next start', async () => {
    const world = newWorld();
    await computingSeries(world);
    world.qure.seriesResults.always(resultsAnswer(200, resultBody()));
    world.clock.advance(3 * 86_400);
    await sweep(world, { everything: true });
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'DONE');
  });

  test('complete never fails: it waits in the queue', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.clock.advance(1_000_000);
    expect(await sweep(world)).toEqual({ moved: 1 });
    await seriesIn(world, 'COMPLETE');
  });

  test('is skipped on a conflict', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.compute.sent.length = 0;
    world.clock.advance(121);
    world.probe.before = async ({ name }) => {
      if (name === 'series.postpone')
        world.series.seed({ ...(await seriesIn(world, 'COMPLETE')), version: 99 });
    };
    expect(await sweep(world)).toEqual({ moved: 0 });
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ version: 99 });
  });

  test('REQ-TOLD-1: publishes the events of a final state, and clears dueAt', async () => {
    const world = newWorld();
    await completedSeries(world);
    const { instant } = world.clock;
    const failure = { reason: 'object_missing' as const, detail: 'gone' };
    world.series.seed(fail(await seriesIn(world, 'COMPLETE'), failure, instant.call(world.clock)));
    world.clock.advance(121);
    world.events.length = 0;
    await sweep(world);
    expect(world.events).toMatchObject([{ detailType: 'Series Failed' }]);
    expect(await seriesIn(world, 'FAILED')).not.toHaveProperty('dueAt');
    expect(await sweep(world)).toEqual({ moved: 0 });
  });

  test('is swept although another row cannot be', async () => {
    const world = newWorld();
    await completedSeries(world);
    const one = await seriesIn(world, 'COMPLETE');
    for (const seriesInstanceUid of ['1.2.1', '1.2.3']) world.series.seed({ ...one, seriesInstanceUid });
    world.clock.advance(121);
    world.probe.before = ({ name, args }) => {
      const isPoisonous = JSON.stringify(args).includes('"1.2.1"');
      if (name === 'series.load' && isPoisonous) throw new OutageError('the row cannot be read');
    };
    expect(await sweep(world)).toEqual({ moved: 2 });
    expect(world.log.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'series could not be swept', fields: { seriesInstanceUid: '1.2.1' } },
    ]);
  });

  test('is checked by its row if the index is behind', async () => {
    const world = newWorld();
    await completedSeries(world);
    const sent = world.compute.sent.length;
    world.clock.advance(121);
    world.probe.after = async ({ name }) => {
      if (name !== 'series.due') return;
      world.probe.after = undefined;
      await world.series.heartbeat(ID, addSeconds(world.clock.instant(), 60));
    };
    expect(await sweep(world)).toEqual({ moved: 0 });
    expect(world.compute.sent).toHaveLength(sent);
  });

  test('is skipped if its row does not exist', async () => {
    const world = newWorld();
    const deps = { ...world.deps, series: { ...seriesPort(world), due: async () => [ID] } };
    expect(await createHandler(deps)({}, lambdaContext(world))).toEqual({ moved: 0 });
  });

  test('is not begun without time', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.clock.advance(121);
    world.remainingMs = 10_000;
    expect(await sweep(world)).toEqual({ moved: 0 });
  });

  test('is swept beyond one page', async () => {
    const world = newWorld();
    await completedSeries(world);
    const one = await seriesIn(world, 'COMPLETE');
    for (let at = 0; at < 150; at += 1) world.series.seed({ ...one, seriesInstanceUid: `1.2.${at}` });
    world.clock.advance(121);
    expect(await sweep(world)).toEqual({ moved: 151 });
  });
});

test('is swept beside others, at most sixteen at once', async () => {
  const world = newWorld();
  for (let number = 1; number <= 40; number += 1) {
    const seriesInstanceUid = `1.2.3.${number}`;
    world.series.seed(completeRow({ source: 'default', seriesInstanceUid, changedAt: START, dueAt: START }));
  }
  world.clock.advance(60);
  let running = 0;
  let most = 0;
  const load: SeriesStore['load'] = async (id) => {
    running += 1;
    most = Math.max(most, running);
    await setImmediate();
    running -= 1;
    return world.series.load(id);
  };
  const series = { ...seriesPort(world), load };
  expect(await createHandler({ ...world.deps, series })({}, lambdaContext(world))).toEqual({ moved: 40 });
  expect(most).toBe(16);
  expect(new Set(world.compute.sent.map(({ message }) => message.seriesInstanceUid)).size).toBe(40);
});

test('is swept although the row of its source cannot be read', async () => {
  const world = newWorld();
  await completedSeries(world);
  world.clock.advance(121);
  breakCalls(world.probe, 'sourceStates.decide', 'before');
  expect(await sweep(world)).toEqual({ moved: 1 });
});
