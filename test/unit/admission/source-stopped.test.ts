import { describe, expect, test } from 'vitest';
import { dueMinuteOf } from '../../../functions/aws/table/keys.ts';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receivingQure, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices } from '../../support/world/scans.ts';
import { completedSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { stopSource } from '../../support/world/stop-source.ts';
import { credentialsOf, START, sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute, uploaded } from '../delivery/run-compute.ts';

/** Delivers the message that the series has left, when it is due. */
async function runNext(world: World): Promise<void> {
  const { message, delaySeconds } = world.compute.sent.at(-1) ?? { message: undefined, delaySeconds: 0 };
  world.clock.advance(delaySeconds);
  await runCompute(world, message);
}

const eventTypes = (world: World) => world.events.map(({ detailType }) => detailType);

test.each([
  { name: 'one 401', status: 401, refusals: 1, isStopped: true },
  { name: 'two 403', status: 403, refusals: 2, isStopped: false },
  { name: 'three 403', status: 403, refusals: 3, isStopped: true },
])('$name: the source is stopped: $isStopped', async ({ status, refusals, isStopped }) => {
  const world = newWorld();
  // Of a series that belongs to nobody.
  if (isStopped && status === 403) world.qure.seriesResults.next(resultsAnswer(403));
  for (let time = 1; time <= refusals; time += 1) {
    const seriesInstanceUid = `1.2.${time}`;
    await index(world, putSlices(world, 1, { folder: `default/p${time}`, overrides: { seriesInstanceUid } }));
    await handleLateArrival(world.deps, { source: 'default', seriesInstanceUid }, world.source, 'marker');
    world.qure.uploads.next(() => ({ kind: status === 401 ? 'auth_rejected' : 'source_denied' }));
    await runCompute(world);
  }
  expect(world.sourceStates.of('default').stop !== undefined).toBe(isStopped);
  const last = await world.series.load({ source: 'default', seriesInstanceUid: `1.2.${refusals}` });
  expect(last?.state).toBe(isStopped ? 'UPLOADING' : 'FAILED');
});

test('an answer in between resets the count of 403', async () => {
  const world = newWorld();
  await world.sourceStates.decide('default', (state) => ({ state: { ...state, consecutiveForbidden: 2 } }));
  await uploaded(world);
  world.qure.computes.next(computeAnswer(200));
  await runCompute(world);
  expect(world.sourceStates.of('default').consecutiveForbidden).toBe(0);
});

describe('a series of a stopped source', () => {
  test('waits with the reason, retries by itself, and makes no call', async () => {
    const world = newWorld();
    const message = await completedSeries(world, { count: 1 });
    await stopSource(world, { reason: 'license_expired' });
    await runCompute(world);
    const { delaySeconds } = world.compute.sent.at(-1) ?? { delaySeconds: 0 };
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      ticket: message.ticket + 1,
      heldBack: { reason: 'license_expired', since: START, until: addSeconds(START, delaySeconds) },
      dueAt: dueMinuteOf(addSeconds(START, delaySeconds + 120)),
    });
    expect(lastOf(world.compute.sent)).toEqual({ ...ID, ticket: message.ticket + 1, tries: 0 });
    expect(world.qure.uploads.calls).toHaveLength(0);
    expect(eventTypes(world)).toEqual(['Series Complete']);
    expect(world.metrics).toContainEqual({
      name: 'SeriesHeldBack',
      value: 1,
      dimensions: { source: 'default', reason: 'license_expired' },
    });
  });

  test('that was refused during its upload waits, and continues as the probe without a failure', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next({ kind: 'auth_rejected' });
    await runCompute(world);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
    world.qure.uploads.always(receivingQure());
    world.qure.computes.always(computeAnswer(200));
    for (let asks = 0; (await world.series.load(ID))?.state === 'UPLOADING'; asks += 1) {
      expect(asks).toBeLessThan(20);
      await runNext(world);
    }
    // The first refusal, and the probe two minutes later.
    expect(world.qure.uploads.calls).toHaveLength(2);
    expect(await seriesIn(world, 'COMPUTING')).not.toHaveProperty('heldBack');
    expect(world.sourceStates.of('default')).not.toHaveProperty('stop');
    expect(eventTypes(world)).not.toContain('Series Failed');
  });

  test.each([
    { name: 'another secret', arrange: (world: World) => stopSource(world), version: 2 },
    { name: 'a secret that was missing', arrange: (world: World) => world.credentials.clear(), version: 1 },
  ])('goes on at once with $name', async ({ arrange, version }) => {
    const world = newWorld();
    await uploaded(world);
    await arrange(world);
    await runCompute(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
    world.credentials.set('default', credentialsOf('default', version));
    world.qure.computes.next(computeAnswer(200));
    await runNext(world);
    await seriesIn(world, 'COMPUTING');
    expect(world.qure.computes.calls).toMatchObject([{ token: credentialsOf('default', version).token }]);
  });

  test.each([
    { name: 'that nobody has begun', isBegun: false },
    { name: 'under way', isBegun: true },
  ])('$name fails with the reason at its deadline, and not before', async ({ isBegun }) => {
    const world = newWorld({ sources: [sourceNamed('default', { deliveryTimeoutSeconds: 1_000 })] });
    await completedSeries(world, { count: 1 });
    // In line behind others for longer than it would be brought to Qure: that is no wait for credentials.
    world.clock.advance(5_000);
    const from = world.clock.instant();
    if (isBegun) world.qure.uploads.always({ kind: 'auth_rejected' });
    else world.credentials.clear();
    await runCompute(world);
    for (let asks = 0; (await world.series.load(ID))?.state !== 'FAILED'; asks += 1) {
      expect(asks).toBeLessThan(100);
      await runNext(world);
    }
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'auth_rejected',
      changedAt: addSeconds(from, 1_000),
    });
    expect(eventTypes(world).at(-1)).toBe('Series Failed');
  });

  test('that is admitted has its whole time until the deadline', async () => {
    const world = newWorld();
    await uploaded(world);
    await stopSource(world);
    await runCompute(world);
    world.clock.advance(3_000);
    world.credentials.set('default', credentialsOf('default', 2));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    const { deliveryDeadline } = await seriesIn(world, 'COMPUTING');
    expect(deliveryDeadline).toBe(addSeconds(world.clock.instant(), 3_600));
  });
});

test('allows the next probe two minutes after a probe without an answer of Qure', async () => {
  const world = newWorld();
  await completedSeries(world, { count: 1 });
  await stopSource(world, { nextProbeAt: START });
  world.qure.uploads.next({ kind: 'transient', cause: 'http_503' });
  await runCompute(world);
  expect(world.sourceStates.of('default').stop).toMatchObject({ nextProbeAt: addSeconds(START, 120) });
  expect(world.sourceStates.of('default').stop).not.toHaveProperty('probeId');
});
