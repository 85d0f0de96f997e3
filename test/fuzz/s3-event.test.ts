import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readS3Event } from '../../functions/ingest/s3-event.ts';
import { formEncoded } from '../support/s3-event.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

type EventOf = (key: unknown, size?: unknown, kind?: unknown, bucket?: unknown) => object;
const notificationOf: EventOf = (key, size = 1, eventName = 'ObjectCreated:Put', name = 'drop') => ({
  Records: [{ eventName, s3: { bucket: { name }, object: { key, size } } }],
});
const eventBridgeEventOf: EventOf = (key, size = 1, detailType = 'Object Created', name = 'drop') => ({
  source: 'aws.s3',
  'detail-type': detailType,
  detail: { bucket: { name }, object: { key, size } },
});
const inAnEnvelope: EventOf = (...event) => ({
  Type: 'Notification',
  TopicArn: 'arn',
  Message: JSON.stringify(notificationOf(...event)),
});

function expectContract(body: string): void {
  const reading = readS3Event(body);
  if (reading.kind === 'malformed') return;
  expect(reading.kind).toBe('created');
  for (const { bucket, key, sizeBytes } of reading.objects) {
    expect(bucket).not.toBe('');
    expect(key).not.toBe('');
    expect(key.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
    expect(sizeBytes === undefined || (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)).toBe(true);
  }
}

describe('an S3 event', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('reads any JSON as an event, or as malformed', () => {
    const json = jsonWith([
      ...['Records', 'eventName', 's3', 'bucket', 'name', 'object', 'key', 'size', 'Event'],
      ...['source', 'detail-type', 'detail', 'Type', 'TopicArn', 'Message'],
    ]);
    fc.assert(fc.property(textOf(json), expectContract), fuzzRuns(1500));
  });

  it('reads an event with any key, size and name, or calls it malformed', () => {
    const key = fc.oneof(
      fc.string({
        unit: fc.constantFrom('%', '+', '/', '.', '..', 'a', 'C3', '28', '%ED%A0%80', '%00', '\ud800', 'ü'),
      }),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1000, max: 5000 }).map((length) => 'a/'.repeat(length)),
      fc.constantFrom(null, 7, {}, ['a']),
    );
    const size = fc.oneof(fc.constantFrom(-1, 0, null, '7', 1e300, undefined), fc.double());
    const name = fc.constantFrom(
      'ObjectCreated:Put',
      's3:ObjectCreated:Copy',
      'ObjectRemoved:Delete',
      'Object Created',
      'Object Deleted',
      '',
      7,
      's3:s3:',
    );
    const bucket = fc.constantFrom('drop', '', null, 7, undefined);
    const eventOf = fc.constantFrom(notificationOf, eventBridgeEventOf, inAnEnvelope);
    fc.assert(
      fc.property(eventOf, key, size, name, bucket, (of, ...event) =>
        expectContract(JSON.stringify(of(...event))),
      ),
      fuzzRuns(1500),
    );
  });

  it.each([
    { name: 'by S3', of: notificationOf, written: formEncoded },
    { name: 'by EventBridge', of: eventBridgeEventOf, written: String },
    { name: 'by SNS', of: inAnEnvelope, written: formEncoded },
  ])('$name: decodes every possible object key', ({ of, written }) => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((text) => text.toWellFormed()),
      fc.string({
        unit: fc.constantFrom('/', '..', '+', ' ', '%', '%2F', '\0', '\n', '\\', '🩻'),
        minLength: 1,
        maxLength: 100,
      }),
    );
    fc.assert(
      fc.property(key, (original) => {
        fc.pre(Buffer.byteLength(original) <= 1024);
        const reading = readS3Event(JSON.stringify(of(written(original))));
        expect(reading).toEqual({
          kind: 'created',
          objects: [{ bucket: 'drop', key: original, sizeBytes: 1 }],
        });
      }),
      fuzzRuns(1500),
    );
  });
});
