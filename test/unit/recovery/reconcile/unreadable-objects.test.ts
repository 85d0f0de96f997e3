import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../../functions/handlers/reconcile/handler.ts';
import { ObjectUnreadableError } from '../../../../functions/instances/drop-bucket.ts';
import { lambdaContext } from '../../../support/world/delivery.ts';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { keyOf, putSlices, slice } from '../../../support/world/scans.ts';
import { index, seriesIn } from '../../../support/world/stages.ts';
import type { World } from '../../../support/world/world.ts';
import { doneSeries, kindsOf, reconcile, run } from './reconcile-all.ts';

const HOUR = 3600;
const LOST = '1.2.9';

function runOnce(world: World) {
  world.remainingMs = 840_000;
  return createHandler(world.deps)({ pass: { repair: true } }, lambdaContext(world));
}

/** S3 refuses what is below this prefix. */
function refuse(world: World, prefix: string, code: string): void {
  world.probe.before = ({ name, args: [first] }) => {
    const key = name === 'drop.openInstance' ? (first as { key: string }).key : String(first);
    if (/^drop\.(readRange|readSmall|openInstance)$/.test(name) && key.startsWith(prefix))
      throw new ObjectUnreadableError(code);
  };
}

function rowsOf(world: World, seriesInstanceUid: string) {
  return world.instances.all().filter((row) => row.seriesInstanceUid === seriesInstanceUid);
}

/** Three objects at the beginning of the bucket that no row can be matched with, and 1,100 later ones whose events were lost. */
function mixedBucket(): World {
  const world = newWorld();
  putSlices(world, 3, { folder: 'default/a' });
  putSlices(world, 1_100, { folder: 'default/b', overrides: { seriesInstanceUid: LOST } });
  world.clock.advance(HOUR);
  return world;
}

describe('an object that S3 refuses', () => {
  test.each(['InvalidObjectState', 'AccessDenied', 'InvalidRequest', 'KMS.DisabledException'])(
    'REQ-ING-3: is a finding with its code (%s), and the pass goes on',
    async (code) => {
      const world = mixedBucket();
      refuse(world, 'default/a/', code);
      expect(await runOnce(world)).toMatchObject({ isComplete: true });
      expect(rowsOf(world, LOST)).toHaveLength(1_100);
      expect(await world.reconciliation.loadPass()).toMatchObject({
        counts: { 'default object_unreadable skipped': 3, 'default object_unknown repaired': 1_100 },
      });
      expect(world.log).toContainEqual({
        level: 'warn',
        message: 'objects cannot be read',
        fields: { source: 'default', code, objects: 3 },
      });
      expect(world.metrics).toContainEqual({
        name: 'ObjectsUnreadable',
        value: 3,
        dimensions: { source: 'default' },
      });
    },
  );

  test('is no finding where the rows of its series know it', async () => {
    const world = newWorld();
    await doneSeries(world, 16);
    refuse(world, keyOf(1), 'AccessDenied');
    expect(await reconcile(world, { repair: true })).toEqual([]);
  });

  test('is told to whoever asks, with its key and code', async () => {
    const world = mixedBucket();
    refuse(world, 'default/a/', 'AccessDenied');
    const told = (await reconcile(world)).filter(({ kind }) => kind === 'object_unreadable');
    expect(told[0]).toEqual({
      kind: 'object_unreadable',
      outcome: 'reported',
      source: 'default',
      key: keyOf(1, 'default/a'),
      code: 'AccessDenied',
    });
    expect(told).toHaveLength(3);
  });

  test('as a marker is a finding too', async () => {
    const world = newWorld();
    world.drop.put('default/a/_COMPLETE', Buffer.from(''));
    world.clock.advance(HOUR);
    refuse(world, 'default/a/', 'AccessDenied');
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['object_unreadable skipped']);
  });

  test('keeps its quarantine row', async () => {
    const world = newWorld();
    world.drop.put('default/notes.txt', Buffer.from('no scan'));
    await index(world, ['default/notes.txt']);
    world.clock.advance(HOUR);
    refuse(world, 'default/notes.txt', 'InvalidObjectState');
    expect(await reconcile(world, { repair: true })).toEqual([]);
    expect(world.quarantine.all()).toHaveLength(1);
  });

  test('is not missing: its row stays', async () => {
    const world = newWorld({ isVersioned: true });
    await index(world, putSlices(world, 3));
    world.clock.advance(HOUR);
    world.drop.delete(keyOf(1));
    refuse(world, keyOf(1), 'InvalidObjectState');
    expect(kindsOf(await reconcile(world, { repair: true }))).not.toContain('row_without_object pending');
  });

  test('gives way to other content of its instance', async () => {
    const world = newWorld();
    new FakeQure(world);
    await index(world, putSlices(world, 3));
    await run(world);
    world.drop.put('default/again/IM 1', slice(1, { sliceThicknessMm: 9 }));
    world.clock.advance(HOUR);
    refuse(world, keyOf(1), 'InvalidObjectState');
    expect(kindsOf(await reconcile(world, { repair: true }))).toContain('object_unknown repaired');
    expect(
      rowsOf(world, (await seriesIn(world, 'DONE')).seriesInstanceUid).map((row) => row.object.key),
    ).toContain('default/again/IM 1');
  });
});

test('an archived object is not asked for', async () => {
  const world = newWorld();
  putSlices(world, 3);
  world.clock.advance(HOUR);
  world.drop.archive(keyOf(1));
  let reads = 0;
  world.probe.before = ({ name, args }) => {
    if (name === 'drop.readRange' && args[0] === keyOf(1)) reads += 1;
  };
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([
    'object_unknown repaired',
    'object_unknown repaired',
  ]);
  expect(reads).toBe(0);
});

describe('a page that fails', () => {
  test('because of an outage is tried again by each run, and nothing is passed over', async () => {
    const world = mixedBucket();
    world.probe.before = ({ name }) => {
      if (name === 'drop.list') throw new Error('S3 is down');
    };
    for (let at = 0; at < 20; at += 1) await expect(runOnce(world)).rejects.toThrow('S3 is down');
    delete world.probe.before;
    expect(await runOnce(world)).toMatchObject({ isComplete: true });
    expect(rowsOf(world, LOST)).toHaveLength(1_100);
  });

  test('again and again is passed over with a finding', async () => {
    const world = mixedBucket();
    // Nobody knows why: it is no refusal.
    world.probe.before = ({ name, args }) => {
      if (name === 'drop.readRange' && String(args[0]).startsWith('default/a/')) throw new Error('a bug');
    };
    for (let at = 0; at < 8; at += 1) await expect(runOnce(world)).rejects.toThrow('a bug');
    expect(rowsOf(world, LOST)).toEqual([]);
    expect(await runOnce(world)).toMatchObject({ isComplete: true });
    // All but those of the page that failed.
    expect(rowsOf(world, LOST)).toHaveLength(103);
    expect((await world.reconciliation.loadPass())?.counts).toMatchObject({ '- page_failed failed': 1 });
  });

  test('by taking too long is passed over without another try', async () => {
    const world = mixedBucket();
    const startedAt = world.clock.instant();
    // Each run died by its time-out, and had only been counted.
    await world.reconciliation.savePass({
      startedAt,
      position: { phase: 'objects' },
      counts: {},
      failedRuns: 10,
    });
    await runOnce(world);
    expect(rowsOf(world, LOST)).toHaveLength(103);
    expect((await world.reconciliation.loadPass())?.counts).toMatchObject({ '- page_failed failed': 1 });
  });
});
