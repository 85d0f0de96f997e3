import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { toMarkedFile } from '../../../functions/delivery/upload-records.ts';
import type { ResultsOutcome } from '../../../functions/qure/client/client.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { receivingQure, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, keyOf, SERIES, STUDY, slice, sopUid } from '../../support/world/scans.ts';
import { computingSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World, type WorldOptions } from '../../support/world/world.ts';
import { runCompute } from '../delivery/run-compute.ts';
import { runPoll } from './run-poll.ts';

const FINDINGS = `default/${STUDY}/${SERIES}/1/findings.json`;
const CRITICAL = resultsAnswer(200, resultBody({}, 'critical'));
const ROUTINE = resultsAnswer(200, resultBody({}, 'routine'));
const REFUSED = resultsAnswer(400, { message: 'Unsupported modality' });
const WAIT = resultsAnswer(202);
const LOST = resultsAnswer(404);

/** An X-ray series of several images, and Qure's answer to each. */
async function polledSeries(answers: readonly ResultsOutcome[], options: WorldOptions = {}): Promise<World> {
  const world = newWorld(options);
  const message = await computingSeries(world, { count: answers.length, product: 'qXR' });
  world.qure.uploads.always(receivingQure());
  answer(world, answers);
  await runPoll(world, message);
  return world;
}

function answer(world: World, answers: readonly ResultsOutcome[]): void {
  world.qure.instanceResults.always(({ uid }) => answers[Number(uid.split('.').at(-1)) - 1] ?? WAIT);
}

/** The next messages, each at its time; answers the seconds until the series left these states. */
async function goOn(world: World, untilSeconds = 90_000): Promise<number> {
  const since = Date.parse(world.clock.instant());
  const passed = () => (Date.parse(world.clock.instant()) - since) / 1000;
  for (;;) {
    const state = (await world.series.load(ID))?.state;
    if (state === 'UPLOADING') {
      await runCompute(world);
      continue;
    }
    const sent = world.polls.sent.at(-1);
    if (state !== 'COMPUTING' || sent === undefined || passed() + sent.delaySeconds > untilSeconds)
      return passed();
    world.clock.advance(sent.delaySeconds);
    await runPoll(world, sent.message);
  }
}

