import { describe, expect, test } from 'vitest';
import { quotaIdOf } from '../../../functions/admission/quota.ts';
import type { Slot } from '../../../functions/admission/source-state.ts';
import { SourceVisit } from '../../../functions/admission/source-visit.ts';
import { dueMinuteOf } from '../../../functions/aws/table/keys.ts';
import { retry } from '../../../functions/series/retry.ts';
import { startUploading, uploadAgain } from '../../../functions/series/transitions.ts';
import { addSeconds, type Instant } from '../../../functions/shared/time.ts';
import type { Source } from '../../../functions/sources/source.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { computeAnswer, receivingQure } from '../../support/world/qure-answers.ts';
import { ID } from '../../support/world/scans.ts';
import { completedSeries, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { START, sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute, uploaded } from '../delivery/run-compute.ts';

const OWN = quotaIdOf({ ...ID, generation: 1 });
const MIDNIGHT = '2026-03-02T00:00:00.000Z';

function limitedWorld(limits: Partial<Source>): World {
  return newWorld({ sources: [sourceNamed('default', limits)] });
}

/** Another series holds a slot until then, and units of the day are taken. */
async function used(world: World, { until, units = 0 }: { until?: Instant; units?: number }): Promise<void> {
  const slots: Slot[] = until === undefined ? [] : [{ id: 'another', ticket: 1, until }];
  const admitted = Array.from({ length: units }, (_, nth) => `unit-${nth}`);
  await world.sourceStates.decide('default', (state) => ({
    state: { ...state, slots, admitted, day: world.clock.instant().slice(0, 10) },
  }));
}

const heldBackTimes = (world: World) =>
  world.metrics.filter(({ name }) => name === 'SeriesHeldBack').map(({ dimensions }) => dimensions.reason);

test('a source without limits costs one read of its row and no write', async () => {
  const world = newWorld();
  let decisions = 0;
  world.probe.before = ({ name }) => {
    if (name === 'sourceStates.decide') decisions += 1;
  };
  await uploaded(world);
  world.qure.computes.next(computeAnswer(200));
  await runCompute(world);
  await seriesIn(world, 'COMPUTING');
  expect(decisions).toBe(1);
  expect(world.sourceStates.of('default').version).toBe(0);
});

describe('a series that finds no free slot', () => {
  test('waits in COMPLETE with its reason, and continues when a slot is free', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    await used(world, { until: addSeconds(START, 600) });
    const message = await uploaded(world);
    await runCompute(world, message);
    expect(world.compute.sent.at(-1)).toEqual({
      message: { ...ID, ticket: message.ticket + 1, tries: 0 },
      delaySeconds: 4,
    });
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      heldBack: { reason: 'concurrency', since: START, until: addSeconds(START, 4) },
      dueAt: dueMinuteOf(addSeconds(START, 4 + 120)),
    });
    // The old message, should it come again, is an old one; the next one asks, and says nothing anew.
    await runCompute(world, message);
    await runCompute(world);
    expect(heldBackTimes(world)).toEqual(['concurrency']);
    expect(world.log.filter(({ message: text }) => text === 'series held back')).toHaveLength(1);
    expect(world.qure.uploads.calls).toHaveLength(0);

    world.clock.advanceTo(addSeconds(START, 601));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    const computing = await seriesIn(world, 'COMPUTING');
    expect(computing).not.toHaveProperty('heldBack');
    expect(computing.deliveryDeadline).toBe(addSeconds(START, 601 + 3_600));
    expect(world.sourceStates.of('default')).toMatchObject({ slots: [], waitQueue: [] });
  });

  test('publishes its events when EventBridge was down before', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    await used(world, { until: addSeconds(START, 600) });
    breakCalls(world.probe, 'world.publish', 'before');
    const message = await uploaded(world);
    expect(world.events).toEqual([]);
    await runCompute(world, message);
    expect(world.events.map(({ detailType }) => detailType)).toEqual(['Series Complete']);
  });

  test('is sent all the same if it is urgent, and is counted', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1, dailyBudget: 1 });
    await used(world, { until: addSeconds(START, 600), units: 1 });
    await uploaded(world, { overrides: { studyDescription: 'CODE STROKE', bodyPartExamined: 'HEAD' } });
    world.qure.computes.next(computeAnswer(200));
    let slots: string[] = [];
    world.probe.before = ({ name }) => {
      if (name === 'qure.compute') slots = world.sourceStates.of('default').slots.map(({ id }) => id);
    };
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ priority: 'urgent' });
    expect(slots).toEqual(['another', OWN]);
    expect(world.sourceStates.of('default').admitted).toEqual(['unit-0', OWN]);
    expect(heldBackTimes(world)).toEqual([]);
  });
});

