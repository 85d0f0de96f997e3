import { buildDicom } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { indexObjects } from '../../../functions/ingest/index-objects.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { fingerprintOf } from '../../../functions/instances/instance.ts';
import { markerIdOf } from '../../../functions/instances/marker.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, SERIES, slice } from '../../support/world/scans.ts';
import { completedSeries, index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

const QUIET = { kind: 'quiet', ...ID, ticket: 1 };
const OTHER = { source: 'default', seriesInstanceUid: '1.2.9' };
const LATE = { message: { kind: 'late', ...ID }, delaySeconds: 0 };

async function failedKeysOf(world: World, keys: readonly string[]): Promise<string[]> {
  const dropped = keys.map((key) => ({ key, source: world.source }));
  return [...(await indexObjects(world.deps, dropped)).keys()];
}

function etags(world: World) {
  return world.instances.all().map(({ object }) => object.etag);
}

describe('instances', () => {
  test('writes the rows, creates the series and sends one delayed message for the first batch', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 3));
    expect(await world.instances.count(ID)).toBe(3);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({
      generation: 1,
      ticket: 1,
      version: 1,
      modality: 'CT',
    });
    expect(world.completion.sent).toEqual([{ message: QUIET, delaySeconds: 60 }]);
  });

  test('updates the last arrival and sends no second message for a later batch', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    world.clock.advance(30);
    await index(world, putSlices(world, 1, { from: 2 }));
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({
      firstArrivalAt: '2026-03-01T08:00:00.000Z',
      lastArrivalAt: '2026-03-01T08:00:30.000Z',
      dueAt: '2026-03-01T08:04:00.000Z',
    });
    expect(world.completion.sent).toHaveLength(1);
  });

  const REPEATS: {
    name: string;
    again(world: World): string;
    rows: number;
    isRefreshed: boolean;
    isReplaced: boolean;
  }[] = [
    { name: 'the same event again', again: () => keyOf(1), rows: 1, isRefreshed: false, isReplaced: false },
    {
      name: 'the same bytes under another key',
      again: (world) => put(world, keyOf(9), slice(1)),
      rows: 1,
      isRefreshed: false,
      isReplaced: false,
    },
    {
      name: 'the same bytes with the ETag of a multipart upload',
      again: (world) => put(world, keyOf(9), slice(1), 'abc-2'),
      rows: 1,
      isRefreshed: false,
      isReplaced: false,
    },
    {
      name: 'other pixels of the same size',
      again: (world) => put(world, keyOf(9), slice(1, { pixels: Buffer.alloc(128, 7) })),
      rows: 1,
      isRefreshed: true,
      isReplaced: true,
    },
    {
      name: 'other content under the same key',
      again: (world) => put(world, keyOf(1), slice(1, { pixels: 64 })),
      rows: 1,
      isRefreshed: true,
      isReplaced: true,
    },
    {
      name: 'the same SOPInstanceUID in another series',
      again: (world) =>
        put(world, keyOf(9), slice(1, { seriesInstanceUid: '1.2.9', sopInstanceUid: `${SERIES}.1` })),
      rows: 2,
      isRefreshed: false,
      isReplaced: false,
    },
  ];
  test.each(REPEATS)('$name', async ({ again, rows, isRefreshed, isReplaced }) => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    const before = etags(world);
    world.clock.advance(10);
    await index(world, [again(world)]);
    expect(world.instances.all()).toHaveLength(rows);
    expect(etags(world)[0] !== before[0]).toBe(isReplaced);
    expect((await seriesIn(world, 'RECEIVING')).version).toBe(isRefreshed ? 2 : 1);
  });

  test.each([
    { name: 'with the same ETag moves the row there', etag: undefined, isMoved: true },
    { name: 'with another ETag leaves the row', etag: 'abc-2', isMoved: false },
  ])('keeps the set for the same bytes under another key $name', async ({ etag, isMoved }) => {
    const world = newWorld();
    const message = await completedSeries(world, { count: 1 });
    const { fingerprint } = await seriesIn(world, 'COMPLETE');
    await index(world, [put(world, keyOf(9), slice(1), etag)]);
    expect(world.instances.all().map(({ object }) => object.key)).toEqual([keyOf(isMoved ? 9 : 1)]);
    expect(fingerprintOf(await world.instances.ofSeries(ID))).toBe(fingerprint);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ generation: 1, ticket: message.ticket });
  });

  test('reads a moved row at its new key, although the first object is deleted', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    await index(world, [put(world, keyOf(9), slice(1))]);
    world.drop.delete(keyOf(1));
    const [row] = world.instances.all();
    expect(row === undefined ? undefined : await world.drop.openInstance(row.object)).toMatchObject({
      kind: 'open',
    });
  });

  test('prefers new content to a copy in the same batch', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    const copy = put(world, keyOf(8), slice(1));
    const changed = put(world, keyOf(9), slice(1, { pixels: 64 }));
    await index(world, [copy, changed]);
    expect(world.instances.all().map(({ object }) => object.key)).toEqual([keyOf(9)]);
  });

  test('writes one row for duplicates within a batch, with the last content', async () => {
    const world = newWorld();
    const keys = [
      put(world, keyOf(1), slice(1)),
      put(world, keyOf(2), slice(1)),
      put(world, keyOf(3), slice(1, { pixels: 64 })),
    ];
    await index(world, [...keys, keyOf(1)]);
    expect(world.instances.all().map(({ object }) => object.key)).toEqual([keyOf(3)]);
    expect((await seriesIn(world, 'RECEIVING')).version).toBe(1);
  });

  test.each([
    { name: 'a new instance', count: 1, from: 4, messages: [LATE] },
    { name: 'an instance that it knows', count: 1, from: 1, messages: [LATE] },
  ])('starts a check for $name of a series that is not receiving', async ({ count, from, messages }) => {
    const world = newWorld();
    await completedSeries(world);
    const before = world.completion.sent.length;
    await index(world, putSlices(world, count, { from }));
    expect(world.completion.sent.slice(before)).toEqual(messages);
    expect((await seriesIn(world, 'COMPLETE')).generation).toBe(1);
  });

  describe('an upload in parts that began before other content was put, and ended after it', () => {
    const changed = slice(1, { pixels: 64 });

    async function indexed(key: string, isVersioned: boolean, body = changed) {
      const world = newWorld({ isVersioned });
      const end = world.drop.begin(key);
      world.clock.advance(60);
      await index(world, putSlices(world, 1));
      world.clock.advance(60);
      end(body);
      await index(world, [key]);
      return world.instances.all()[0]?.object;
    }

    test('stands where it has taken the key of the other', async () => {
      expect(await indexed(keyOf(1), false)).toMatchObject({ etag: expect.stringMatching(/-1$/) });
    });

    test('stands so with the same bytes too: the ETag of the other opens nothing any more', async () => {
      expect(await indexed(keyOf(1), false, slice(1))).toMatchObject({ etag: expect.stringMatching(/-1$/) });
    });

    test('is an older version where the bucket keeps versions, as S3 orders them', async () => {
      expect(await indexed(keyOf(1), true)).toMatchObject({ versionId: 'v00000001' });
    });

    test('is older under another key: its sender began before', async () => {
      expect(await indexed(keyOf(9), false)).toMatchObject({ key: keyOf(1) });
    });
  });

  test('the version of a versioned bucket is kept', async () => {
    const world = newWorld({ isVersioned: true });
    await index(world, putSlices(world, 1));
    expect(world.instances.all()[0]?.object.versionId).toBe('v00000001');
  });
});

