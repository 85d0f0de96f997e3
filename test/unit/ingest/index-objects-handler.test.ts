import { buildDicom, DIRECTORY } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/index-instances/handler.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { markerIdOf } from '../../../functions/instances/marker.ts';
import { eventBridgeEvent, s3Event, snsWrapped } from '../../support/s3-event.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, putSlices, slice } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';

describe('the handler', () => {
  test('reports invalid events and unreadable objects as failures, and indexes the rest', async () => {
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
    { name: 'a folder', key: 'default/folder/', bytes: Buffer.alloc(0) },
    { name: 'a DICOMDIR', key: 'default/DICOMDIR', bytes: buildDicom(DIRECTORY) },
    { name: 'a DICOMDIR of another name', key: 'default/index.bin', bytes: buildDicom(DIRECTORY) },
  ])('$name is ignored', async ({ key, bytes }) => {
    const world = newWorld();
    world.drop.put(key, bytes);
    expect(await createHandler(world.deps)(sqsEvent([s3Event(key, bytes.length)]))).toEqual({
      batchItemFailures: [],
    });
    expect([world.quarantine.all(), world.instances.all()]).toEqual([[], []]);
  });

  test.each([
    { name: 'asked when an event comes again whose run died between rows and marker', receives: 2, asked: 1 },
    { name: 'not asked when the event of a known row comes for the first time', receives: 1, asked: 0 },
  ])('a marker with counts is $name', async ({ receives, asked }) => {
    const world = newWorld();
    const [key = ''] = putSlices(world, 1);
    world.drop.put('default/_COMPLETE', Buffer.from('{"instances": 2}'));
    await registerMarker(world.deps, 'default/_COMPLETE', world.source);
    breakCalls(world.probe, 'markers.find', 'before');
    await expect(index(world, [key])).rejects.toThrow('were not');
    world.completion.sent.length = 0;
    await createHandler(world.deps)(sqsEvent([s3Event(key)], [], receives));
    const kinds = world.completion.sent.map(({ message }) => message.kind);
    expect(kinds.filter((kind) => kind === 'marker')).toHaveLength(asked);
  });

  test('a scan that is named DICOMDIR is indexed', async () => {
    const world = newWorld();
    world.drop.put('default/DICOMDIR', slice(1));
    await createHandler(world.deps)(sqsEvent([s3Event('default/DICOMDIR', slice(1).length)]));
    expect(await world.instances.count(ID)).toBe(1);
  });

  test('a scan that says it is a DICOMDIR is quarantined', async () => {
    const world = newWorld();
    world.drop.put('default/a', slice(1, { mediaStorageSopClassUid: '1.2.840.10008.1.3.10' }));
    await createHandler(world.deps)(sqsEvent([s3Event('default/a', 100)]));
    expect(world.quarantine.all()).toMatchObject([{ reason: 'invalid_uid' }]);
  });

  test('REQ-ING-2: a key outside of every source is quarantined', async () => {
    const world = newWorld();
    world.drop.put('elsewhere/a.dcm', slice(1));
    await createHandler(world.deps)(sqsEvent([s3Event('elsewhere/a.dcm')]));
    expect(world.quarantine.all()).toMatchObject([{ key: 'elsewhere/a.dcm', reason: 'no_source' }]);
    expect(world.quarantine.all()[0]).not.toHaveProperty('source');
  });

  test('redelivers only the message of a rejected object whose event cannot be published', async () => {
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

describe('an event by another way', () => {
  test.each([
    { name: 'EventBridge', bodyOf: (key: string) => eventBridgeEvent(key) },
    { name: 'SNS', bodyOf: (key: string) => snsWrapped(s3Event(key)) },
  ])('$name: is indexed like a notification, its marker too', async ({ bodyOf }) => {
    const world = newWorld();
    const [key] = putSlices(world, 1);
    world.drop.put('default/_COMPLETE', Buffer.alloc(0));
    const bodies = [bodyOf(key ?? ''), bodyOf('default/_COMPLETE')];
    expect(await createHandler(world.deps)(sqsEvent(bodies))).toEqual({ batchItemFailures: [] });
    expect(await world.instances.count(ID)).toBe(1);
    expect(await world.markers.load('default', markerIdOf('default/'))).toBeDefined();
  });
});

describe('an event of another bucket', () => {
  test.each([
    { name: 'notification', bodyOf: (key: string) => s3Event(key, 9, 'ObjectCreated:Put', 'other') },
    {
      name: 'EventBridge event',
      bodyOf: (key: string) => eventBridgeEvent(key, 9, 'Object Created', 'other'),
    },
  ])('$name: indexes no object, and goes to the dead letters', async ({ bodyOf }) => {
    const world = newWorld();
    world.deadLetters.tellOf('ingest', 10);
    const [ours, theirs] = putSlices(world, 2);
    const bodies = [s3Event(ours ?? ''), bodyOf(theirs ?? '')];
    expect(await createHandler(world.deps)(sqsEvent(bodies))).toEqual({ batchItemFailures: [] });
    expect(await world.instances.count(ID)).toBe(1);
    expect(world.quarantine.all()).toEqual([]);
    expect(await world.deadLetters.all()).toMatchObject([{ stage: 'ingest', cause: 'foreign_bucket' }]);
  });
});

describe('_COMPLETE', () => {
  const KEY = 'default/_COMPLETE';
  test.each([
    { name: 'empty', body: '', expectation: { kind: 'everything' } },
    { name: 'a date', body: '2026-03-01', expectation: { kind: 'everything' } },
    { name: '256 KiB of blanks', body: ' '.repeat(256 * 1024), expectation: { kind: 'everything' } },
    { name: 'a count', body: '{"instances": 12}', expectation: { kind: 'instances', instances: 12 } },
    {
      name: 'counts by series',
      body: '{"series": {"1.2": 3}}',
      expectation: { kind: 'series', series: { '1.2': 3 } },
    },
  ])('stores a marker with $name, and has it checked', async ({ body, expectation }) => {
    const world = newWorld();
    world.drop.put(KEY, Buffer.from(body));
    await createHandler(world.deps)(sqsEvent([s3Event(KEY, body.length)]));
    const markerId = markerIdOf('default/');
    expect(await world.markers.load('default', markerId)).toMatchObject({
      expectation,
      isFulfilled: false,
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

  test('ignores a marker that was deleted', async () => {
    const world = newWorld();
    expect(await createHandler(world.deps)(sqsEvent([s3Event(KEY)]))).toEqual({ batchItemFailures: [] });
    expect(world.completion.sent).toEqual([]);
  });

  test('redelivers a marker that cannot be read, and indexes the rest of its batch', async () => {
    const world = newWorld();
    world.drop.put(KEY, Buffer.alloc(0));
    putSlices(world, 1);
    breakCalls(world.probe, 'markers.put', 'before');
    const answer = await createHandler(world.deps)(sqsEvent([s3Event(KEY, 0), s3Event(keyOf(1))]));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(await world.instances.count(ID)).toBe(1);
  });
});
