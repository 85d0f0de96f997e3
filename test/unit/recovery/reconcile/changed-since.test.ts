import { describe, expect, test } from 'vitest';
import { completeSeries } from '../../../../functions/completion/complete-series.ts';
import { createHandler } from '../../../../functions/handlers/reconcile/handler.ts';
import { lambdaContext } from '../../../support/world/delivery.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { putSlices, slice } from '../../../support/world/scans.ts';
import { index } from '../../../support/world/stages.ts';
import { sourceNamed, type World } from '../../../support/world/world.ts';
import { doneSeries } from './reconcile-all.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const LOST = '1.2.9';

async function pass(world: World, request: { repair?: boolean; full?: boolean } = {}) {
  world.remainingMs = 840_000;
  await createHandler(world.deps)({ pass: { repair: true, ...request } }, lambdaContext(world));
  const last = await world.reconciliation.loadPass();
  return { counts: last?.counts, isFull: last?.since === undefined };
}

/** Objects whose events were lost. */
function dropUnseen(world: World, count = 1): void {
  putSlices(world, count, { folder: 'default/lost', overrides: { seriesInstanceUid: LOST } });
}

async function worldWithPass(): Promise<World> {
  const world = newWorld();
  await doneSeries(world, 3);
  await pass(world);
  return world;
}

test('a pass after the first reads next to nothing for objects that are stored and known', async () => {
  const world = newWorld();
  const series = Array.from({ length: 10 }, (_, at) => `1.2.3.${at + 1}`);
  for (const seriesInstanceUid of series)
    await index(
      world,
      putSlices(world, 100, { folder: `default/${seriesInstanceUid}`, overrides: { seriesInstanceUid } }),
    );
  for (const seriesInstanceUid of series) {
    const row = await world.series.load({ source: 'default', seriesInstanceUid });
    if (row?.state !== 'RECEIVING') throw new Error('expected a series that is receiving');
    // No product takes it: the state is final.
    await completeSeries(world.deps, row, { ...world.source, products: ['qXR'] }, 'quiet');
  }
  world.clock.advance(HOUR);
  const readsOf = async () => {
    let reads = 0;
    world.probe.before = ({ name, args: [first] }) => {
      if (name === 'quarantine.find') reads += (first as readonly string[]).length;
      if (name === 'instances.ofSeries') reads += 100;
      if (name.startsWith('drop.') || name === 'series.load') reads += 1;
    };
    await pass(world);
    delete world.probe.before;
    return reads / (100 * series.length);
  };
  // Each object's quarantine key, and rows more than twice.
  expect(await readsOf()).toBeGreaterThan(3);
  world.clock.advance(4 * DAY);
  // The window of the first pass still reaches back to the drops.
  await pass(world);
  world.clock.advance(DAY);
  expect(await readsOf()).toBeLessThan(0.01);
});

