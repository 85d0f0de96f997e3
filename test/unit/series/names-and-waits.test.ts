import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quarantineIdOf } from '../../../functions/instances/quarantine.ts';
import { pollDelaySeconds } from '../../../functions/qure/qure-waits.ts';
import { eventIdOf } from '../../../functions/series/events.ts';
import { assetFile, instanceResultFile, resultFolder } from '../../../functions/series/result-keys.ts';

describe('keys of the results bucket', () => {
  it.each<[string, string, string]>([
    [
      'the folder of a generation',
      resultFolder({ source: 'siteA', studyInstanceUid: '1.1', seriesInstanceUid: '1.2', generation: 3 }),
      'siteA/1.1/1.2/3/',
    ],
    ['the result of an instance', instanceResultFile('1.3'), 'result.1.3.json'],
    ['an asset of a series', assetFile('pdf', 0), 'files/pdf/0'],
    ['an asset of an instance', assetFile('sc', 2, '1.3'), 'files/1.3/sc/2'],
  ])('%s', (_name, key, expected) => {
    expect(key).toBe(expected);
  });
});

describe('eventIdOf', () => {
  it('gives the same id for the same parts, and looks like a UUID', () => {
    expect(eventIdOf('siteA', '1.2', 3, 'DONE')).toBe(eventIdOf('siteA', '1.2', 3, 'DONE'));
    expect(eventIdOf('a')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('gives another id for other parts', () => {
    const parts = fc.array(fc.oneof(fc.stringMatching(/^[A-Za-z0-9.]*$/), fc.nat()), { minLength: 1 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one.map(String)) === JSON.stringify(other.map(String));
        expect(eventIdOf(...one) === eventIdOf(...other)).toBe(isSame);
      }),
    );
  });
});

it('quarantineIdOf hides the key, and gives one id a key', () => {
  expect(quarantineIdOf('siteA/Müller')).toMatch(/^[0-9a-f]{32}$/);
  expect(quarantineIdOf('siteA/a')).not.toBe(quarantineIdOf('siteA/b'));
});

describe('pollDelaySeconds', () => {
  it.each<[string, number, number, number | undefined, number]>([
    ['the first wait', 15, 0, undefined, 15],
    ['the second', 15, 1, undefined, 20],
    ['grown to four times', 15, 6, undefined, 60],
    ['never more than that', 15, 1000, undefined, 60],
    ['what Qure asks for', 15, 0, 40_000, 40],
    ['not less than our own wait', 15, 0, 1_000, 15],
    ['SQS takes 15 minutes at most', 15, 0, 7_200_000, 900],
    ['a part of a second, rounded up', 0.2, 0, undefined, 1],
  ])('%s', (_name, interval, polls, retryAfterMs, expected) => {
    expect(pollDelaySeconds(interval, polls, retryAfterMs)).toBe(expected);
  });

  it('never shrinks from poll to poll', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(200), (interval, polls) => {
        expect(pollDelaySeconds(interval, polls + 1)).toBeGreaterThanOrEqual(
          pollDelaySeconds(interval, polls),
        );
      }),
    );
  });
});
