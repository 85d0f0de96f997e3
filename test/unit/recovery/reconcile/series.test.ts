import { describe, expect, test } from 'vitest';
import type { Series } from '../../../../functions/series/series.ts';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { ID, keyOf, putSlices, slice, sopUid } from '../../../support/world/scans.ts';
import { completedSeries, computingSeries, index, seriesIn } from '../../../support/world/stages.ts';
import { sourceNamed, type World } from '../../../support/world/world.ts';
import { doneSeries, kindsOf, oldSeries, reconcile, run } from './reconcile-all.ts';

const HOUR = 3600;

/** What Qure had really received of a done series: the receipts of its marks, written over. */
async function shortenReceipts(world: World, instancesAtQure: number): Promise<void> {
  const { uploadRound } = await seriesIn(world, 'DONE');
  for (const mark of await world.uploadRecords.of(ID, uploadRound))
    await world.uploadRecords.add(ID, uploadRound, { ...mark, instancesAtQure });
}

describe('receipts that count fewer instances than we hold', () => {
  test('of a done series: everything is uploaded again, and the next generation is computed', async () => {
    const world = newWorld();
    const qure = await doneSeries(world);
    await shortenReceipts(world, 2);
    expect(kindsOf(await reconcile(world))).toEqual(['receipt_short reported']);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['receipt_short repaired']);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({
      generation: 2,
      uploadRound: 2,
      isRecompute: true,
    });
    const uploads = world.qure.uploads.calls.length;
    await run(world);
    expect(world.qure.uploads.calls.length).toBeGreaterThan(uploads);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 3 });
    expect(qure.accepted).toMatchObject([{ isRecompute: false }, { isRecompute: true }]);
    world.clock.advance(HOUR);
    expect(await reconcile(world, { repair: true })).toEqual([]);
  });

  test('of a done series whose objects were deleted: its results stay', async () => {
    const world = newWorld();
    await doneSeries(world);
    await shortenReceipts(world, 2);
    world.drop.delete(keyOf(1));
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['receipt_short skipped']);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1 });
  });

  test('of a series that is being computed: it is skipped until its answer is there', async () => {
    const world = newWorld();
    await computingSeries(world);
    world.clock.advance(HOUR);
    expect(kindsOf(await reconcile(world, { repair: true }))).toContain('receipt_short skipped');
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 1, uploadRound: 1 });
  });

  test('of a series that is saved concurrently: it is skipped', async () => {
    const world = newWorld();
    await doneSeries(world);
    await shortenReceipts(world, 2);
    world.probe.before = async ({ name }) => {
      if (name === 'series.save') world.series.seed({ ...(await seriesIn(world, 'DONE')), version: 99 });
    };
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['receipt_short skipped']);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1 });
  });

  test('are ignored if another system uploads', async () => {
    const world = newWorld({ sources: [sourceNamed('default', { delivery: 'external' })] });
    await doneSeries(world);
    expect(await reconcile(world, { repair: true })).toEqual([]);
  });
});

describe('rows that are another set than the judged one', () => {
  test('get a new message', async () => {
    const world = newWorld();
    const qure = await doneSeries(world);
    const [row] = await world.instances.find([{ ...ID, sopInstanceUid: sopUid(1) }]);
    world.drop.put(keyOf(4), slice(4));
    const object = { key: keyOf(4), etag: '', sizeBytes: 0, isGzip: false };
    const [listed] = (await world.drop.list(keyOf(4))).objects;
    if (row === undefined || listed === undefined) throw new Error('expected a row and an object');
    const { etag, sizeBytes } = listed;
    await world.instances.put([
      { ...row, sopInstanceUid: sopUid(4), object: { ...object, etag, sizeBytes } },
    ]);
    world.clock.advance(HOUR);
    expect(kindsOf(await reconcile(world))).toEqual(['set_differs reported']);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['set_differs repaired']);
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
    expect(qure.accepted.map(({ instances }) => instances.length)).toEqual([3, 4]);
  });

  test('are not checked while their message may be on its way', async () => {
    const world = newWorld();
    await doneSeries(world);
    await index(world, putSlices(world, 1, { from: 4 }));
    world.clock.advance(600);
    expect(await reconcile(world, { repair: true })).toEqual([]);
  });
});

describe('a series that the sweep misses', () => {
  test.each([
    { name: 'was due long ago', dueAgoSeconds: 961, found: ['stuck skipped'] },
    { name: 'is just due', dueAgoSeconds: 60, found: [] },
    { name: 'is never due', dueAgoSeconds: undefined, found: ['not_scheduled skipped'] },
  ])('$name', async ({ dueAgoSeconds, found }) => {
    const world = newWorld();
    await completedSeries(world);
    world.clock.advance(HOUR);
    const { dueAt: _due, ...series } = await seriesIn(world, 'COMPLETE');
    const dueAt = new Date(world.clock.now().getTime() - (dueAgoSeconds ?? 0) * 1000).toISOString();
    world.series.seed((dueAgoSeconds === undefined ? series : { ...series, dueAt }) as Series);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(found);
  });

  test('of a source that is gone is reported, and nothing else is concluded', async () => {
    const world = newWorld();
    await oldSeries(world);
    world.sources = [sourceNamed('second')];
    world.clock.advance(15 * 86_400);
    const kinds = (await reconcile(world, { repair: true })).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['stuck', 'object_unowned']));
    expect(world.quarantine.all()).toEqual([]);
  });
});

describe('a quarantine row whose object was deleted', () => {
  const KEY = 'default/notes.txt';
  async function quarantined(): Promise<World> {
    const world = newWorld();
    world.drop.put(KEY, Buffer.from('no scan'));
    await index(world, [KEY]);
    world.drop.delete(KEY);
    world.clock.advance(HOUR);
    return world;
  }

  test('is reported, and removed by a repair', async () => {
    const world = await quarantined();
    expect(kindsOf(await reconcile(world))).toEqual(['quarantine_stale reported']);
    expect(world.quarantine.all()).toHaveLength(1);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['quarantine_stale repaired']);
    expect(world.quarantine.all()).toEqual([]);
  });

  test.each([
    {
      name: 'the same content comes back before',
      when: 'before' as const,
      body: 'no scan',
      reason: 'not_dicom',
    },
    {
      name: 'the same content comes back after',
      when: 'after' as const,
      body: 'no scan',
      reason: 'not_dicom',
    },
  ])('has a row in the end if $name the removal of its quarantine row', async ({ when, body, reason }) => {
    const world = await quarantined();
    world.probe[when] = async ({ name }) => {
      if (name !== 'reconciliation.removeQuarantined') return;
      world.drop.put(KEY, Buffer.from(body));
      if (when === 'before') {
        delete world.probe.before;
        await index(world, [KEY]);
      }
    };
    await reconcile(world, { repair: true });
    expect(world.quarantine.all()).toMatchObject([{ key: KEY, reason }]);
  });

  test('stays with the reason object_missing', async () => {
    const world = newWorld();
    await index(world, [KEY]);
    world.clock.advance(HOUR);
    expect(await reconcile(world, { repair: true })).toEqual([]);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'object_missing' }]);
  });
});

test('finds nothing and computes nothing twice with a repair at every hour of a series', async () => {
  const world = newWorld();
  const qure = new FakeQure(world);
  await index(world, putSlices(world, 3));
  for (let hour = 0; hour < 3; hour += 1) {
    await run(world);
    expect(await reconcile(world, { repair: true, minAgeSeconds: 0 })).toEqual([]);
    world.clock.advance(HOUR);
  }
  expect(qure.accepted).toHaveLength(1);
});
