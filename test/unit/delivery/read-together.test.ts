import { expect, test } from 'vitest';
import { readTogether } from '../../../functions/delivery/read-together.ts';
import type { DropBucket } from '../../../functions/instances/drop-bucket.ts';
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
  const shared = readTogether(world.deps.drop, rows, 5);
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
  const shared = readTogether(world.deps.drop, world.instances.all(), 5);
  for (const { object } of world.instances.all())
    expect(await shared.openInstance(object)).toMatchObject({ kind: 'open' });
  expect(counted.reads).toBe(3);
});

test('of an archive that was replaced nothing is read', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(3)));
  await indexAll(world);
  world.drop.put(ZIP, zip(slices(3, 7)));
  const shared = readTogether(world.deps.drop, world.instances.all(), 5);
  for (const { object } of world.instances.all())
    expect(await shared.openInstance(object)).toEqual({ kind: 'missing' });
});

test('the more requests run at once, the less each keeps in memory', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(4)));
  await indexAll(world);
  const [row] = world.instances.all();
  const entry = row?.object.entry;
  if (row === undefined || entry === undefined) throw new Error('expected an entry');
  const { object } = row;
  // Four neighbours of 5 MiB each, of which one request may keep 20 MiB, and one of 32 requests 6 MiB.
  const storedBytes = 5 * 1024 * 1024;
  const neighbours = [0, 1, 2, 3].map((at) => ({
    ...row,
    object: { ...object, entry: { ...entry, offset: at * storedBytes, storedBytes } },
  }));
  const spansRead = async (requestsAtOnce: number) => {
    const lengths: number[] = [];
    const gone: DropBucket = {
      ...world.deps.drop,
      openInstance: async () => ({ kind: 'missing' }),
      readRange: async (_key: string, first: number, last: number) => {
        lengths.push(last - first + 1);
        return { kind: 'missing' };
      },
    };
    const shared = readTogether(gone, neighbours, requestsAtOnce);
    for (const { object: one } of neighbours) await shared.openInstance(one);
    return lengths;
  };
  expect(await spansRead(5)).toEqual([4 * storedBytes]);
  expect(await spansRead(32)).toEqual([]);
});