describe('a pass looks up', () => {
  test('REQ-ING-3: what came since the last pass', async () => {
    const world = await worldWithPass();
    dropUnseen(world, 2);
    world.clock.advance(DAY);
    expect(await pass(world)).toEqual({ counts: { 'default object_unknown repaired': 2 }, isFull: false });
  });

  test('what came up to two days before the last pass began', async () => {
    const world = newWorld();
    await doneSeries(world);
    dropUnseen(world);
    world.clock.advance(47 * HOUR);
    // The first pass did not see it, for whatever reason.
    world.drop.hide('default/lost/');
    await pass(world);
    world.drop.hide(undefined);
    world.clock.advance(DAY);
    expect(await pass(world)).toMatchObject({
      isFull: false,
      counts: { 'default object_unknown repaired': 1 },
    });
  });

  test('everything, thirty days after the last full pass: also what has an old time', async () => {
    const world = newWorld();
    await doneSeries(world);
    dropUnseen(world);
    world.drop.hide('default/lost/');
    await pass(world);
    for (let day = 1; day < 30; day += 1) {
      world.clock.advance(DAY);
      if (day === 5) world.drop.hide(undefined);
      expect(await pass(world)).toEqual({ counts: {}, isFull: false });
    }
    world.clock.advance(DAY);
    expect(await pass(world)).toEqual({ counts: { 'default object_unknown repaired': 1 }, isFull: true });
  });

  test('everything on request, though the pass of the day has ended', async () => {
    const world = await worldWithPass();
    expect(await pass(world, { full: true })).toMatchObject({ isFull: true });
    const ends = world.log.filter(({ message }) => message === 'reconciliation ended');
    expect(ends).toHaveLength(2);
  });

  test('everything where a source was added: its objects may have been there for years', async () => {
    const world = await worldWithPass();
    world.drop.put('second/old', slice(1, { seriesInstanceUid: LOST }));
    world.clock.advance(5 * DAY);
    await pass(world);
    world.clock.advance(5 * DAY);
    world.sources = [sourceNamed('default'), sourceNamed('second')];
    expect(await pass(world)).toMatchObject({ isFull: true });
    expect(world.instances.all().filter(({ source }) => source === 'second')).toHaveLength(1);
  });

  test('everything where nothing is known of an earlier pass, as of a table that was made anew', async () => {
    expect(await pass(newWorld())).toMatchObject({ isFull: true });
  });

  test('everything where an older version wrote the last pass', async () => {
    const world = newWorld();
    await world.reconciliation.savePass({ startedAt: world.clock.instant(), counts: {} });
    world.clock.advance(DAY);
    expect(await pass(world)).toMatchObject({ isFull: true });
  });

  test('again what a pass with a failure looked up', async () => {
    const world = await worldWithPass();
    dropUnseen(world);
    world.clock.advance(DAY);
    world.probe.before = ({ name }) => {
      if (name === 'instances.put') throw new Error('the table is down');
    };
    expect((await pass(world)).counts).toEqual({ 'default object_unknown failed': 1 });
    world.clock.advance(4 * DAY);
    await pass(world);
    delete world.probe.before;
    world.clock.advance(4 * DAY);
    expect((await pass(world)).counts).toEqual({ 'default object_unknown repaired': 1 });
  });

  test('again what a pass without repair reported', async () => {
    const world = await worldWithPass();
    dropUnseen(world);
    world.clock.advance(DAY);
    await pass(world, { repair: false });
    world.clock.advance(4 * DAY);
    expect((await pass(world)).counts).toEqual({ 'default object_unknown repaired': 1 });
  });

  test('an old final series to which a recent object belongs, whose message was lost', async () => {
    const world = await worldWithPass();
    world.clock.advance(10 * DAY);
    await pass(world);
    const [late = ''] = putSlices(world, 1, { from: 4 });
    world.probe.before = ({ name }) => {
      if (name === 'series.touch') throw new Error('died');
    };
    await expect(index(world, [late])).rejects.toThrow('were not');
    delete world.probe.before;
    world.clock.advance(DAY);
    expect((await pass(world)).counts).toEqual({ 'default set_differs repaired': 1 });
    expect(world.completion.sent.at(-1)?.message).toMatchObject({ kind: 'late' });
  });

  test('each series that is not final, however long ago it has changed', async () => {
    const world = await worldWithPass();
    await index(world, putSlices(world, 1, { folder: 'default/b', overrides: { seriesInstanceUid: LOST } }));
    for (let at = 0; at < 3; at += 1) {
      world.clock.advance(5 * DAY);
      expect((await pass(world)).counts).toMatchObject({ 'default stuck skipped': 1 });
    }
  });
});

test('a pass that is under way gives way to a full one that was requested', async () => {
  const world = await worldWithPass();
  world.clock.advance(DAY);
  const startedAt = world.clock.instant();
  await world.reconciliation.savePass({
    startedAt,
    position: { phase: 'series' },
    counts: {},
    since: startedAt,
  });
  world.clock.advance(HOUR);
  expect(await pass(world, { full: true })).toMatchObject({ isFull: true });
  expect(await world.reconciliation.savePass({ startedAt, counts: {} })).toBe('replaced');
});
