import { expect, test } from 'vitest';
import { toMarkedFile } from '../../../../functions/delivery/upload-records.ts';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { slice } from '../../../support/world/scans.ts';
import { seriesIn } from '../../../support/world/stages.ts';
import type { World } from '../../../support/world/world.ts';
import { drop, indexAll, slices, ZIP, zip } from '../../ingest/archive-world.ts';
import { kindsOf, reconcile, run } from './reconcile-all.ts';

test('an archive whose event was lost is found and indexed', async () => {
  const world = newWorld();
  new FakeQure(world);
  world.drop.put(ZIP, zip(slices(3)));
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world))).toEqual(['object_unknown reported']);
  expect(world.archives.all()).toEqual([]);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['object_unknown repaired']);
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 3 });
  world.clock.advance(3600);
  let reads = 0;
  world.probe.before = ({ name }) => {
    if (name === 'drop.readRange') reads += 1;
  };
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
  expect(reads).toBe(0);
});

test('an archive whose message was lost is found', async () => {
  const world = newWorld();
  world.probe.before = ({ name }) => {
    if (name === 'queues.sendCompletion') throw new Error('the run dies');
  };
  await drop(world, ZIP, zip(slices(3))).catch(() => undefined);
  delete world.probe.before;
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['object_unknown repaired']);
});

test('an archive that was replaced and whose event was lost is found', async () => {
  const world = newWorld();
  new FakeQure(world);
  await drop(world, ZIP, zip(slices(3)));
  await run(world);
  world.clock.advance(3600);
  world.drop.put(ZIP, zip(slices(4)));
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['object_unknown repaired']);
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 4, generation: 2 });
});

test('a DICOM file with the name of an archive is checked as one', async () => {
  const world = newWorld();
  new FakeQure(world);
  world.drop.put(ZIP, slice(1));
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['object_unknown repaired']);
  await run(world);
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
});

test('the missing entries of an archive cost no request each', async () => {
  const world = newWorld({ isVersioned: true });
  await drop(world, ZIP, zip(slices(40)));
  await indexAll(world);
  world.drop.put(ZIP, zip(slices(40, 100)));
  world.clock.advance(3600);
  let opens = 0;
  world.probe.before = ({ name }) => {
    if (name === 'drop.openInstance') opens += 1;
  };
  await reconcile(world);
  expect(opens).toBeLessThanOrEqual(3);
});

const AGAIN = 'default/Doe^Jane/again.zip';
const HOUR = 3600;

function keysOfRows(world: World): string[] {
  return world.instances.all().map(({ object }) => object.key);
}

/** An archive of three instances, and then another one that holds other content of them, until that is deleted before its upload. */
async function replacedThenDeleted(): Promise<World> {
  const world = newWorld();
  new FakeQure(world);
  await drop(world, ZIP, zip(slices(3)));
  await indexAll(world);
  world.clock.advance(5);
  const other = [1, 2, 3].map((number) => slice(number, { seriesDescription: 'other content' }));
  await drop(world, AGAIN, zip(other));
  await indexAll(world);
  expect(new Set(world.instances.all().map(({ object }) => object.key))).toEqual(new Set([AGAIN]));
  world.drop.delete(AGAIN);
  await run(world);
  expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
  world.clock.advance(HOUR);
  await reconcile(world, { repair: true });
  world.clock.advance(HOUR);
  return world;
}

test('an earlier archive is indexed again when the rows of a later one are removed', async () => {
  const world = await replacedThenDeleted();
  const findings = kindsOf(await reconcile(world, { repair: true }));
  expect(findings.filter((kind) => kind === 'row_without_object repaired')).toHaveLength(2);
  await run(world);
  expect(keysOfRows(world).filter((key) => key === ZIP)).toHaveLength(2);
});

test('an earlier archive is indexed again although the run that removed a row of a later one died', async () => {
  const world = await replacedThenDeleted();
  world.probe.after = ({ name }) => {
    if (name === 'reconciliation.removeInstance') throw new Error('the run dies');
  };
  await reconcile(world, { repair: true }).catch(() => undefined);
  delete world.probe.after;
  expect(world.instances.all()).toHaveLength(2);
  world.clock.advance(HOUR);
  await reconcile(world, { repair: true });
  await run(world);
  expect(world.instances.all()).toHaveLength(3);
});

test('an archive is indexed again, once, when a run that began before it has overwritten its rows with older content', async () => {
  const world = newWorld();
  new FakeQure(world);
  for (const [at, bytes] of slices(3).entries()) await drop(world, `default/${at}.dcm`, bytes);
  const overwriting = world.instances.all();
  world.clock.advance(20);
  await drop(world, ZIP, zip([1, 2, 3].map((number) => slice(number, { seriesDescription: 'corrected' }))));
  await indexAll(world);
  await world.instances.put(overwriting);
  await run(world);
  world.clock.advance(HOUR);
  await reconcile(world);
  await run(world);
  expect(keysOfRows(world)).not.toContain(ZIP);
  await reconcile(world, { repair: true });
  await run(world);
  expect(keysOfRows(world)).toEqual([ZIP, ZIP, ZIP]);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2 });
  // Other rows that are older are no sign of a second run of that time.
  await world.instances.put(overwriting);
  await reconcile(world, { repair: true });
  await run(world);
  expect(keysOfRows(world)).not.toContain(ZIP);
});

test('an archive that brings more slices, long after the first ones, is not indexed again', async () => {
  const world = newWorld();
  new FakeQure(world);
  for (const [at, bytes] of slices(2).entries()) await drop(world, `default/${at}.dcm`, bytes);
  await run(world);
  world.clock.advance(HOUR);
  await drop(world, ZIP, zip([slice(3), slice(4)]));
  await run(world);
  world.clock.advance(HOUR);
  let reopened = 0;
  world.probe.before = ({ name }) => {
    if (name === 'archives.reopen') reopened += 1;
  };
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
  expect(reopened).toBe(0);
});

test('entries of an archive that is gone keep their rows, where others of it are uploaded: a part is not computed', async () => {
  const world = newWorld();
  const qure = new FakeQure(world);
  await drop(world, ZIP, zip(slices(3)));
  await indexAll(world);
  world.probe.before = ({ name }) => {
    if (name !== 'queues.sendCompute') return;
    delete world.probe.before;
    world.drop.delete(ZIP);
  };
  await run(world);
  const { uploadRound } = await seriesIn(world, 'FAILED');
  const [first] = world.instances.all();
  if (first === undefined) throw new Error('expected rows');
  await world.uploadRecords.add(first, uploadRound, { registered: [toMarkedFile(first)] });
  for (let passes = 0; passes < 3; passes += 1) {
    world.clock.advance(HOUR);
    await reconcile(world, { repair: true });
    await run(world);
  }
  expect(world.instances.all()).toHaveLength(3);
  expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
  expect(qure.accepted).toEqual([]);
  // Dropped again, it is computed as a whole.
  await drop(world, AGAIN, zip(slices(4)));
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 4 });
});
