import { describe, expect, test } from 'vitest';
import { checkQuiet } from '../../../functions/completion/check-quiet.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, putSlices, SERIES, slice } from '../../support/world/scans.ts';
import { completedSeries, index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { zip } from '../ingest/archive-world.ts';

function quiet(ticket = 1) {
  return { kind: 'quiet' as const, ...ID, ticket };
}

/** Left by each judgement: the sender is learned from the series. */
const ENDED = { message: { kind: 'ended' as const, ...ID, generation: 1 }, delaySeconds: 900 };

async function receiving(world: World) {
  await index(world, putSlices(world, 3));
  world.completion.sent.length = 0;
}

describe('checkQuiet', () => {
  const RULES: {
    name: string;
    silence: number;
    waitingDrops?: number;
    /** Seconds from the last arrival to the watermark. */
    watermark?: number;
    wait?: number;
    evidence?: 'quiet' | 'max_wait';
  }[] = [
    { name: 'too early: the time that remains', silence: 45.5, wait: 15 },
    { name: 'quiet for long enough', silence: 60, evidence: 'quiet' },
    {
      name: 'events wait, all younger than the quiet period',
      silence: 62,
      waitingDrops: 9999,
      watermark: 60,
      evidence: 'quiet',
    },
    {
      name: 'one event waits that may be of the series',
      silence: 62,
      waitingDrops: 1,
      watermark: 59,
      wait: 5,
    },
    { name: 'a backlog of ten minutes', silence: 60, waitingDrops: 9999, watermark: -540, wait: 5 },
    { name: 'events wait, and there is no watermark', silence: 60, waitingDrops: 1, wait: 5 },
    { name: 'a backlog just before the longest wait', silence: 898, waitingDrops: 9999, wait: 2 },
    { name: 'a backlog after the longest wait', silence: 900, waitingDrops: 9999, evidence: 'max_wait' },
  ];
  test.each(RULES)('$name', async ({ silence, waitingDrops = 0, watermark, wait, evidence }) => {
    const world = newWorld();
    await receiving(world);
    const arrivedAt = world.clock.now().toISOString();
    if (watermark !== undefined) await world.watermark.save(addSeconds(arrivedAt, watermark), arrivedAt);
    world.clock.advance(silence);
    world.waitingDrops = waitingDrops;
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent).toEqual(
      wait === undefined ? [ENDED] : [{ message: quiet(2), delaySeconds: wait }],
    );
    const series = await world.series.load(ID);
    expect(series).toMatchObject(
      evidence === undefined
        ? { state: 'RECEIVING' }
        : { state: 'COMPLETE', evidence, instances: 3, product: 'qER' },
    );
    expect(world.compute.sent).toEqual(
      evidence === undefined ? [] : [{ message: { ...ID, ticket: 2, tries: 0 }, delaySeconds: 0 }],
    );
  });

  test('an instance whose event failed and waits for its next delivery is indexed before silence counts', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(2);
    const [key = ''] = putSlices(world, 1, { from: 4 });
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 2 });
    expect(world.instances.all().map(({ object }) => object.key)).toContain(key);
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(2), world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ evidence: 'quiet', instances: 4 });
  });

  test('an object that is never indexed holds nothing up for longer than the longest wait', async () => {
    const world = newWorld();
    await receiving(world);
    putSlices(world, 1, { from: 4 });
    world.probe.before = ({ name }) => {
      if (name === 'instances.put') throw new Error('the table refuses');
    };
    world.clock.advance(899);
    await checkQuiet(world.deps, quiet(), world.source);
    await seriesIn(world, 'RECEIVING');
    world.clock.advance(1);
    await checkQuiet(world.deps, quiet(2), world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3 });
  });

  test('an archive that is not indexed holds nothing up after the quiet period', async () => {
    const world = newWorld();
    await receiving(world);
    world.drop.put('default/Doe^Jane/more.zip', zip([slice(9)]));
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ evidence: 'quiet', instances: 3 });
  });

  test('postpones the sweep as well during a backlog', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(170);
    world.waitingDrops = 9999;
    await checkQuiet(world.deps, quiet(), world.source);
    expect((await seriesIn(world, 'RECEIVING')).dueAt).toBe('2026-03-01T08:06:00.000Z');
  });

  test('waits for a quiet period anew after the clock was set back', async () => {
    const world = newWorld();
    await receiving(world);
    const deps = { ...world.deps, clock: () => new Date(world.clock.nowMs() - 10_800_000) };
    await checkQuiet(deps, quiet(), world.source);
    expect(world.completion.sent).toEqual([{ message: quiet(2), delaySeconds: 60 }]);
    world.clock.advance(59);
    await checkQuiet(deps, quiet(2), world.source);
    expect(world.completion.sent.at(-1)).toEqual({ message: quiet(3), delaySeconds: 1 });
    world.clock.advance(1);
    await checkQuiet(deps, quiet(3), world.source);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ evidence: 'quiet', instances: 3 });
  });

  test.each([
    { name: 'another ticket', ticket: 7 },
    { name: 'no such series', ticket: 1, isUnknown: true },
  ])('drops a message of $name', async ({ ticket, isUnknown }) => {
    const world = newWorld();
    if (isUnknown !== true) await receiving(world);
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(ticket), world.source);
    expect([world.completion.sent, world.compute.sent, world.events]).toEqual([[], [], []]);
  });

  test('postpones completion if an instance arrives during the check', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(60);
    world.probe.before = async ({ name }) => {
      if (name !== 'series.save') return;
      world.probe.before = undefined;
      await index(world, putSlices(world, 1, { from: 4 }));
    };
    await checkQuiet(world.deps, quiet(), world.source);
    await seriesIn(world, 'RECEIVING');
    expect(world.completion.sent).toEqual([{ message: quiet(2), delaySeconds: 60 }]);
  });

  test.each([
    { name: 'the wait for silence', waitingDrops: 0, wait: 30 },
    { name: 'a backlog', waitingDrops: 9999, wait: 30 },
  ])('sends one next check for two messages with one ticket: $name', async ({ waitingDrops, wait }) => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(30);
    world.waitingDrops = waitingDrops;
    await checkQuiet(world.deps, quiet(), world.source);
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent).toEqual([{ message: quiet(2), delaySeconds: wait }]);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 2 });
  });

  test('sends one next check for two concurrent checks', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(30);
    world.probe.before = async ({ name }) => {
      if (name !== 'series.rearm') return;
      world.probe.before = undefined;
      await checkQuiet(world.deps, quiet(), world.source);
    };
    await checkQuiet(world.deps, quiet(), world.source);
    expect(world.completion.sent).toEqual([{ message: quiet(2), delaySeconds: 30 }]);
  });

  test('does not repeat the check for instances that arrive during it', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(30);
    let loads = 0;
    world.probe.before = async ({ name }) => {
      if (name === 'series.load') loads += 1;
      if (name !== 'series.rearm') return;
      world.probe.before = undefined;
      await index(world, putSlices(world, 1, { from: 4 }));
    };
    await checkQuiet(world.deps, quiet(), world.source);
    expect([loads, world.completion.sent]).toEqual([1, [{ message: quiet(2), delaySeconds: 30 }]]);
  });

  test('fails the run on a row that changes at each attempt, so that the message is redelivered', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(60);
    world.probe.before = async ({ name }) => {
      if (name === 'series.save') world.series.seed({ ...(await seriesIn(world, 'RECEIVING')), version: 99 });
      if (name === 'series.load') world.series.seed({ ...(await seriesIn(world, 'RECEIVING')), version: 1 });
    };
    await expect(checkQuiet(world.deps, quiet(), world.source)).rejects.toThrow('changed 6 times');
    expect(world.compute.sent).toEqual([]);
  });

  test('REQ-ROUTE-2: skips a series that no product takes, publishes it and clears dueAt', async () => {
    const world = newWorld();
    await index(
      world,
      putSlices(world, 1, { overrides: { modality: 'MR', sopClassUid: '1.2.840.10008.5.1.4.1.1.4' } }),
    );
    world.clock.advance(60);
    await checkQuiet(world.deps, quiet(), world.source);
    const skipped = await seriesIn(world, 'SKIPPED');
    expect(skipped).not.toHaveProperty('dueAt');
    expect(world.events).toMatchObject([
      { detailType: 'Series Skipped', detail: { reason: skipped.reason } },
    ]);
    expect(world.compute.sent).toEqual([]);
  });

  test('completes the series while EventBridge is down, and leaves the event for the sweep', async () => {
    const world = newWorld();
    await receiving(world);
    world.clock.advance(60);
    breakCalls(world.probe, 'world.publish', 'before');
    await checkQuiet(world.deps, quiet(), world.source);
    expect((await seriesIn(world, 'COMPLETE')).outbox).toMatchObject([{ detailType: 'Series Complete' }]);
    expect(world.compute.sent).toHaveLength(1);
  });
});

