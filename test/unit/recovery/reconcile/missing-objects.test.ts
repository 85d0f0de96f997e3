import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../functions/recovery/reconcile/reconciliation.ts';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { breakCalls } from '../../../support/world/port-calls.ts';
import { keyOf, slice } from '../../../support/world/scans.ts';
import { completedSeries, index, seriesIn } from '../../../support/world/stages.ts';
import { sourceNamed, type World } from '../../../support/world/world.ts';
import { doneSeries, kindsOf, oldSeries, reconcile, run } from './reconcile-all.ts';

const KEY = keyOf(2);
const HOUR = 3600;

/** Repairs, and once more an hour later: the first look notes what the second one acts on. */
async function repairTwice(world: World, between: () => unknown = () => {}): Promise<Finding[]> {
  const first = await reconcile(world, { repair: true });
  await between();
  world.clock.advance(HOUR);
  return [...first, ...(await reconcile(world, { repair: true }))];
}

/** A series of three slices that failed because the second one is gone. */
async function failedSeries(world: World): Promise<void> {
  new FakeQure(world);
  await completedSeries(world);
  world.drop.delete(KEY);
  await run(world);
  expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
  world.clock.advance(HOUR);
}

describe('a missing object that is still needed', () => {
  test('is reported, and nothing is written', async () => {
    const world = newWorld();
    await failedSeries(world);
    const before = world.instances.all();
    expect(kindsOf(await reconcile(world))).toEqual(['row_without_object reported']);
    world.clock.advance(HOUR);
    expect(kindsOf(await reconcile(world))).toEqual(['row_without_object reported']);
    expect(world.instances.all()).toEqual(before);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('is pending at first; then its row becomes a quarantine row, and the rest of the series is processed', async () => {
    const world = newWorld();
    await failedSeries(world);
    expect(kindsOf(await repairTwice(world))).toEqual([
      'row_without_object pending',
      'row_without_object repaired',
    ]);
    expect(world.quarantine.all()).toMatchObject([{ key: KEY, reason: 'object_missing', source: 'default' }]);
    const announced = world.events.filter(({ detailType }) => detailType === 'Object Quarantined');
    expect(announced).toMatchObject([{ detail: { reason: 'object_missing' } }]);
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 2 });
    world.clock.advance(HOUR);
    expect(await reconcile(world, { repair: true })).toEqual([]);
  });

  test.each([
    { name: 'by the rule of its source', retention: { scanDays: 1 }, found: [] },
    { name: 'before its time', retention: { scanDays: 40 }, found: ['row_without_object pending'] },
    {
      name: 'where only results expire',
      retention: { resultDays: 1 },
      found: ['row_without_object pending'],
    },
  ])('that expired $name, of a failed series: $found', async ({ retention, found }) => {
    const world = newWorld({ sources: [sourceNamed('default', { retention })] });
    await failedSeries(world);
    world.clock.advance(30 * 86_400);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(found);
    const missing = found.length;
    world.clock.advance(HOUR);
    await reconcile(world, { repair: true });
    // A failed series that has expired keeps its rows: without them its rest would go to Qure as a whole one.
    expect(world.instances.all()).toHaveLength(3 - missing);
  });

  test('fails its series if it expired while the series was held back: the rest is never computed as a whole', async () => {
    const source = sourceNamed('default', { retention: { scanDays: 1 }, dailyBudget: 1 });
    const world = newWorld({ sources: [source] });
    new FakeQure(world);
    await completedSeries(world);
    // As a budget that is used up holds it back: no message is worked on meanwhile.
    world.drop.delete(KEY);
    world.clock.advance(2 * 86_400);
    expect(kindsOf(await repairTwice(world))).not.toContain('row_without_object pending');
    expect(world.instances.all()).toHaveLength(3);
    await run(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing', instances: 3 });
  });

  test('joins its series when it is dropped again, without a quarantine row', async () => {
    const world = newWorld();
    await failedSeries(world);
    await repairTwice(world);
    await run(world);
    world.drop.put(KEY, slice(2));
    await index(world, [KEY]);
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 3 });
    expect(world.quarantine.all()).toEqual([]);
  });
});

interface Doubt {
  name: string;
  /** Between the first and the second look. */
  between(world: World): unknown;
  found: string[];
}

