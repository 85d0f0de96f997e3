import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/check-completion/handler.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { ObjectUnreadableError } from '../../../functions/instances/drop-bucket.ts';
import { fingerprintOf, type Instance } from '../../../functions/instances/instance.ts';
import { markerIdOf } from '../../../functions/instances/marker.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, SERIES, slice } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

const FOLDER = 'default/Doe^Jane';
const MARKER = `${FOLDER}/_COMPLETE`;
const OTHER = { source: 'default', seriesInstanceUid: '1.2.9' };

async function dropMarker(world: World, body = '') {
  world.drop.put(MARKER, Buffer.from(body));
  await registerMarker(world.deps, MARKER, world.source);
}

/** Has the checker look at the marker, as its message would. */
function check(world: World, tries = 0) {
  const message = { kind: 'marker', source: 'default', markerId: markerIdOf(`${FOLDER}/`), tries };
  return createHandler(world.deps)(sqsEvent([JSON.stringify(message)]));
}

describe('a marker for everything below it', () => {
  test('completes every series beside and below it, and no other', async () => {
    const world = newWorld();
    await index(world, [
      ...putSlices(world, 2),
      ...putSlices(world, 1, { folder: `${FOLDER}/deep/er`, overrides: { seriesInstanceUid: '1.2.9' } }),
      ...putSlices(world, 1, { folder: 'default/elsewhere', overrides: { seriesInstanceUid: '1.2.8' } }),
    ]);
    await dropMarker(world);
    expect(await check(world)).toEqual({ batchItemFailures: [] });
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ evidence: 'marker', instances: 2 });
    expect(await world.series.load(OTHER)).toMatchObject({ state: 'COMPLETE', evidence: 'marker' });
    expect(await world.series.load({ ...OTHER, seriesInstanceUid: '1.2.8' })).toMatchObject({
      state: 'RECEIVING',
    });
    expect(world.compute.sent).toHaveLength(2);
  });

  test('REQ-ING-1: indexes listed objects that are not in the index yet', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    putSlices(world, 2, { from: 3 });
    putSlices(world, 1, { overrides: { seriesInstanceUid: '1.2.9' }, folder: `${FOLDER}/other` });
    await dropMarker(world);
    await check(world);
    // An object that is not accounted for stands alone and is indexed when its turn comes.
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 4 });
    expect(await world.series.load(OTHER)).toMatchObject({ state: 'COMPLETE', instances: 1 });
  });

  test('leaves a series with an object younger than the marker to the quiet period', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await index(
      world,
      putSlices(world, 1, { folder: `${FOLDER}/b`, overrides: { seriesInstanceUid: '1.2.9' } }),
    );
    await dropMarker(world);
    world.clock.advance(1);
    await index(world, putSlices(world, 1, { from: 3 }));
    await check(world);
    await seriesIn(world, 'RECEIVING');
    expect(await world.series.load(OTHER)).toMatchObject({ state: 'COMPLETE' });
  });

  test('counts a younger object on the first page for a series that continues on the next', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1000, { from: 2, overrides: { pixels: 2 } }));
    await dropMarker(world);
    world.clock.advance(1);
    await index(world, putSlices(world, 1));
    await check(world);
    await seriesIn(world, 'RECEIVING');
  });

  test('covers an object of the same second as the marker', async () => {
    const world = newWorld();
    await dropMarker(world);
    world.clock.advance(0.9);
    await index(world, putSlices(world, 2));
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 2 });
  });

  test('indexes a replaced instance whose event is still in the queue', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    const [key = ''] = putSlices(world, 1, { overrides: { pixels: 6 } });
    await dropMarker(world);
    await check(world);
    const { fingerprint } = await seriesIn(world, 'COMPLETE');
    // Its event changes nothing any more.
    await index(world, [key]);
    const instances = await world.instances.ofSeries(ID);
    expect(fingerprintOf(instances)).toBe(fingerprint);
    expect(await world.drop.openInstance(instanceAt(instances, key).object)).toMatchObject({ kind: 'open' });
  });

  test('completes series beside objects that are in quarantine or belong there', async () => {
    const world = newWorld();
    world.drop.put(`${FOLDER}/known`, Buffer.from('no scan'));
    await index(world, [...putSlices(world, 2), `${FOLDER}/known`]);
    world.drop.put(`${FOLDER}/new`, Buffer.from('no scan either'));
    await dropMarker(world);
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 2 });
    expect(world.quarantine.all().map(({ key }) => key)).toEqual([`${FOLDER}/known`, `${FOLDER}/new`]);
  });

  test('counts the same file under a dozen keys as one instance', async () => {
    const world = newWorld();
    const copies = Array.from({ length: 12 }, (_, at) => keyOf(at));
    for (const key of copies) world.drop.put(key, slice(1));
    await index(world, copies);
    await dropMarker(world);
    expect(await check(world)).toEqual({ batchItemFailures: [] });
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 1 });
  });

  test('completes a series across pages of the listing', async () => {
    const world = newWorld();
    const first = putSlices(world, 1500, { folder: `${FOLDER}/a`, overrides: { pixels: 2 } });
    const second = putSlices(world, 600, {
      folder: `${FOLDER}/b`,
      overrides: { seriesInstanceUid: '1.2.9', pixels: 2 },
    });
    await index(world, [...first, ...second]);
    await dropMarker(world);
    let pages = 0;
    let headersRead = 0;
    world.probe.before = ({ name }) => {
      if (name === 'drop.list') pages += 1;
      if (name === 'drop.readRange') headersRead += 1;
    };
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 1500 });
    expect(await world.series.load(OTHER)).toMatchObject({ state: 'COMPLETE', instances: 600 });
    // One header tells the series of a page; a series on two pages costs two.
    expect({ pages, headersRead }).toEqual({ pages: 3, headersRead: 4 });
  });

  test.each([
    { name: 'asks again, later each time', tries: 2, delaySeconds: 8, failures: 0 },
    {
      name: 'leaves the marker to the dead-letter queue in the end',
      tries: 6,
      delaySeconds: undefined,
      failures: 1,
    },
  ])(
    'checks the marker again after a listing that fails $name',
    async ({ tries, delaySeconds, failures }) => {
      const world = newWorld();
      await dropMarker(world);
      world.completion.sent.length = 0;
      breakCalls(world.probe, 'drop.list', 'before');
      expect((await check(world, tries)).batchItemFailures).toHaveLength(failures);
      expect(world.completion.sent.map((sent) => sent.delaySeconds)).toEqual(
        delaySeconds === undefined ? [] : [delaySeconds],
      );
    },
  );

  test('does nothing for a marker without a row', async () => {
    const world = newWorld();
    expect(await check(world)).toEqual({ batchItemFailures: [] });
  });
});

