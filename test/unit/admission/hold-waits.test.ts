import { describe, expect, it, test } from 'vitest';
import { holdSeconds, toHeldBack } from '../../../functions/admission/hold-waits.ts';
import { WAIT_QUEUE_LENGTH } from '../../../functions/admission/quota.ts';
import { addSeconds } from '../../../functions/shared/time.ts';

const NOW = '2026-03-01T11:00:00.000Z';
const ago = (seconds: number) => addSeconds(NOW, -seconds);
const forSlot = (position: number) => ({ kind: 'held_back', reason: 'concurrency', position }) as const;
const forDay = (dayEndsAt: string) => ({ kind: 'held_back', reason: 'daily_budget', dayEndsAt }) as const;

describe('the wait for a slot', () => {
  test.each([
    { name: 'the next one', position: 0, limit: 1, waited: 3_600, longest: 5 },
    { name: 'as many before it as there are slots', position: 4, limit: 4, waited: 0, longest: 10 },
    { name: 'one of those that come next', position: 3, limit: 4, waited: 0, longest: 5 },
    { name: 'far behind', position: 99, limit: 1, waited: 0, longest: 500 },
    { name: 'outside, just come', position: WAIT_QUEUE_LENGTH, limit: 4, waited: 0, longest: 130 },
    { name: 'outside for half an hour', position: WAIT_QUEUE_LENGTH, limit: 4, waited: 1_800, longest: 450 },
    { name: 'outside for a day', position: WAIT_QUEUE_LENGTH, limit: 4, waited: 86_400, longest: 900 },
  ])('$name: up to $longest s', ({ position, limit, waited, longest }) => {
    const wait = (random: number) =>
      holdSeconds(forSlot(position), { maxConcurrentSeries: limit }, false, ago(waited), NOW, random);
    expect(wait(0)).toBe(Math.ceil(longest / 2));
    expect(wait(0.999_999)).toBe(longest);
  });
});

describe('the wait for the next day', () => {
  const MIDNIGHT = '2026-03-02T00:00:00.000Z';
  /** Every time at which a series asks until it is past midnight. */
  const asks = (from: string, since: string): string[] => {
    const times: string[] = [];
    for (let now = from; now < MIDNIGHT; times.push(now)) {
      const seconds = holdSeconds(forDay(MIDNIGHT), {}, false, since, now, 0.5);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(900);
      now = addSeconds(now, seconds);
    }
    return times;
  };

  test.each([
    { name: 'at noon', from: '2026-03-01T12:00:00.000Z' },
    { name: 'a quarter of an hour before midnight', from: '2026-03-01T23:45:01.000Z' },
    { name: 'at the last moment', from: '2026-03-01T23:59:59.999Z' },
  ])('from $name: in hops that SQS takes, to within five minutes after midnight', ({ from }) => {
    const last = asks(from, from).at(-1) ?? '';
    expect(last > MIDNIGHT).toBe(true);
    expect(last <= addSeconds(MIDNIGHT, 301)).toBe(true);
  });

  it('is shorter for series that have waited longer', () => {
    const lastAsks = [0, 1, 2, 5].map((days) => {
      const since = addSeconds('2026-03-01T18:00:00.000Z', -days * 86_400);
      return asks('2026-03-01T20:00:00.000Z', since).at(-1) ?? '';
    });
    expect(lastAsks).toEqual([...lastAsks].sort().reverse());
    expect(new Set(lastAsks).size).toBe(4);
  });
});

describe('the wait for a stopped source', () => {
  const stopped = { kind: 'held_back', reason: 'auth_rejected' } as const;

  test.each([
    { name: 'just come', isUrgent: false, waited: 0, longest: 10 },
    { name: 'for two minutes', isUrgent: false, waited: 120, longest: 60 },
    { name: 'for a day', isUrgent: false, waited: 86_400, longest: 180 },
    { name: 'urgent, for a day', isUrgent: true, waited: 86_400, longest: 30 },
  ])('$name: up to $longest s', ({ isUrgent, waited, longest }) => {
    const wait = (random: number) => holdSeconds(stopped, {}, isUrgent, ago(waited), NOW, random);
    expect(wait(0)).toBe(longest / 2);
    expect(wait(0.999_999)).toBe(longest);
  });
});

test.each([
  { name: 'a slot', held: forSlot(3), until: addSeconds(NOW, 7) },
  {
    name: 'the next day',
    held: forDay('2026-03-02T00:00:00.000Z'),
    until: '2026-03-02T00:00:00.000Z',
  },
])('who waits for $name says until when', ({ held, until }) => {
  expect(toHeldBack(held, ago(60), NOW, 7)).toEqual({ reason: held.reason, since: ago(60), until });
});