const DOUBTS: Doubt[] = [
  {
    name: 'the object is back',
    between: (world) => world.drop.put(KEY, slice(2)),
    found: ['row_without_object pending'],
  },
  {
    name: 'it lies under another key, and its event came',
    async between(world) {
      world.drop.put('default/other', slice(2));
      await index(world, ['default/other']);
    },
    found: ['row_without_object pending'],
  },
  {
    name: 'it lies under another key, and its event was lost',
    between: (world) => world.drop.put('default/other', slice(2)),
    found: ['object_moved repaired', 'row_without_object pending'],
  },
  {
    name: 'other content for the same instance lies there, and its event was lost',
    between: (world) => world.drop.put(KEY, slice(2, { sliceThicknessMm: 9 })),
    found: ['object_unknown repaired', 'row_without_object pending'],
  },
  {
    name: 'an object waits to be indexed: it may be this one',
    between(world) {
      world.waitingDrops = 1;
    },
    found: ['row_without_object pending', 'row_without_object pending', 'row_without_object skipped'],
  },
  {
    name: 'it was gone, back, and is gone again: the second look begins anew',
    async between(world) {
      world.drop.put(KEY, slice(2));
      world.clock.advance(HOUR);
      await reconcile(world, { repair: true });
      world.drop.delete(KEY);
    },
    found: ['row_without_object pending', 'row_without_object pending'],
  },
];