describe('handleLateArrival', () => {
  test.each([
    { name: 'the same set', more: 0, evidence: undefined, expected: { state: 'COMPLETE', generation: 1 } },
    { name: 'another set', more: 1, evidence: undefined, expected: { state: 'RECEIVING', generation: 2 } },
    {
      name: 'another set with evidence',
      more: 1,
      evidence: 'marker' as const,
      expected: { state: 'COMPLETE', generation: 2, evidence: 'marker', instances: 4 },
    },
  ] as const)('$name', async ({ name, more, evidence, expected }) => {
    const world = newWorld();
    await completedSeries(world);
    await index(world, putSlices(world, more, { from: 4 }));
    world.completion.sent.length = 0;
    await handleLateArrival(world.deps, ID, world.source, evidence);
    expect(await world.series.load(ID)).toMatchObject(expected);
    const sent = {
      'the same set': [],
      'another set': [{ message: quiet(3), delaySeconds: 60 }],
      'another set with evidence': [{ ...ENDED, message: { ...ENDED.message, generation: 2 } }],
    };
    expect(world.completion.sent).toEqual(sent[name]);
  });

  test('begins a generation for replaced content', async () => {
    const world = newWorld();
    await completedSeries(world);
    world.drop.put('default/again', slice(1, { pixels: 64 }));
    await index(world, ['default/again']);
    await handleLateArrival(world.deps, ID, world.source, undefined);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 2, ticket: 3 });
  });

  test.each([
    { evidence: undefined, state: 'RECEIVING' },
    { evidence: 'count', state: 'COMPLETE' },
  ] as const)('moves a receiving series with evidence $evidence to $state', async ({ evidence, state }) => {
    const world = newWorld();
    await receiving(world);
    await handleLateArrival(world.deps, ID, world.source, evidence);
    await seriesIn(world, state);
  });

  test('does nothing for a series without rows', async () => {
    const world = newWorld();
    await handleLateArrival(
      world.deps,
      { source: 'default', seriesInstanceUid: `${SERIES}.0` },
      world.source,
      'count',
    );
    expect(world.series.all()).toEqual([]);
  });
});
