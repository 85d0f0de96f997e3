import { expect, test } from 'vitest';
import { readTogether } from '../../../functions/delivery/read-together.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { contentOf, drop, indexAll, slices, TAR, tar, ZIP, zip } from '../ingest/archive-world.ts';

function countReads(world: World): { reads: number } {
  const counted = { reads: 0 };
  world.probe.before = ({ name }) => {
    if (name === 'drop.readRange' || name === 'drop.openInstance') counted.reads += 1;
  };
  return counted;
}

test.each([
  ['zip', ZIP, zip],
  ['tar', TAR, tar],
])('the entries of a %s are read with one request', async (_name, key, pack) => {
  const world = newWorld();
  await drop(world, key, pack(slices(12)));
  await indexAll(world);
  const rows = world.instances.all();
  const counted = countReads(world);
  const shared = readTogether(world.deps.drop, rows);
  for (const row of rows) {
    const opened = await shared.openInstance(row.object);
    const expected = await contentOf(world, row);
    expect(opened.kind === 'open' && Buffer.concat(await opened.body.toArray())).toEqual(expected);
  }
  expect(counted.reads).toBe(1);
});

test('files, and a single entry, are opened one by one', async () => {
  const world = newWorld();
  await index(world, putSlices(world, 2));
  await drop(world, ZIP, zip(slices(1, 3)));
  await indexAll(world);
  const counted = countReads(world);
  const shared = readTogether(world.deps.drop, world.instances.all());
  for (const { object } of world.instances.all())
    expect(await shared.openInstance(object)).toMatchObject({ kind: 'open' });
  expect(counted.reads).toBe(3);
});

test('of an archive that was replaced nothing is read', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(3)));
  await indexAll(world);
  world.drop.put(ZIP, zip(slices(3, 7)));
  const shared = readTogether(world.deps.drop, world.instances.all());
  for (const { object } of world.instances.all())
    expect(await shared.openInstance(object)).toEqual({ kind: 'missing' });
});
