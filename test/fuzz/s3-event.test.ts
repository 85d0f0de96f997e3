import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readS3Event } from '../../functions/index-instances/s3-event.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const eventOf = (key: unknown, size: unknown = 1, eventName: unknown = 'ObjectCreated:Put') => ({
  Records: [{ eventName, s3: { object: { key, size } } }],
});
/** As S3 does (Amazon S3 User Guide, "Event message structure": keys are URL-encoded). */
const formEncoded = (key: string) => encodeURIComponent(key).replaceAll('%20', '+');

function expectContract(body: string): void {
  const reading = readS3Event(body);
  if (reading.kind === 'malformed') return;
  expect(reading.kind).toBe('created');
  for (const { key, sizeBytes } of reading.objects) {
    expect(key).not.toBe('');
    expect(key.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
    expect(sizeBytes === undefined || (Number.isFinite(sizeBytes) && sizeBytes >= 0)).toBe(true);
  }
}

describe('an S3 event', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('of any JSON is read, or malformed', () => {
    const json = jsonWith(['Records', 'eventName', 's3', 'object', 'key', 'size', 'Event']);
    fc.assert(fc.property(textOf(json), expectContract), fuzzRuns(1500));
  });

  it('with anything for a key, size and name is read, or malformed', () => {
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
      '',
      7,
      's3:s3:',
    );
    fc.assert(
      fc.property(key, size, name, (...event) => expectContract(JSON.stringify(eventOf(...event)))),
      fuzzRuns(1500),
    );
  });

  it('gives back every key that an object can have', () => {
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
        const reading = readS3Event(JSON.stringify(eventOf(formEncoded(original))));
        expect(reading).toEqual({ kind: 'created', objects: [{ key: original, sizeBytes: 1 }] });
      }),
      fuzzRuns(1500),
    );
  });
});
