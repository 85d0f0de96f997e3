import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readS3Event } from '../../../functions/ingest/s3-event.ts';
import { DROP_BUCKET, eventBridgeEvent, s3Event, snsWrapped } from '../../support/s3-event.ts';

const ODD_KEY = 'default/a b+c%41%zz/Müller 山田';

describe('the notification of S3', () => {
  test.each([
    {
      name: 'a plain key',
      body: s3Event('default/a.dcm', 7),
      objects: [{ bucket: DROP_BUCKET, key: 'default/a.dcm', sizeBytes: 7 }],
    },
    {
      name: 'blanks, plus and percent signs, umlauts, CJK',
      body: s3Event(ODD_KEY),
      objects: [{ bucket: DROP_BUCKET, key: ODD_KEY }],
    },
    {
      name: 'a key as long as it may be',
      body: s3Event('ü'.repeat(512)),
      objects: [{ bucket: DROP_BUCKET, key: 'ü'.repeat(512) }],
    },
    {
      name: 'a copy',
      body: s3Event('default/a', 1, 's3:ObjectCreated:Copy'),
      objects: [{ bucket: DROP_BUCKET, key: 'default/a', sizeBytes: 1 }],
    },
    {
      name: 'an object of another bucket',
      body: s3Event('default/a', 1, 'ObjectCreated:Put', 'other'),
      objects: [{ bucket: 'other', key: 'default/a', sizeBytes: 1 }],
    },
    { name: 'a deletion', body: s3Event('default/a', 1, 'ObjectRemoved:Delete'), objects: [] },
    { name: 'the test event', body: '{"Service":"Amazon S3","Event":"s3:TestEvent"}', objects: [] },
  ])('$name', ({ body, objects }) => {
    expect(readS3Event(body)).toEqual({ kind: 'created', objects });
  });

  test('decodes every encoded key', () => {
    const keys = fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(keys, (key) => {
        const objects = [{ bucket: DROP_BUCKET, key }];
        expect(readS3Event(s3Event(key))).toEqual({ kind: 'created', objects });
      }),
    );
  });
});

describe('the event of S3 by EventBridge', () => {
  test.each([
    {
      name: 'a plain key',
      body: eventBridgeEvent('default/a.dcm', 7),
      objects: [{ bucket: DROP_BUCKET, key: 'default/a.dcm', sizeBytes: 7 }],
    },
    {
      name: 'plus and percent signs, which are not decoded here',
      body: eventBridgeEvent(ODD_KEY),
      objects: [{ bucket: DROP_BUCKET, key: ODD_KEY }],
    },
    {
      name: 'an object of another bucket',
      body: eventBridgeEvent('default/a', 1, 'Object Created', 'other'),
      objects: [{ bucket: 'other', key: 'default/a', sizeBytes: 1 }],
    },
    ...['Object Deleted', 'Object Tags Added', 'Object Restore Completed', 'A Type of Tomorrow'].map(
      (detailType) => ({
        name: `nothing to do for ${detailType}`,
        body: eventBridgeEvent('default/a', 1, detailType),
        objects: [],
      }),
    ),
  ])('$name', ({ body, objects }) => {
    expect(readS3Event(body)).toEqual({ kind: 'created', objects });
  });

  test('takes every key unchanged', () => {
    const keys = fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(keys, (key) => {
        const objects = [{ bucket: DROP_BUCKET, key }];
        expect(readS3Event(eventBridgeEvent(key))).toEqual({ kind: 'created', objects });
      }),
    );
  });
});

describe('an event in the envelope of SNS', () => {
  const objects = [{ bucket: DROP_BUCKET, key: ODD_KEY, sizeBytes: 7 }];
  test.each([
    { name: 'of S3', body: snsWrapped(s3Event(ODD_KEY, 7)), reading: { kind: 'created', objects } },
    {
      name: 'of EventBridge',
      body: snsWrapped(eventBridgeEvent(ODD_KEY, 7)),
      reading: { kind: 'created', objects },
    },
    {
      name: 'the test event',
      body: snsWrapped('{"Service":"Amazon S3","Event":"s3:TestEvent"}'),
      reading: { kind: 'created', objects: [] },
    },
    { name: 'a text of somebody', body: snsWrapped('Hello'), reading: { kind: 'malformed' } },
    {
      name: 'an envelope in an envelope',
      body: snsWrapped(snsWrapped(s3Event('a'))),
      reading: { kind: 'malformed' },
    },
  ])('$name', ({ body, reading }) => {
    expect(readS3Event(body)).toEqual(reading);
  });
});

describe('malformed is', () => {
  const of = (body: string, wrong: string, right = '"x"') => body.replace(right, () => wrong);
  test.each([
    { name: 'no JSON', body: 'Records' },
    { name: 'JSON of another kind', body: '[]' },
    { name: 'a notification without a key', body: of(s3Event('x'), '""') },
    {
      name: 'a notification without a bucket',
      body: of(s3Event('x'), '"bucket":{}', '"bucket":{"name":"drop"'),
    },
    { name: 'a key with half a character', body: of(s3Event('x'), '"x\\ud800"') },
    { name: 'a key longer than any object has', body: s3Event('/'.repeat(1025)) },
    { name: 'a key that S3 never wrote', body: of(s3Event('x'), '"%E0%A4%A"') },
    { name: 'a size that is none', body: s3Event('x', 1.5) },
    { name: 'an event without a key', body: of(eventBridgeEvent('x'), '""') },
    { name: 'an event without a bucket', body: of(eventBridgeEvent('x'), '{}', '{"name":"drop"}') },
    { name: 'an event with half a character', body: of(eventBridgeEvent('x'), '"x\\ud800"') },
    { name: 'an event of a key longer than any', body: eventBridgeEvent('/'.repeat(1025)) },
    { name: 'an event of a negative size', body: eventBridgeEvent('x', -1) },
    { name: 'an event of another service', body: of(eventBridgeEvent('x'), '"aws.ec2"', '"aws.s3"') },
    { name: 'an event without its type', body: of(eventBridgeEvent('x'), 'type', 'detail-type') },
  ])('$name', ({ body }) => {
    expect(readS3Event(body)).toEqual({ kind: 'malformed' });
  });
});

describe('reading never throws for', () => {
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
  ])('$name', ({ bodies }) => {
    fc.assert(fc.property(bodies, (body) => ['created', 'malformed'].includes(readS3Event(body).kind)));
  });
});
