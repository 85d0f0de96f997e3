import { buildDicom, DIRECTORY } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { breakCalls } from '../../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, SERIES, slice, sopUid } from '../../../support/world/scans.ts';
import { index, seriesIn } from '../../../support/world/stages.ts';
import { sourceNamed, type World } from '../../../support/world/world.ts';
import { doneSeries, kindsOf, reconcile, run } from './reconcile-all.ts';

const NEW_KEY = 'default/moved/IM 1';

interface Case {
  name: string;
  arrange(world: World): Promise<unknown> | unknown;
  found: string[];
  /** What a second repair still tells. @default nothing */
  left?: string[];
}

/** Each arranged in a world that has one series of three slices, done an hour ago. */
const CASES: Case[] = [
  { name: 'a bucket and an index that agree', arrange: () => {}, found: [] },
  {
    name: 'an object of a known series whose event was lost',
    arrange: (world) => putSlices(world, 1, { from: 4 }),
    found: ['object_unknown'],
  },
  {
    name: 'a series none of whose events came',
    arrange: (world) =>
      putSlices(world, 3, { folder: 'default/b', overrides: { seriesInstanceUid: '1.2.9' } }),
    found: ['object_unknown', 'object_unknown', 'object_unknown'],
  },
  {
    name: 'rubbish whose event was lost',
    arrange: (world) => world.drop.put('default/notes.txt', Buffer.from('no scan')),
    found: ['object_unknown'],
  },
  {
    name: 'a replacement whose event was lost',
    arrange: (world) => world.drop.put(keyOf(1), slice(1, { sliceThicknessMm: 9 })),
    found: ['object_unknown'],
  },
  {
    name: 'a replacement in parts that has the time of its beginning, and whose event was lost',
    async arrange(world) {
      const end = world.drop.begin(keyOf(1));
      world.clock.advance(60);
      world.drop.put(keyOf(1), slice(1, { sliceThicknessMm: 8 }));
      await index(world, [keyOf(1)]);
      await run(world);
      end(slice(1, { sliceThicknessMm: 9 }));
    },
    found: ['object_unknown'],
  },
  {
    name: 'an object that was moved and whose event was lost',
    arrange(world) {
      world.drop.put(NEW_KEY, slice(1));
      world.drop.delete(keyOf(1));
    },
    found: ['object_moved'],
  },
  {
    name: 'a second copy of an instance',
    arrange: (world) => world.drop.put(NEW_KEY, slice(1)),
    found: [],
  },
  {
    name: 'a second copy with another ETag',
    arrange: (world) => world.drop.put(NEW_KEY, slice(1), 'multipart-1'),
    found: [],
  },
  {
    name: 'a later drop of other content under another key whose event was lost',
    arrange: (world) => world.drop.put(NEW_KEY, slice(1, { sliceThicknessMm: 9 })),
    found: ['object_unknown'],
  },
  {
    name: 'a marker whose event was lost',
    arrange: (world) => world.drop.put('default/Doe^Jane/_COMPLETE', Buffer.from('')),
    found: ['marker_unknown'],
  },
  {
    name: 'what is ignored',
    arrange(world) {
      world.drop.put('default/folder/', Buffer.alloc(0));
      world.drop.put('default/DICOMDIR', buildDicom(DIRECTORY));
    },
    found: [],
  },
  {
    name: 'an object below no prefix whose event was lost',
    arrange: (world) => world.drop.put('elsewhere/IM 1', slice(1)),
    found: ['object_unowned'],
  },
  {
    name: 'an old object below no prefix: for a person, since its source may have been taken away',
    arrange(world) {
      world.drop.put('elsewhere/IM 1', slice(1));
      world.clock.advance(15 * 86_400);
    },
    found: ['object_unowned'],
    left: ['object_unowned skipped'],
  },
  ...['exchanged', 'of a source that is gone'].map((how) => ({
    name: `objects that another source has indexed, whose prefix this one has now (${how})`,
    arrange(world: World) {
      const south = sourceNamed('south', { prefix: 'default/' });
      world.sources = how === 'exchanged' ? [south, sourceNamed('default', { prefix: 'south/' })] : [south];
    },
    found: Array<string>(3).fill('object_of_other_source'),
    left: Array<string>(3).fill('object_of_other_source skipped'),
  })),
  {
    name: 'an object of a source with a mistaken parameter: it waits',
    arrange(world) {
      world.misconfiguredPrefixes = ['broken/'];
      world.drop.put('broken/IM 1', slice(1));
    },
    found: [],
  },
  {
    name: 'a quarantine row of an earlier content',
    async arrange(world) {
      world.drop.put(keyOf(4), Buffer.from('not yet'));
      await index(world, [keyOf(4)]);
      world.drop.put(keyOf(4), slice(4));
    },
    found: ['quarantine_outdated'],
  },
  {
    name: 'a quarantine row that a late event left, of an object that is there',
    async arrange(world) {
      await index(world, [keyOf(4)]);
      world.drop.put(keyOf(4), slice(4));
    },
    found: ['quarantine_outdated'],
  },
  {
    name: 'quarantined content that is still there',
    async arrange(world) {
      world.drop.put('default/notes.txt', Buffer.from('no scan'));
      await index(world, ['default/notes.txt']);
    },
    found: [],
  },
];

