import { expect, test } from 'vitest';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { slice } from '../../../support/world/scans.ts';
import { seriesIn } from '../../../support/world/stages.ts';
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