describe('after a failure', () => {
  test('REQ-ING-1: fails only the object that cannot be read', async () => {
    const world = newWorld();
    const keys = putSlices(world, 3);
    world.probe.before = ({ name, args }) => {
      if (name === 'drop.readRange' && args[0] === keys[1]) throw new Error('S3 is slow');
    };
    expect(await failedKeysOf(world, keys)).toEqual([keys[1]]);
    expect(await world.instances.count(ID)).toBe(2);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('fails only the object that cannot be compared with the indexed one', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 1));
    const again = put(world, keyOf(9), slice(1), 'abc-2');
    breakCalls(world.probe, 'drop.openInstance', 'before');
    expect(await failedKeysOf(world, [again, ...putSlices(world, 2, { from: 2 })])).toEqual([again]);
    expect(await world.instances.count(ID)).toBe(3);
    expect(etags(world)).not.toContain('abc-2');
    await index(world, [again]);
    expect(await world.instances.count(ID)).toBe(3);
  });

  test.each([
    { broken: 'instances.put', when: 'before' },
    { broken: 'instances.put', when: 'after' },
    { broken: 'series.touch', when: 'before' },
  ] as const)(
    'completes in the next run what a run that dies $when $broken left',
    async ({ broken, when }) => {
      const world = newWorld();
      const keys = putSlices(world, 2);
      breakCalls(world.probe, broken, when);
      expect((await failedKeysOf(world, keys)).sort()).toEqual(keys);
      await index(world, keys);
      expect(await world.instances.count(ID)).toBe(2);
      expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 1 });
      expect(world.completion.sent).toEqual([{ message: QUIET, delaySeconds: 60 }]);
    },
  );

  test('starts a check for a late instance whose run died after its row was written', async () => {
    const world = newWorld();
    await completedSeries(world);
    const keys = putSlices(world, 1, { from: 4 });
    breakCalls(world.probe, 'instances.put', 'after');
    expect(await failedKeysOf(world, keys)).toEqual(keys);
    await index(world, keys);
    expect(world.completion.sent.at(-1)).toEqual(LATE);
  });

  test('fails only the rows of the refused request', async () => {
    const world = newWorld();
    const keys = putSlices(world, 60);
    let writes = 0;
    world.probe.before = ({ name }) => {
      if (name !== 'instances.put') return;
      writes += 1;
      if (writes === 2) throw new Error('refused');
    };
    const failed = await failedKeysOf(world, keys);
    expect({ writes, failed: failed.length }).toEqual({ writes: 3, failed: 25 });
    expect(await world.instances.count(ID)).toBe(35);
    await index(world, failed);
    expect(await world.instances.count(ID)).toBe(60);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ ticket: 1 });
  });

  const FAILURES: { name: string; broken: string; fails: ('other' | 'text' | 'first')[]; rows: number }[] = [
    { name: 'the comparison with the index', broken: 'instances.find', fails: ['first', 'other'], rows: 0 },
    { name: 'the row of one series', broken: 'series.touch', fails: ['first'], rows: 2 },
    { name: 'the message of one series', broken: 'queues.sendCompletion', fails: ['first'], rows: 2 },
    { name: 'the question to the markers', broken: 'markers.find', fails: ['first', 'other'], rows: 2 },
    { name: 'the rows of the quarantine', broken: 'quarantine.put', fails: ['text'], rows: 2 },
    { name: 'the announcement', broken: 'world.publish', fails: ['text'], rows: 2 },
    { name: 'the read of the quarantine', broken: 'quarantine.find', fails: ['first', 'other'], rows: 2 },
  ];
  test.each(FAILURES)('fails $fails only, if $name fails', async ({ broken, fails, rows }) => {
    const world = newWorld();
    const [first = ''] = putSlices(world, 1);
    const [other = ''] = putSlices(world, 1, {
      folder: 'default/other',
      overrides: { seriesInstanceUid: OTHER.seriesInstanceUid },
    });
    const text = put(world, 'default/text', Buffer.from('no scan'));
    const keys = { first, other, text };
    breakCalls(world.probe, broken, 'before');
    const failed = await failedKeysOf(world, Object.values(keys));
    expect(failed.sort()).toEqual(fails.map((name) => keys[name]).sort());
    expect(world.instances.all()).toHaveLength(rows);
    await index(world, failed);
    expect(world.instances.all()).toHaveLength(2);
    expect(world.quarantine.all()).toMatchObject([{ key: text }]);
    expect(await world.series.load(OTHER)).toMatchObject({ state: 'RECEIVING', ticket: 1 });
    await seriesIn(world, 'RECEIVING');
  });

  test.each([
    { name: 'is asked when the event of a known row comes again', isRepeated: true, asked: 1 },
    { name: 'is not asked because its own walk indexes a known row', isRepeated: false, asked: 0 },
  ])('checks a marker again that was not checked $name', async ({ isRepeated, asked }) => {
    const world = newWorld();
    const key = 'default/_COMPLETE';
    world.drop.put(key, Buffer.from('{"instances": 2}'));
    await registerMarker(world.deps, key, world.source);
    const keys = putSlices(world, 2);
    breakCalls(world.probe, 'markers.find', 'before');
    expect((await failedKeysOf(world, keys)).sort()).toEqual(keys);
    world.completion.sent.length = 0;
    await indexObjects(
      world.deps,
      keys.map((one) => ({ key: one, source: world.source, isRepeated })),
    );
    const markerId = markerIdOf('default/');
    const marker = { kind: 'marker', source: 'default', markerId, tries: 0, isCounted: true };
    const sent = world.completion.sent.filter(({ message }) => message.kind === 'marker');
    expect(sent).toEqual(Array(asked).fill({ message: marker, delaySeconds: 0 }));
  });
});