describe.each(CASES)('$name', ({ arrange, found, left = [] }) => {
  async function arranged(): Promise<World> {
    const world = newWorld();
    await doneSeries(world);
    await arrange(world);
    world.clock.advance(3600);
    return world;
  }

  test('is reported, and nothing is changed', async () => {
    const world = await arranged();
    const before = rowsOf(world);
    // Until it is moved, a moved object is also told as missing in its old place where the series needs it.
    expect(kindsOf(await reconcile(world))).toEqual(found.map((kind) => `${kind} reported`));
    expect(rowsOf(world)).toEqual(before);
  });

  test('REQ-ING-3: is repaired once, and every series reaches a final state', async () => {
    const world = await arranged();
    const kinds = (await reconcile(world, { repair: true })).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(found);
    await run(world);
    world.clock.advance(3600);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(left);
    for (const series of world.series.all()) expect(series.state).toBe('DONE');
  });
});

function rowsOf(world: World) {
  return [world.series.all(), world.instances.all(), world.quarantine.all(), world.completion.sent.length];
}

test('begins the next generation with all instances for a lost object', async () => {
  const world = newWorld();
  const qure = await doneSeries(world);
  putSlices(world, 1, { from: 4 });
  world.clock.advance(3600);
  await reconcile(world, { repair: true });
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
  expect(qure.accepted.map(({ instances }) => instances.length)).toEqual([3, 4]);
});

test('creates the series of rows without one', async () => {
  const world = newWorld();
  new FakeQure(world);
  const keys = putSlices(world, 2);
  world.probe.before = ({ name }) => {
    if (name === 'series.touch') throw new Error('died');
  };
  await expect(index(world, keys)).rejects.toThrow('2 were not');
  delete world.probe.before;
  world.clock.advance(3600);
  expect(kindsOf(await reconcile(world, { repair: true }))).toEqual(['series_missing repaired']);
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 2 });
});

test('keeps instance and generation of a moved object', async () => {
  const world = newWorld();
  await doneSeries(world);
  world.drop.put(NEW_KEY, slice(1));
  world.drop.delete(keyOf(1));
  world.clock.advance(3600);
  await reconcile(world, { repair: true });
  await run(world);
  const [row] = await world.instances.find([{ ...ID, sopInstanceUid: sopUid(1) }]);
  expect(row?.object.key).toBe(NEW_KEY);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1 });
});

test('reports no object younger than the given age', async () => {
  const world = newWorld();
  putSlices(world, 2);
  world.clock.advance(899);
  expect(await reconcile(world, { repair: true })).toEqual([]);
  world.clock.advance(1);
  expect(kindsOf(await reconcile(world))).toHaveLength(2);
  expect(kindsOf(await reconcile(world, { minAgeSeconds: 0 }))).toHaveLength(2);
});

test('compares only the requested source', async () => {
  const world = newWorld({ sources: [sourceNamed('default'), sourceNamed('second')] });
  world.drop.put('default/a', slice(1));
  world.drop.put('second/a', slice(1));
  world.clock.advance(3600);
  expect(await reconcile(world, { source: 'second' })).toEqual([
    { kind: 'object_unknown', outcome: 'reported', source: 'second', key: 'second/a' },
  ]);
  await expect(reconcile(world, { source: 'third' })).rejects.toThrow('expected the source third');
});

test('reports no object that is deleted during the check', async () => {
  const world = newWorld();
  world.drop.put(keyOf(1), slice(1));
  world.clock.advance(3600);
  world.probe.before = ({ name }) => {
    if (name === 'drop.readRange') world.drop.delete(keyOf(1));
  };
  expect(await reconcile(world, { repair: true })).toEqual([]);
  expect(world.quarantine.all()).toEqual([]);
});

test('reads one header for each series and part of a page', async () => {
  const world = newWorld();
  const keys = putSlices(world, 2_100);
  await index(world, keys);
  world.clock.advance(3600);
  let headers = 0;
  world.probe.before = ({ name, args }) => {
    if (name === 'drop.readRange' && Number(args[2]) > 0) headers += 1;
  };
  expect(await reconcile(world)).toEqual(
    // Nobody has run the sweep here.
    [{ kind: 'stuck', outcome: 'reported', source: 'default', seriesInstanceUid: SERIES }],
  );
  expect(headers).toBeLessThanOrEqual(3 * 8);
});

describe('a run that dies between the rows and their series', () => {
  /** Dies once the rows are written, or a part of them. */
  async function dieAfterRows(world: World): Promise<void> {
    breakCalls(world.probe, 'instances.put', 'after');
    world.probe.before = ({ name }) => {
      if (name === 'series.touch') throw new Error('the process died');
    };
    await reconcile(world, { repair: true });
    delete world.probe.before;
    delete world.probe.after;
  }

  test('leaves a message that begins the next generation of a done series', async () => {
    const world = newWorld();
    await doneSeries(world);
    putSlices(world, 1, { from: 4 });
    world.clock.advance(3600);
    await dieAfterRows(world);
    expect(world.instances.all()).toHaveLength(4);
    expect(world.completion.sent.at(-1)).toEqual({ message: { kind: 'late', ...ID }, delaySeconds: 900 });
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
  });

  test('leaves a message that creates a series without a row', async () => {
    const world = newWorld();
    new FakeQure(world);
    putSlices(world, 2);
    world.clock.advance(3600);
    await dieAfterRows(world);
    expect(await world.series.load(ID)).toBeUndefined();
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 2 });
  });

  test('sends no message if nothing is written', async () => {
    const world = newWorld();
    await doneSeries(world);
    const sent = world.completion.sent.length;
    await reconcile(world, { repair: true });
    expect(world.completion.sent).toHaveLength(sent);
  });
});