describe('an object below a marker that S3 refuses', () => {
  const refuse = (world: World, key: string, code: string) => {
    world.probe.before = ({ name, args }) => {
      if (name === 'drop.readRange' && args[0] === key) throw new ObjectUnreadableError(code);
    };
  };

  test('holds up no series where its rows know it', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 3));
    await dropMarker(world);
    refuse(world, keyOf(1), 'AccessDenied');
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3 });
  });

  test('is asked for again, and on the last try the others are complete without it', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    const [late = ''] = putSlices(world, 1, { from: 3 });
    await dropMarker(world);
    refuse(world, late, 'AccessDenied');
    await check(world);
    await seriesIn(world, 'RECEIVING');
    expect(await check(world, 6)).toEqual({ batchItemFailures: [] });
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 2, evidence: 'marker' });
    expect(world.log).toContainEqual({
      level: 'warn',
      message: 'objects below a marker cannot be read',
      fields: { source: 'default', markerId: markerIdOf(`${FOLDER}/`), objects: 1 },
    });
  });

  test('because it is archived is not asked for again', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    const [late = ''] = putSlices(world, 1, { from: 3 });
    await dropMarker(world);
    refuse(world, late, 'InvalidObjectState');
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 2 });
  });
});

describe('a marker that counts', () => {
  test.each([
    { name: 'fewer in all', body: '{"instances": 4}', state: 'RECEIVING' },
    { name: 'as many in all', body: '{"instances": 3}', state: 'COMPLETE' },
    { name: 'fewer of the series', body: `{"series": {"${SERIES}": 4}}`, state: 'RECEIVING' },
    { name: 'as many of the series', body: `{"series": {"${SERIES}": 3}}`, state: 'COMPLETE' },
    { name: 'a series that never came', body: '{"series": {"1.2.77": 1}}', state: 'RECEIVING' },
  ] as const)('$name: $state', async ({ body, state }) => {
    const world = newWorld();
    await index(world, putSlices(world, 3));
    await dropMarker(world, body);
    await check(world);
    const series = await seriesIn(world, state);
    if (series.state === 'COMPLETE') expect(series.evidence).toBe('count');
    const marker = await world.markers.load('default', markerIdOf(`${FOLDER}/`));
    expect(marker?.isFulfilled).toBe(state === 'COMPLETE');
  });

  test('completes the series of an earlier marker when the last instance arrives', async () => {
    const world = newWorld();
    await dropMarker(world, '{"instances": 3}');
    await index(world, putSlices(world, 2));
    await check(world);
    await seriesIn(world, 'RECEIVING');
    await index(world, putSlices(world, 1, { from: 3 }));
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3, evidence: 'count' });
  });

  test('counts for a total only instances beside and below the marker', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await index(world, putSlices(world, 3, { from: 4, folder: 'default/elsewhere' }));
    await dropMarker(world, '{"instances": 3}');
    await check(world);
    await seriesIn(world, 'RECEIVING');
    await index(world, putSlices(world, 1, { from: 3, folder: `${FOLDER}/deep` }));
    await check(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 6, evidence: 'count' });
  });

  test.each([
    { name: 'it is not checked again', isDroppedAgain: false, isFulfilled: true },
    {
      name: 'it is checked again if it was dropped again in between',
      isDroppedAgain: true,
      isFulfilled: false,
    },
  ])('once its counts are reached: $name', async ({ isDroppedAgain, isFulfilled }) => {
    const world = newWorld();
    await index(world, putSlices(world, 3));
    await dropMarker(world, '{"instances": 3}');
    world.probe.before = async ({ name }) => {
      if (name !== 'markers.markFulfilled' || !isDroppedAgain) return;
      world.probe.before = undefined;
      world.clock.advance(5);
      await dropMarker(world, '{"instances": 9}');
    };
    await check(world);
    await seriesIn(world, 'COMPLETE');
    expect(await world.markers.load('default', markerIdOf(`${FOLDER}/`))).toMatchObject({
      isFulfilled,
      expectation: { instances: isDroppedAgain ? 9 : 3 },
    });
    world.completion.sent.length = 0;
    await index(world, putSlices(world, 1, { from: 4 }));
    const asked = world.completion.sent.filter(({ message }) => message.kind === 'marker');
    expect(asked).toHaveLength(isFulfilled ? 0 : 1);
  });

  test('completes series one by one, and fulfils the marker with the last', async () => {
    const world = newWorld();
    await dropMarker(world, `{"series": {"${SERIES}": 2, "1.2.9": 1}}`);
    await index(world, putSlices(world, 2));
    await check(world);
    expect(await world.series.load(ID)).toMatchObject({ state: 'COMPLETE' });
    expect((await world.markers.load('default', markerIdOf(`${FOLDER}/`)))?.isFulfilled).toBe(false);
    await index(
      world,
      putSlices(world, 1, { overrides: { seriesInstanceUid: '1.2.9' }, folder: `${FOLDER}/b` }),
    );
    await check(world);
    expect((await world.markers.load('default', markerIdOf(`${FOLDER}/`)))?.isFulfilled).toBe(true);
  });
});

test('a marker completes no series while an object below it cannot be indexed', async () => {
  const world = newWorld();
  await index(world, putSlices(world, 2));
  putSlices(world, 1, { from: 3 });
  await dropMarker(world);
  world.completion.sent.length = 0;
  breakCalls(world.probe, 'instances.put', 'before');
  expect(await check(world)).toEqual({ batchItemFailures: [] });
  await seriesIn(world, 'RECEIVING');
  expect(world.completion.sent).toMatchObject([{ message: { kind: 'marker', tries: 1 }, delaySeconds: 2 }]);
  await check(world, 1);
  expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3 });
});

function instanceAt(instances: readonly Instance[], key: string): Instance {
  const found = instances.find(({ object }) => object.key === key);
  if (found === undefined) throw new Error('expected an instance at the key');
  return found;
}
