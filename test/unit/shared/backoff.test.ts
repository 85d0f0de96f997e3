import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackoffPolicy, FailedTry, NextTry } from '../../../functions/shared/backoff.ts';
import { nextTry } from '../../../functions/shared/backoff.ts';

const full: BackoffPolicy = { baseMs: 1000, capMs: 60_000, jitter: 'full' };
const equal: BackoffPolicy = { ...full, jitter: 'equal' };
const wait = (delayMs: number): NextTry => ({ kind: 'wait', delayMs });
const giveUp: NextTry = { kind: 'give_up' };

describe('nextTry', () => {
  const rows: [string, BackoffPolicy, FailedTry, NextTry][] = [
    ['first failure, lowest draw, full jitter', full, { failures: 1, random: 0 }, wait(0)],
    ['first failure, middle draw, full jitter', full, { failures: 1, random: 0.5 }, wait(500)],
    ['first failure, lowest draw, equal jitter', equal, { failures: 1, random: 0 }, wait(500)],
    ['first failure, middle draw, equal jitter', equal, { failures: 1, random: 0.5 }, wait(750)],
    ['doubles with each failure', full, { failures: 4, random: 0.5 }, wait(4000)],
    ['stops at the cap', full, { failures: 30, random: 0.5 }, wait(30_000)],
    ['stops at the cap after very many failures', full, { failures: 5000, random: 0.5 }, wait(30_000)],
    ['Retry-After is a floor', full, { failures: 1, random: 0, retryAfterMs: 7000 }, wait(7000)],
    ['Retry-After gets jitter above it', full, { failures: 1, random: 0.5, retryAfterMs: 7000 }, wait(7500)],
    ['Retry-After may exceed the cap', full, { failures: 1, random: 0, retryAfterMs: 90_000 }, wait(90_000)],
    [
      'a shorter Retry-After does not shorten',
      equal,
      { failures: 6, random: 0, retryAfterMs: 1 },
      wait(16_000),
    ],
    ['cut to end at the deadline', equal, { failures: 6, random: 0.5, remainingMs: 9000 }, wait(9000)],
    [
      'Retry-After at the deadline',
      full,
      { failures: 1, random: 0.9, retryAfterMs: 10, remainingMs: 10 },
      wait(10),
    ],
    [
      'Retry-After beyond the deadline',
      full,
      { failures: 1, random: 0, retryAfterMs: 11, remainingMs: 10 },
      giveUp,
    ],
    ['nothing remains', full, { failures: 1, random: 0, remainingMs: 0 }, giveUp],
    ['the deadline has passed', full, { failures: 1, random: 0, remainingMs: -5 }, giveUp],
  ];
  it.each(rows)('%s', (_name, policy, failed, expected) => {
    expect(nextTry(policy, failed)).toEqual(expected);
  });

  it('never waits past the deadline, nor less than the server asked for', () => {
    const failed = fc.record(
      {
        failures: fc.integer({ min: 1, max: 100 }),
        random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        retryAfterMs: fc.integer({ min: 0, max: 900_000 }),
        remainingMs: fc.integer({ min: -10, max: 2_000_000 }),
      },
      { requiredKeys: ['failures', 'random'] },
    );
    fc.assert(
      fc.property(failed, fc.constantFrom(full, equal), (tried, policy) => {
        const next = nextTry(policy, tried);
        if (next.kind === 'wait') {
          expect(next.delayMs).toBeLessThanOrEqual(tried.remainingMs ?? Number.MAX_SAFE_INTEGER);
          expect(next.delayMs).toBeGreaterThanOrEqual(tried.retryAfterMs ?? 0);
        }
      }),
    );
  });
});
