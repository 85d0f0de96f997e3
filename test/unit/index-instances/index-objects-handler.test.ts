import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markerIdOf } from '../../../functions/core/marker.ts';
import { createHandler } from '../../../functions/index-instances/handler.ts';
import { readS3Event } from '../../../functions/index-instances/s3-event.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, slice } from '../../support/world/scans.ts';

/** The body of an S3 event notification, as S3 writes it (event message structure 2.1). */
function s3Event(key: string, size?: number, eventName = 'ObjectCreated:Put'): string {
  const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
  const object = { key: encoded, ...(size === undefined ? {} : { size }), eTag: 'e', sequencer: '0' };
  const bucket = { name: 'drop', arn: 'arn:aws:s3:::drop' };
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName, s3: { bucket, object } }],
  });
}

describe('readS3Event', () => {
  test.each([
    {
      name: 'a plain key',
      body: s3Event('default/a.dcm', 7),
      objects: [{ key: 'default/a.dcm', sizeBytes: 7 }],
    },
    {
      name: 'blanks, plus and percent signs, umlauts, CJK',
      body: s3Event('default/a b+c%41/Müller 山田'),
      objects: [{ key: 'default/a b+c%41/Müller 山田' }],
    },
    {
      name: 'a key as long as it may be',
      body: s3Event('ü'.repeat(512)),
      objects: [{ key: 'ü'.repeat(512) }],
    },
    {
      name: 'a copy',
      body: s3Event('default/a', 1, 's3:ObjectCreated:Copy'),
      objects: [{ key: 'default/a', sizeBytes: 1 }],
    },
    { name: 'a deletion', body: s3Event('default/a', 1, 'ObjectRemoved:Delete'), objects: [] },
    { name: 'the test event', body: '{"Service":"Amazon S3","Event":"s3:TestEvent"}', objects: [] },
  ])('$name', ({ body, objects }) => {
    expect(readS3Event(body)).toEqual({ kind: 'created', objects });
  });

  test.each([
    { name: 'no JSON', body: 'Records' },
    { name: 'JSON of another kind', body: '[]' },
    { name: 'no key', body: '{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{}}}]}' },
    { name: 'a key with half a character', body: s3Event('x').replace('"x"', '"x\\ud800"') },
    { name: 'a key longer than any object has', body: s3Event('/'.repeat(1025)) },
    { name: 'a key that S3 never wrote', body: s3Event('x').replace('"x"', '"%E0%A4%A"') },
  ])('$name is malformed', ({ body }) => {
    expect(readS3Event(body)).toEqual({ kind: 'malformed' });
  });

  test('any key survives its encoding', () => {
    const keys = fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(keys, (key) => {
        expect(readS3Event(s3Event(key))).toEqual({ kind: 'created', objects: [{ key }] });
      }),
    );
  });

  const hostileRecord = fc.record(
    { eventName: fc.jsonValue(), s3: fc.oneof(fc.jsonValue(), fc.record({ object: fc.jsonValue() })) },
    { requiredKeys: [] },
  );
  test.each([
    { name: 'any text', bodies: fc.string() },
    { name: 'any JSON', bodies: fc.json() },
    { name: 'any records', bodies: fc.array(hostileRecord).map((Records) => JSON.stringify({ Records })) },
    {
      name: 'any raw key',
      bodies: fc
        .string({ minLength: 1 })
        .map((key) => s3Event('x').replace('"x"', () => JSON.stringify(key))),
    },
  ])('$name is read without throwing', ({ bodies }) => {
    fc.assert(fc.property(bodies, (body) => ['created', 'malformed'].includes(readS3Event(body).kind)));
  });
});

