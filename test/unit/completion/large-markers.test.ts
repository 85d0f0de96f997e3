import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/check-completion/handler.ts';
import { indexObjects } from '../../../functions/ingest/index-objects.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { markerIdOf } from '../../../functions/instances/marker.ts';
import type { CompletionMessage } from '../../../functions/series/messages.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { keyOf, slice } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

const MARKER = 'default/mig/_COMPLETE';
const ID = markerIdOf('default/mig/');

async function dropMarker(world: World, body: object | '' = ''): Promise<void> {
  world.drop.put(MARKER, Buffer.from(body === '' ? '' : JSON.stringify(body)));
  await registerMarker(world.deps, MARKER, world.source);
}

type MarkerMessage = Extract<CompletionMessage, { kind: 'marker' }>;

function markerMessages(world: World): MarkerMessage[] {
  return world.completion.sent.flatMap(({ message }) => (message.kind === 'marker' ? [message] : []));
}

/** Gives the checker each message of a marker that was sent and that it was not given; answers how many. */
function checker(world: World) {
  let given = 0;
  const handler = createHandler(world.deps);
  return {
    async checkAll(): Promise<number> {
      const before = given;
      for (let next = markerMessages(world)[given]; next !== undefined; next = markerMessages(world)[given]) {
        given += 1;
        const { batchItemFailures } = await handler(sqsEvent([JSON.stringify(next)]));
        expect(batchItemFailures).toEqual([]);
      }
      return given - before;
    },
    check: (message: MarkerMessage) => handler(sqsEvent([JSON.stringify(message)])),
  };
}

function put(world: World, number: number, seriesInstanceUid: string): string {
  const key = keyOf(number, `default/mig/${seriesInstanceUid}`);
  world.drop.put(key, slice(number, { seriesInstanceUid }));
  return key;
}

const statesOf = (world: World) => Map.groupBy(world.series.all(), ({ state }) => state);

describe('a marker with a total that was dropped first', () => {
  const TOTAL = 600;
  const seriesOf = (number: number) => `1.2.3.${Math.floor((number - 1) / 150) + 1}`;

  async function dropAll(world: World, each: (batch: number) => Promise<unknown> | unknown): Promise<void> {
    for (let from = 1; from <= TOTAL; from += 50) {
      const keys = Array.from({ length: 50 }, (_, at) => put(world, from + at, seriesOf(from + at)));
      await index(world, keys);
      await each(from);
    }
  }

  test('is counted twice, not once for each batch of arrivals', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await dropMarker(world, { instances: TOTAL });
    await checkAll();
    let lists = 0;
    world.probe.before = ({ name }) => {
      if (name === 'drop.list') lists += 1;
    };
    let checks = 0;
    await dropAll(world, async () => {
      checks += await checkAll();
    });
    expect(lists).toBe(1);
    // That of the first arrival finds that a count has come since.
    expect(checks).toBeLessThanOrEqual(2);
    expect(statesOf(world).get('COMPLETE')).toHaveLength(4);
    expect((await world.markers.load('default', ID))?.isFulfilled).toBe(true);
  });

  test('completes nothing too early where events come twice, and is counted again when the rest has come', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await dropMarker(world, { instances: TOTAL });
    await checkAll();
    let checks = 0;
    await dropAll(world, async (from) => {
      const again = Array.from({ length: 50 }, (_, at) => ({
        key: keyOf(from + at, `default/mig/${seriesOf(from + at)}`),
        source: world.source,
        isRepeated: true,
      }));
      await indexObjects(world.deps, again);
      checks += await checkAll();
      if (from + 49 < TOTAL) expect(statesOf(world).get('COMPLETE')).toBeUndefined();
    });
    // Each count asks for what was still missing: half, a quarter, an eighth …
    expect(checks).toBeLessThan(8);
    expect(statesOf(world).get('COMPLETE')).toHaveLength(4);
  });

  test('is counted again where arrivals come while it is counted', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await index(world, [put(world, 1, '1.2.3.1'), put(world, 2, '1.2.3.1')]);
    await dropMarker(world, { instances: 4 });
    const late = [put(world, 3, '1.2.3.1'), put(world, 4, '1.2.3.1')];
    for (const key of late) world.drop.delete(key);
    let isDone = false;
    world.probe.after = async ({ name }) => {
      if (name !== 'drop.list' || isDone) return;
      isDone = true;
      // After the listing, before its count.
      await index(world, [put(world, 3, '1.2.3.1'), put(world, 4, '1.2.3.1')]);
    };
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1);
  });

  test('is asked for again by the events of a run that died after it had added its arrivals up', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await dropMarker(world, { instances: 1 });
    await checkAll();
    const key = put(world, 1, '1.2.3.1');
    world.probe.before = ({ name, args: [message] }) => {
      if (name === 'queues.sendCompletion' && (message as CompletionMessage).kind === 'marker')
        throw new Error('died');
    };
    await expect(index(world, [key])).rejects.toThrow('were not');
    delete world.probe.before;
    await indexObjects(world.deps, [{ key, source: world.source, isRepeated: true }]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1);
  });

  test('begins anew when it is dropped again with another total', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await dropMarker(world, { instances: 100 });
    await checkAll();
    await index(world, [put(world, 1, '1.2.3.1')]);
    world.clock.advance(5);
    await dropMarker(world, { instances: 2 });
    await checkAll();
    await index(world, [put(world, 2, '1.2.3.1')]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1);
  });

  test('is counted without progress, as of an older version', async () => {
    const world = newWorld();
    const { checkAll } = checker(world);
    await dropMarker(world, { instances: 2 });
    world.markers.forgetProgress('default', ID);
    await index(world, [put(world, 1, '1.2.3.1')]);
    await checkAll();
    await index(world, [put(world, 2, '1.2.3.1')]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1);
  });
});