describe('no row is removed', () => {
  test.each(DOUBTS)('when $name', async ({ between, found }) => {
    const world = newWorld();
    await failedSeries(world);
    expect(kindsOf(await repairTwice(world, () => between(world)))).toEqual(found);
    expect(world.instances.all()).toHaveLength(3);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('before the longest time that an event takes has passed', async () => {
    const world = newWorld();
    await failedSeries(world);
    await reconcile(world, { repair: true });
    world.clock.advance(899);
    await reconcile(world, { repair: true });
    expect(world.instances.all()).toHaveLength(3);
  });

  test('if it is the last one: the series stays visible', async () => {
    const world = newWorld();
    new FakeQure(world);
    await completedSeries(world, { count: 1 });
    world.drop.delete(keyOf(1));
    await run(world);
    world.clock.advance(HOUR);
    expect(kindsOf(await repairTwice(world))).toContain('row_without_object skipped');
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
    expect(world.instances.all()).toHaveLength(1);
  });
});

interface NotNeeded {
  name: string;
  arrange(world: World): Promise<unknown>;
  isVersioned?: boolean;
}

const NOT_NEEDED: NotNeeded[] = [
  { name: 'the series is done', arrange: (world) => doneSeries(world) },
  {
    name: 'nobody but another system uploads it',
    async arrange(world) {
      world.sources = [sourceNamed('default', { delivery: 'external' })];
      await oldSeries(world);
    },
  },
  {
    name: 'the bucket keeps the version that was indexed',
    isVersioned: true,
    arrange: (world) => oldSeries(world),
  },
  {
    name: 'Qure has it in this round',
    async arrange(world) {
      await oldSeries(world);
      const id = { source: 'default', seriesInstanceUid: world.series.all()[0]?.seriesInstanceUid ?? '' };
      const rows = await world.instances.ofSeries(id);
      const registered = rows.map(({ sopInstanceUid, object }) => ({ sopInstanceUid, etag: object.etag }));
      await world.uploadRecords.add(id, 1, { registered, instancesAtQure: 3 });
    },
  },
];

describe('a missing object is no finding:', () => {
  test.each(NOT_NEEDED)('$name', async ({ arrange, isVersioned = false }) => {
    const world = newWorld({ isVersioned });
    await arrange(world);
    world.drop.delete(KEY);
    const findings = await repairTwice(world);
    expect(findings.filter(({ kind }) => kind === 'row_without_object')).toEqual([]);
    expect(world.instances.all()).toHaveLength(3);
  });
});

interface Race {
  name: string;
  /** The call around which somebody else is at work, once. */
  call: string;
  when: 'before' | 'after';
  other(world: World): unknown;
  instances: number;
  quarantined: number;
}

/** Between the second look and the end of the repair. */
const RACES: Race[] = [
  {
    name: 'the object comes back before its row is taken out, and its event finds the row',
    call: 'reconciliation.removeInstance',
    when: 'before',
    async other(world) {
      world.drop.put(KEY, slice(2));
      await index(world, [KEY]);
    },
    instances: 3,
    quarantined: 0,
  },
  {
    name: 'the object comes back before its row is taken out, and its event comes later',
    call: 'reconciliation.removeInstance',
    when: 'before',
    other: (world) => world.drop.put(KEY, slice(2)),
    instances: 3,
    quarantined: 0,
  },
  {
    name: 'the object comes back after its row was taken out',
    call: 'reconciliation.removeInstance',
    when: 'after',
    other: (world) => world.drop.put(KEY, slice(2)),
    instances: 3,
    quarantined: 0,
  },
  {
    name: 'the event of a copy under another key moves the row first',
    call: 'reconciliation.removeInstance',
    when: 'before',
    async other(world) {
      world.drop.put('default/other', slice(2));
      await index(world, ['default/other']);
    },
    instances: 3,
    quarantined: 0,
  },
  {
    name: 'the event of a copy under another key comes after the row was taken out',
    call: 'reconciliation.removeInstance',
    when: 'after',
    async other(world) {
      world.drop.put('default/other', slice(2));
      await index(world, ['default/other']);
    },
    instances: 3,
    // True of that key: its object was gone before it was uploaded.
    quarantined: 1,
  },
  {
    name: 'another instance of another series is dropped under the key',
    call: 'reconciliation.removeInstance',
    when: 'before',
    other: (world) => world.drop.put(KEY, slice(1, { seriesInstanceUid: '1.2.9' })),
    instances: 3,
    quarantined: 0,
  },
];

describe('a race', () => {
  test.each(RACES)('$name', async ({ call, when, other, instances, quarantined }) => {
    const world = newWorld();
    await failedSeries(world);
    await reconcile(world, { repair: true });
    world.clock.advance(HOUR);
    world.probe[when] = async ({ name }) => {
      if (name !== call) return;
      delete world.probe[when];
      await other(world);
    };
    await reconcile(world, { repair: true });
    expect(world.probe[when]).toBeUndefined();
    await run(world);
    expect(world.instances.all()).toHaveLength(instances);
    expect(world.quarantine.all()).toHaveLength(quarantined);
    for (const { key } of world.instances.all().map(({ object }) => object))
      expect(world.drop.keys()).toContain(key);
    // Where the set is the one that failed before, a person retries it.
    for (const series of world.series.all()) expect(['DONE', 'FAILED']).toContain(series.state);
  });
});

test('counts a deletion that the SDK repeated as its own', async () => {
  const world = newWorld();
  await failedSeries(world);
  await reconcile(world, { repair: true });
  world.clock.advance(HOUR);
  world.probe.before = async ({ name }) => {
    if (name !== 'reconciliation.removeInstance') return;
    const row = world.instances.all().find(({ object }) => object.key === KEY);
    if (row !== undefined) await world.reconciliation.removeInstance(row);
  };
  expect(kindsOf(await reconcile(world, { repair: true }))).toContain('row_without_object repaired');
  delete world.probe.before;
  await run(world);
  expect(world.quarantine.all()).toMatchObject([{ key: KEY, reason: 'object_missing' }]);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 2 });
});

describe('a run that dies', () => {
  const DEATHS = [
    { call: 'world.publish', when: 'before' as const },
    { call: 'quarantine.put', when: 'after' as const },
    { call: 'reconciliation.removeInstance', when: 'before' as const },
    { call: 'reconciliation.removeInstance', when: 'after' as const },
    { call: 'queues.sendCompletion', when: 'before' as const },
    { call: 'reconciliation.deleteMissing', when: 'before' as const },
  ];
  test.each(DEATHS)('$when $call is continued by the next run', async ({ call, when }) => {
    const world = newWorld();
    await failedSeries(world);
    await reconcile(world, { repair: true });
    world.clock.advance(HOUR);
    breakCalls(world.probe, call, when);
    await reconcile(world, { repair: true }).catch(() => undefined);
    delete world.probe[when];
    for (let again = 0; again < 3; again += 1) {
      world.clock.advance(HOUR);
      await reconcile(world, { repair: true });
    }
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 2 });
    expect(world.quarantine.all()).toMatchObject([{ key: KEY, reason: 'object_missing' }]);
    const ids = world.events.flatMap(({ detailType, detail }) =>
      detailType === 'Object Quarantined' ? [detail.eventId] : [],
    );
    expect(new Set(ids).size).toBe(1);
  });
});