describe('quarantine', () => {
  test.each([
    { name: 'text', bytes: Buffer.from('no scan at all'), reason: 'not_dicom' },
    { name: 'nothing', bytes: Buffer.alloc(0), reason: 'empty_object' },
    { name: 'a hostile UID', bytes: buildDicom({ seriesInstanceUid: '../../x?y=1' }), reason: 'invalid_uid' },
    { name: 'no UID', bytes: buildDicom({ sopInstanceUid: undefined }), reason: 'missing_uid' },
    { name: 'a deleted object', bytes: undefined, reason: 'object_missing' },
  ])('$name is $reason and holds nothing else up', async ({ bytes, reason }) => {
    const world = newWorld();
    if (bytes !== undefined) world.drop.put(keyOf(9), bytes);
    await index(world, [keyOf(9), ...putSlices(world, 2)]);
    expect(world.quarantine.all()).toMatchObject([{ key: keyOf(9), reason, source: 'default' }]);
    expect(world.events).toMatchObject([{ detailType: 'Object Quarantined', detail: { reason } }]);
    expect(await world.instances.count(ID)).toBe(2);
  });

  test('keeps time and event id for the same content again', async () => {
    const world = newWorld();
    world.drop.put(keyOf(9), Buffer.from('no scan'));
    await index(world, [keyOf(9)]);
    world.clock.advance(60);
    await index(world, [keyOf(9)]);
    const [first, second] = world.events;
    expect(second?.detail).toEqual(first?.detail);
    world.drop.put(keyOf(9), Buffer.from('no scan, but another one'));
    await index(world, [keyOf(9)]);
    expect(world.events[2]?.detail.eventId).not.toBe(first?.detail.eventId);
  });

  test('removes the row when the key has a valid object', async () => {
    const world = newWorld();
    world.drop.put(keyOf(1), Buffer.from('no scan'));
    await index(world, [keyOf(1)]);
    await index(world, putSlices(world, 1));
    expect(world.quarantine.all()).toEqual([]);
    expect(await world.instances.count(ID)).toBe(1);
  });

  test('keeps a row that is written about an instance as soon as it has one', async () => {
    const world = newWorld();
    world.drop.put(keyOf(1), Buffer.from('no scan'));
    await index(world, [keyOf(1)]);
    const [row] = world.quarantine.all();
    if (row === undefined) throw new Error('expected a row');
    world.probe.after = async ({ name }) => {
      if (name === 'instances.put') await world.quarantine.put([{ ...row, reason: 'instances_expired' }]);
    };
    await index(world, putSlices(world, 1));
    expect(world.quarantine.all()).toMatchObject([{ key: keyOf(1), reason: 'instances_expired' }]);
  });

  test('fails only the keys of an event that cannot be published, and publishes it when they are redelivered', async () => {
    const world = newWorld();
    world.drop.put(keyOf(9), Buffer.from('no scan'));
    breakCalls(world.probe, 'world.publish', 'before');
    expect(await failedKeysOf(world, [keyOf(9), ...putSlices(world, 2)])).toEqual([keyOf(9)]);
    expect(await world.instances.count(ID)).toBe(2);
    await seriesIn(world, 'RECEIVING');
    expect(world.events).toEqual([]);
    await index(world, [keyOf(9)]);
    expect(world.events).toHaveLength(1);
  });
});