test('a marker that names counts has only the series counted of which instances have arrived', async () => {
  const world = newWorld();
  const { checkAll } = checker(world);
  const uids = Array.from({ length: 30 }, (_, at) => `1.2.3.${at + 1}`);
  await dropMarker(world, { series: Object.fromEntries(uids.map((uid) => [uid, 2])) });
  await checkAll();
  let counts = 0;
  world.probe.before = ({ name }) => {
    if (name === 'instances.count') counts += 1;
  };
  for (const number of [1, 2])
    for (const uid of uids) {
      await index(world, [put(world, number, uid)]);
      await checkAll();
    }
  expect(statesOf(world).get('COMPLETE')).toHaveLength(30);
  // Each series at each arrival, and each once more for the whole.
  expect(counts).toBeLessThanOrEqual(30 * 2 + 30 + 60);
  expect((await world.markers.load('default', ID))?.isFulfilled).toBe(true);
});

describe('a marker over many series of one image', () => {
  async function worldOfXrays(count: number): Promise<World> {
    const world = newWorld();
    const keys = Array.from({ length: count }, (_, at) => put(world, 1, `1.2.3.${at + 1}`));
    for (let at = 0; at < keys.length; at += 200) await index(world, keys.slice(at, at + 200));
    world.clock.advance(5);
    return world;
  }

  test('has no call wait for all others', async () => {
    const world = await worldOfXrays(200);
    await dropMarker(world);
    let underWay = 0;
    let most = 0;
    world.probe.before = async ({ name }) => {
      if (name !== 'drop.readRange' && name !== 'series.save') return;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
    };
    world.probe.after = ({ name }) => {
      if (name === 'drop.readRange' || name === 'series.save') underWay -= 1;
    };
    await checker(world).checkAll();
    expect(most).toBeGreaterThan(8);
    expect(most).toBeLessThanOrEqual(16);
    expect(statesOf(world).get('COMPLETE')?.length ?? 0).toBe(200);
  });

  /** A run ends after each page. */
  function slowClock(world: World): void {
    world.probe.after = ({ name }) => {
      if (name === 'drop.list') world.clock.advance(61);
    };
  }

  test.each([
    { name: 'everything', body: '' as const },
    { name: 'a total', body: { instances: 1_300 } },
  ])('is handed on page by page ($name), and no message holds a key', async ({ body }) => {
    const world = await worldOfXrays(1_300);
    await dropMarker(world, body);
    slowClock(world);
    // Two pages are indexed, and then completed.
    expect(await checker(world).checkAll()).toBe(4);
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1_300);
    const sent = markerMessages(world).map(({ walk }) => walk);
    expect(sent).toEqual([undefined, 1, 2, 3]);
    world.verify();
  });

  test('completes none before the last page is indexed', async () => {
    const world = newWorld();
    const uid = '1.2.3.1';
    const numbers = Array.from({ length: 1_100 }, (_, at) => at + 1);
    const keys = numbers.map((number) => put(world, number, uid));
    await index(world, keys.slice(0, 1_099));
    await dropMarker(world);
    slowClock(world);
    await checker(world).checkAll();
    expect(statesOf(world).get('COMPLETE')).toMatchObject([{ instances: 1_100, generation: 1 }]);
  });

  test('goes on where a run died between the place and its message, and a second delivery changes nothing', async () => {
    const world = await worldOfXrays(1_300);
    await dropMarker(world, { instances: 1_300 });
    slowClock(world);
    const { check, checkAll } = checker(world);
    const [first] = markerMessages(world);
    if (first === undefined) throw new Error('expected a message of the marker');
    await check(first);
    const [, second] = markerMessages(world);
    if (second === undefined) throw new Error('expected the message of the rest');
    await check(second);
    const before = markerMessages(world).length;
    // The message of the third place is sent once more, nothing else.
    await check(second);
    expect(markerMessages(world).slice(before)).toMatchObject([{ walk: 2 }]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toHaveLength(1_300);
  });
});