describe('a series whose source has used up its daily budget', () => {
  test('waits for midnight UTC in COMPLETE, and its deadline begins then', async () => {
    const world = limitedWorld({ dailyBudget: 2 });
    await used(world, { units: 2 });
    await uploaded(world);
    await runCompute(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      heldBack: { reason: 'daily_budget', since: START, until: MIDNIGHT },
    });
    for (let hops = 1; (await world.series.load(ID))?.state === 'COMPLETE'; hops += 1) {
      expect(hops).toBeLessThan(80);
      const { delaySeconds } = world.compute.sent.at(-1) ?? { delaySeconds: 0 };
      world.clock.advanceTo(addSeconds(world.clock.instant(), delaySeconds));
      if (world.clock.instant() > MIDNIGHT) world.qure.computes.next(computeAnswer(200));
      await runCompute(world);
    }
    expect((await seriesIn(world, 'COMPUTING')).changedAt > MIDNIGHT).toBe(true);
    expect(world.sourceStates.of('default')).toMatchObject({ day: '2026-03-02', admitted: [OWN], slots: [] });
    expect(heldBackTimes(world)).toEqual(['daily_budget']);
  });

  test.each<{ name: string; source: Partial<Source> }>([
    { name: 'an X-ray, whatever the number of its instances', source: { product: 'qXR' } },
    { name: 'one that Qure computes by itself', source: { compute: 'automatic' } },
    {
      name: 'one that another system brings to Qure',
      source: { delivery: 'external', compute: 'automatic' },
    },
  ])('a unit is taken by $name', async ({ source }) => {
    const world = limitedWorld({ dailyBudget: 1, ...source });
    await uploaded(world);
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ instances: 3 });
    expect(world.sourceStates.of('default').admitted).toEqual([OWN]);
  });

  const failed = async (world: World) => {
    await uploaded(world);
    world.qure.computes.next(computeAnswer(403));
    await runCompute(world);
    return seriesIn(world, 'FAILED');
  };

  test.each([
    { name: 'a retry has its unit already', request: {}, state: 'COMPUTING', units: 1 },
    {
      name: 'a recompute is another computation',
      request: { recompute: true },
      state: 'COMPLETE',
      units: 1,
    },
  ] as const)('$name: $state', async ({ request, state, units }) => {
    const world = limitedWorld({ dailyBudget: 1 });
    const again = retry(await failed(world), request, world.source, world.clock.instant());
    if (again.kind === 'refused') throw new Error(again.why);
    world.series.seed(again.series);
    if (state === 'COMPUTING') world.qure.computes.next(computeAnswer(200));
    await runCompute(world, { ...ID, ticket: again.series.ticket, tries: 0 });
    await seriesIn(world, state);
    expect(world.sourceStates.of('default').admitted).toHaveLength(units);
  });

  test('takes no unit for a set that Qure has accepted', async () => {
    const world = limitedWorld({ dailyBudget: 1 });
    await used(world, { units: 1 });
    const message = await uploaded(world);
    const series = await seriesIn(world, 'COMPLETE');
    const accepted = { generation: 1, fingerprint: series.fingerprint, at: START };
    world.series.seed({ ...series, accepted });
    await runCompute(world, message);
    await seriesIn(world, 'COMPUTING');
    expect(world.sourceStates.of('default').admitted).toEqual(['unit-0']);
  });
});

describe('a slot', () => {
  test.each([
    { name: 'a short wait for Qure keeps it', tries: 0, isKept: true },
    { name: 'a wait of minutes gives it to another series', tries: 8, isKept: false },
  ])('$name', async ({ tries, isKept }) => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    const message = await uploaded(world);
    world.qure.computes.next(computeAnswer(503));
    await runCompute(world, { ...message, tries });
    await seriesIn(world, 'UPLOADING');
    expect(world.sourceStates.of('default').slots.map(({ id }) => id)).toEqual(isKept ? [OWN] : []);
  });

  test.each([
    { name: 'the call was refused', answer: 400, state: 'UNSUPPORTED' },
    { name: 'the series was denied', answer: 403, state: 'FAILED' },
    { name: 'the token was refused', answer: 401, state: 'UPLOADING' },
    { name: 'Qure has it', answer: 200, state: 'COMPUTING' },
  ] as const)('is released: $name', async ({ answer, state }) => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    await uploaded(world);
    world.qure.computes.next(
      computeAnswer(answer, {}, answer === 400 ? { success: false, message: 'Invalid scan' } : undefined),
    );
    await runCompute(world);
    await seriesIn(world, state);
    expect(world.sourceStates.of('default').slots).toEqual([]);
  });

  test('stays with a series whose run has died, and is used again', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1, dailyBudget: 1 });
    const message = await uploaded(world);
    breakCalls(world.probe, 'series.save', 'before');
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    expect(world.sourceStates.of('default')).toMatchObject({ slots: [{ id: OWN }], admitted: [OWN] });
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, message);
    await seriesIn(world, 'COMPUTING');
    expect(world.sourceStates.of('default')).toMatchObject({ slots: [], admitted: [OWN] });
  });

  test('expires if it cannot be released; the series has continued', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    const message = await uploaded(world);
    world.qure.computes.next(computeAnswer(200));
    let decisions = 0;
    world.probe.before = ({ name }) => {
      if (name !== 'sourceStates.decide') return;
      decisions += 1;
      if (decisions > 1) throw new Error('the table is away');
    };
    await runCompute(world, message);
    await seriesIn(world, 'COMPUTING');
    expect(world.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'a slot could not be given back; its lease ends it',
      }),
    );
  });

  test('is released if the series was reopened meanwhile', async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1 });
    const message = await uploaded(world);
    world.probe.after = async ({ name }) => {
      if (name !== 'qure.uploadInstances') return;
      const series = await seriesIn(world, 'UPLOADING');
      world.series.seed({ ...series, state: 'RECEIVING', generation: 2, ticket: series.ticket + 1 } as never);
    };
    await runCompute(world, message);
    expect(world.sourceStates.of('default').slots).toEqual([]);
  });
});