describe('markers above an arrival', () => {
  test.each([
    { name: 'one that counts instances is asked', body: '{"instances": 5}', asks: [{ isCounted: true }] },
    {
      name: 'one that counts series is asked about those that have arrived',
      body: `{"series": {"1.2.77": 1, "${SERIES}": 5}}`,
      asks: [{ series: [SERIES] }],
    },
    { name: 'one that counts other series is not', body: '{"series": {"1.2.77": 1}}', asks: [] },
    { name: 'one that promises everything is not', body: '', asks: [] },
  ])('$name', async ({ body, asks }) => {
    const world = newWorld();
    world.drop.put('default/_COMPLETE', Buffer.from(body));
    await registerMarker(world.deps, 'default/_COMPLETE', world.source);
    const before = world.completion.sent.length;
    await index(world, putSlices(world, 2));
    const asked = world.completion.sent.slice(before).filter(({ message }) => message.kind === 'marker');
    const markerId = markerIdOf('default/');
    const message = { kind: 'marker', source: 'default', markerId, tries: 0 };
    expect(asked).toEqual(asks.map((more) => ({ message: { ...message, ...more }, delaySeconds: 0 })));
  });
});

function put(world: World, key: string, bytes: Buffer, etag?: string): string {
  world.drop.put(key, bytes, etag);
  return key;
}