describe('an instance that is replaced by a file of a later page while the pages are counted', () => {
  const UID = '1.2.3.1';

  /**
   * One image is missing, and an event that came twice asks for a count. During that the first image comes again, with other pixels,
   * under the last key.
   */
  async function worldOfReplaced(afterList: (world: World) => void = () => {}) {
    const world = newWorld();
    const keys = Array.from({ length: 1_099 }, (_, at) => put(world, at + 1, UID));
    await index(world, keys);
    await dropMarker(world, { instances: 1_101 });
    const { checkAll } = checker(world);
    await checkAll();
    const last = { key: put(world, 1_100, UID), source: world.source };
    await indexObjects(world.deps, [last]);
    await indexObjects(world.deps, [{ ...last, isRepeated: true }]);
    let lists = 0;
    world.probe.after = ({ name }) => {
      if (name === 'drop.list') afterList(world);
    };
    world.probe.before = async ({ name }) => {
      if (name !== 'drop.list') return;
      lists += 1;
      if (lists !== 2) return;
      const again = 'default/mig/z';
      world.drop.put(again, slice(1, { seriesInstanceUid: UID, pixels: 300 }));
      await index(world, [again]);
      expect(world.instances.all().filter(({ object }) => object.key === again)).toHaveLength(1);
    };
    return { world, checkAll };
  }
  const isFulfilled = async (world: World) => (await world.markers.load('default', ID))?.isFulfilled;

  test('is counted once', async () => {
    const { world, checkAll } = await worldOfReplaced();
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toBeUndefined();
    await index(world, [put(world, 1_101, UID)]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toMatchObject([{ instances: 1_101 }]);
    expect(await isFulfilled(world)).toBe(true);
  });

  test('does not fulfil a total where the walk was handed on in between', async () => {
    const { world, checkAll } = await worldOfReplaced(({ clock }) => clock.advance(61));
    await checkAll();
    expect(await isFulfilled(world)).toBe(false);
    await index(world, [put(world, 1_101, UID)]);
    await checkAll();
    expect(statesOf(world).get('COMPLETE')).toMatchObject([{ instances: 1_101 }]);
    expect(await isFulfilled(world)).toBe(true);
  });
});