describe('an X-ray image without an answer, beside one that has its result', () => {
  test.each([
    { name: 'is under process', other: WAIT },
    { name: 'is not computed', other: resultsAnswer(409) },
    { name: 'cannot be asked for', other: resultsAnswer(500, 'oops') },
    { name: 'is answered by a page', other: resultsAnswer(200, '<html>') },
  ])(
    'REQ-USE-1: holds the critical result back for 15 minutes and no longer: it $name',
    async ({ other }) => {
      const world = await polledSeries([CRITICAL, other]);
      const answeredAt = world.clock.instant();
      await goOn(world, 899);
      await seriesIn(world, 'COMPUTING');
      await goOn(world);
      const done = await seriesIn(world, 'DONE');
      expect(done.changedAt).toBe(addSeconds(answeredAt, 900));
      expect(done).toMatchObject({ triageStatus: 'critical', unreadInstances: 1 });
      expect(world.events.at(-1)?.detail).toMatchObject({ triageStatus: 'critical', unreadInstances: 1 });
      expect(JSON.parse(world.results.text(FINDINGS) ?? '')).toMatchObject({
        instances: [{ sopInstanceUid: sopUid(1) }, { sopInstanceUid: sopUid(2), unread: 'no_answer' }],
      });
    },
  );

  test('is brought again where Qure has lost it, a bounded number of times, before it is given up', async () => {
    const world = await polledSeries([CRITICAL, LOST]);
    expect((await seriesIn(world, 'UPLOADING')).restarts).toBe(1);
    const waited = await goOn(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ triageStatus: 'critical', restarts: 4 });
    expect(waited).toBeLessThan(1_200);
  });

  test.each([
    { name: 'is under process', other: WAIT },
    { name: 'cannot be asked for', other: resultsAnswer(500, 'oops') },
    { name: 'is lost again and again', other: LOST },
  ])('is given up at the results time-out at the latest: it $name', async ({ other }) => {
    const source = sourceNamed('default', { resultsTimeoutSeconds: 120 });
    const world = await polledSeries([CRITICAL, other], { sources: [source] });
    await goOn(world);
    const { accepted, changedAt, triageStatus } = await seriesIn(world, 'DONE');
    expect(triageStatus).toBe('critical');
    expect(Date.parse(changedAt) - Date.parse(accepted?.at ?? '')).toBeLessThanOrEqual(120_000);
  });

  test('does not leave a series routine', async () => {
    const world = await polledSeries([ROUTINE, WAIT]);
    await goOn(world);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('triageStatus');
  });

  test('counts with its answer, where that comes in time', async () => {
    const world = await polledSeries([ROUTINE, WAIT]);
    await goOn(world, 800);
    answer(world, [WAIT, CRITICAL]);
    await goOn(world);
    const done = await seriesIn(world, 'DONE');
    expect(done).toMatchObject({ triageStatus: 'critical' });
    expect(done).not.toHaveProperty('unreadInstances');
  });

  test('is waited for until the time-out where no image has a result', async () => {
    const world = await polledSeries([REFUSED, WAIT]);
    await goOn(world, 3_000);
    await seriesIn(world, 'COMPUTING');
    await goOn(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'results_timeout' });
  });

  test('is not given up by a run that another one has overtaken, which was given its answer', async () => {
    const world = await polledSeries([CRITICAL, WAIT]);
    await goOn(world, 890);
    const { message, delaySeconds } = world.polls.sent.at(-1) ?? {};
    if (message === undefined) throw new Error('expected a poll to wait');
    world.clock.advance(delaySeconds ?? 0);
    // The sweep has given the series to the other run.
    world.probe.before = async ({ name }) => {
      if (name !== 'qure.instanceResults') return;
      world.probe.before = undefined;
      const ticket = message.ticket + 2;
      await world.series.save({ ...(await seriesIn(world, 'COMPUTING')), ticket });
      answer(world, [CRITICAL, CRITICAL]);
      await runPoll(world, { ...message, ticket });
      answer(world, [CRITICAL, WAIT]);
    };
    await runPoll(world, message);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('unreadInstances');
    expect(world.results.text(FINDINGS)).not.toContain('no_answer');
  });

  test('is asked for by a later run where one had no time to come to it', async () => {
    const world = await polledSeries([CRITICAL, ...Array.from({ length: 6 }, () => WAIT)]);
    await goOn(world, 890);
    const sent = world.polls.sent.at(-1);
    if (sent === undefined) throw new Error('expected a poll to wait');
    world.clock.advance(sent.delaySeconds);
    world.qure.instanceResults.always(CRITICAL);
    world.probe.before = ({ name }) => {
      if (name === 'qure.instanceResults') world.remainingMs = 30_000;
    };
    await runPoll(world, sent.message);
    await seriesIn(world, 'COMPUTING');
    world.probe.before = undefined;
    world.remainingMs = 900_000;
    await goOn(world);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('unreadInstances');
  });

  test('is waited for anew in a series that was retried', async () => {
    const world = await polledSeries([CRITICAL, WAIT]);
    world.clock.advance(3_600);
    // Results that are stored stay, as a retry within the generation leaves them.
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), changedAt: world.clock.instant() });
    await goOn(world, 899);
    await seriesIn(world, 'COMPUTING');
    await goOn(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ unreadInstances: 1 });
  });

  test('does not get the answer to its old content, where it is replaced after that', async () => {
    const world = await polledSeries([CRITICAL, WAIT]);
    // The upload that the set-up leaves out.
    const series = await seriesIn(world, 'COMPUTING');
    const registered = (await world.instances.ofSeries(series)).map((one) => toMarkedFile(one));
    await world.uploadRecords.add(series, series.uploadRound, { registered });
    await goOn(world);
    await seriesIn(world, 'DONE');
    world.drop.put(keyOf(2), slice(2, { instanceNumber: 77 }));
    await index(world, [keyOf(2)]);
    await handleLateArrival(world.deps, ID, world.source, 'marker');
    while ((await world.series.load(ID))?.state !== 'COMPUTING') await runCompute(world);
    answer(world, [CRITICAL, ROUTINE]);
    await runPoll(world, lastOf(world.polls.sent));
    expect((await seriesIn(world, 'COMPUTING')).generation).toBe(2);
    expect(world.results.text(`default/${STUDY}/${SERIES}/2/result.${sopUid(2)}.json`)).toBeUndefined();
  });

  test('teaches nothing of computing times', async () => {
    const { pollIntervalSeconds: _fixed, ...learning } = sourceNamed('default');
    const world = await polledSeries([CRITICAL, WAIT], { sources: [learning] });
    const plan = { basis: 'default' as const, medianSeconds: 30, firstSeconds: 8, knownResults: 0 };
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), pollPlan: plan });
    await goOn(world);
    await seriesIn(world, 'DONE');
    expect((await world.computingTimes.load('default', 'qXR')).times).toEqual([]);
  });
});