describe('a series that is under way and has lost its slot', () => {
  const lost = async () => {
    const world = limitedWorld({ maxConcurrentSeries: 1, dailyBudget: 1 });
    await used(world, { until: addSeconds(START, 600), units: 1 });
    await completedSeries(world);
    world.qure.uploads.always(receivingQure());
    const complete = await seriesIn(world, 'COMPLETE');
    // Qure took back what it had: the stage has it again, and it has its computation before it still.
    const uploading = uploadAgain({ ...complete, state: 'UPLOADING' }, world.source, START);
    world.series.seed(uploading);
    await runCompute(world, { ...ID, ticket: uploading.ticket, tries: 3 });
    return world;
  };

  test('waits for a slot without losing time before its deadline', async () => {
    const world = await lost();
    expect(world.compute.sent.at(-1)).toMatchObject({ message: { tries: 3 }, delaySeconds: 4 });
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({
      heldBack: { reason: 'concurrency' },
      deliveryDeadline: addSeconds(START, 3_600 + 4),
    });
    expect(world.qure.uploads.calls).toHaveLength(0);
    // By the wait and no more: it would else never fail between others that keep the slots.
    await runCompute(world);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({
      deliveryDeadline: addSeconds(START, 3_600 + 8),
    });
  });

  test('continues with the next free slot, and takes no second unit', async () => {
    const world = await lost();
    world.clock.advanceTo(addSeconds(START, 601));
    await used(world, { units: 1 });
    world.qure.computes.next(computeAnswer(200));
    const seen: unknown[] = [];
    world.probe.before = async ({ name }) => {
      if (name === 'qure.compute') seen.push(await seriesIn(world, 'UPLOADING'));
    };
    await runCompute(world);
    expect(seen).toMatchObject([{ deliveryDeadline: addSeconds(START, 3_600 + 4) }]);
    expect(seen[0]).not.toHaveProperty('heldBack');
    expect(world.sourceStates.of('default')).toMatchObject({ slots: [], admitted: ['unit-0'] });
  });
});

describe('while calls for the source are stopped', () => {
  const limits = { maxConcurrentSeries: 1, dailyBudget: 1 };

  test('a series waits for the source, and takes neither slot nor unit', async () => {
    const world = limitedWorld(limits);
    await uploaded(world);
    await stopSource(world);
    await runCompute(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
    expect(world.sourceStates.of('default')).toMatchObject({
      version: 1,
      slots: [],
      admitted: [],
      waitQueue: [],
    });
  });

  test('the probe is not held back by limits: urgent series wait for its result', async () => {
    const world = limitedWorld(limits);
    await used(world, { until: addSeconds(START, 600), units: 1 });
    await uploaded(world);
    await stopSource(world, { nextProbeAt: START });
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
    expect(world.sourceStates.of('default')).toMatchObject({ admitted: ['unit-0', OWN] });
    expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
  });

  test('a repeated delivery takes neither the slot nor the probe from the run that has the series', async () => {
    const world = limitedWorld(limits);
    const message = await uploaded(world);
    await stopSource(world, { nextProbeAt: START });
    const first = new SourceVisit(world.deps, world.source);
    const second = new SourceVisit(world.deps, world.source);
    const series = await seriesIn(world, 'COMPLETE');
    expect((await first.ask(series)).kind).toBe('admitted');
    expect((await second.ask(series)).kind).toBe('admitted');
    await world.deps.series.save({
      ...startUploading(series, world.source, START, true),
      ticket: message.ticket + 1,
      heldBack: { reason: 'auth_rejected', since: START, until: START },
    });
    await second.leave();
    expect(world.sourceStates.of('default')).toMatchObject({ slots: [{ id: OWN }], stop: { probeId: OWN } });
  });
});