describe('the handler', () => {
  test('answers what is no event and what could not be read as failures, and does the rest', async () => {
    const world = newWorld();
    const [first, second] = putSlices(world, 2);
    world.probe.before = ({ name, args }) => {
      if (name === 'drop.readRange' && args[0] === second) throw new Error('S3 is slow');
    };
    const bodies = [s3Event(first ?? ''), s3Event(second ?? ''), 'rubbish'];
    const { batchItemFailures } = await createHandler(world.deps)(sqsEvent(bodies));
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual([
      'message-2',
      'message-3',
    ]);
    expect(await world.instances.count(ID)).toBe(1);
  });

  test.each([
    { name: 'a folder', key: 'default/folder/', size: 0 },
    { name: 'a DICOMDIR', key: 'default/DICOMDIR', size: 100 },
  ])('$name is ignored', async ({ key, size }) => {
    const world = newWorld();
    expect(await createHandler(world.deps)(sqsEvent([s3Event(key, size)]))).toEqual({
      batchItemFailures: [],
    });
    expect([world.quarantine.all(), world.instances.all()]).toEqual([[], []]);
  });

  test('a key outside of every source is quarantined', async () => {
    const world = newWorld();
    world.drop.put('elsewhere/a.dcm', slice(1));
    await createHandler(world.deps)(sqsEvent([s3Event('elsewhere/a.dcm')]));
    expect(world.quarantine.all()).toMatchObject([{ key: 'elsewhere/a.dcm', reason: 'no_source' }]);
    expect(world.quarantine.all()[0]).not.toHaveProperty('source');
  });

  test('a quarantine that cannot be announced keeps its own message only', async () => {
    const world = newWorld();
    world.drop.put('elsewhere/a.dcm', slice(1));
    const [good] = putSlices(world, 1);
    breakCalls(world.probe, 'world.publish', 'before');
    const bodies = [s3Event('elsewhere/a.dcm'), s3Event(good ?? '')];
    expect(await createHandler(world.deps)(sqsEvent(bodies))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(await world.instances.count(ID)).toBe(1);
  });
});

describe('_COMPLETE', () => {
  const KEY = 'default/_COMPLETE';
  test.each([
    { name: 'empty', body: '', promise: { kind: 'everything' } },
    { name: 'a date', body: '2026-03-01', promise: { kind: 'everything' } },
    { name: '256 KiB of blanks', body: ' '.repeat(256 * 1024), promise: { kind: 'everything' } },
    { name: 'a count', body: '{"instances": 12}', promise: { kind: 'instances', instances: 12 } },
    {
      name: 'counts by series',
      body: '{"series": {"1.2": 3}}',
      promise: { kind: 'series', series: { '1.2': 3 } },
    },
  ])('$name is kept and looked at', async ({ body, promise }) => {
    const world = newWorld();
    world.drop.put(KEY, Buffer.from(body));
    await createHandler(world.deps)(sqsEvent([s3Event(KEY, body.length)]));
    const markerId = markerIdOf('default/');
    expect(await world.markers.load('default', markerId)).toMatchObject({
      promise,
      isKept: false,
      prefix: 'default/',
    });
    const message = { kind: 'marker', source: 'default', markerId, tries: 0 };
    expect(world.completion.sent).toEqual([{ message, delaySeconds: 0 }]);
  });

  test.each([
    { name: 'a count of nothing', body: '{"instances": 0}' },
    { name: 'a hostile UID', body: '{"series": {"../x": 3}}' },
    { name: 'more than 256 KiB', body: ' '.repeat(256 * 1024 + 1) },
  ])('$name is quarantined until a good one replaces it', async ({ body }) => {
    const world = newWorld();
    const handler = createHandler(world.deps);
    world.drop.put(KEY, Buffer.from(body));
    await handler(sqsEvent([s3Event(KEY)]));
    expect(world.quarantine.all()).toMatchObject([{ key: KEY, reason: 'invalid_marker' }]);
    expect(world.completion.sent).toEqual([]);
    world.drop.put(KEY, Buffer.alloc(0));
    await handler(sqsEvent([s3Event(KEY)]));
    expect(world.quarantine.all()).toEqual([]);
    expect(world.completion.sent).toHaveLength(1);
  });

  test('one that is gone says nothing', async () => {
    const world = newWorld();
    expect(await createHandler(world.deps)(sqsEvent([s3Event(KEY)]))).toEqual({ batchItemFailures: [] });
    expect(world.completion.sent).toEqual([]);
  });

  test('one that cannot be read comes again, and its batch is indexed', async () => {
    const world = newWorld();
    world.drop.put(KEY, Buffer.alloc(0));
    putSlices(world, 1);
    breakCalls(world.probe, 'markers.put', 'before');
    const answer = await createHandler(world.deps)(sqsEvent([s3Event(KEY, 0), s3Event(keyOf(1))]));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(await world.instances.count(ID)).toBe(1);
  });
});
