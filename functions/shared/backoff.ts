/** How waits grow between tries. All times in milliseconds. */
export interface BackoffPolicy {
  /** The ceiling of the first wait; it doubles with each failure. */
  baseMs: number;
  /** No computed wait is longer. A Retry-After may be: the server knows better. */
  capMs: number;
  /**
   * `full`: anywhere from nothing to the ceiling, which spreads many clients best. `equal`: at least half of the
   * ceiling, for waits that must not collapse to nothing.
   * Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
   */
  jitter: 'full' | 'equal';
}

export interface FailedTry {
  /** How often it has failed so far, from 1. */
  failures: number;
  /** In [0, 1), from the caller, so that this stays a pure function. */
  random: number;
  /** What the server asked for, if it did. */
  retryAfterMs?: number;
  /** Until the caller's deadline; leave it out when there is none. */
  remainingMs?: number;
}

export type NextTry = { kind: 'wait'; delayMs: number } | { kind: 'give_up' };

/**
 * When to try again, in whole milliseconds. A Retry-After is a floor, with jitter above it so that those who were told
 * the same do not come back together. A wait that would pass the deadline is cut to end at it, for one last
 * try; but when the server asked for longer than what remains, or nothing remains, the answer is to give up.
 */
export function nextTry(policy: BackoffPolicy, failed: FailedTry): NextTry {
  const remainingMs = failed.remainingMs ?? Number.POSITIVE_INFINITY;
  const floorMs = Math.max(0, failed.retryAfterMs ?? 0);
  if (remainingMs <= 0 || floorMs > remainingMs) {
    return { kind: 'give_up' };
  }
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.max(0, failed.failures - 1));
  const jitteredMs =
    policy.jitter === 'full' ? ceilingMs * failed.random : ceilingMs / 2 + (ceilingMs / 2) * failed.random;
  const spreadMs = floorMs > 0 ? floorMs + Math.min(policy.baseMs, policy.capMs) * failed.random : 0;
  const delayMs = Math.min(Math.max(jitteredMs, spreadMs), remainingMs);
  return { kind: 'wait', delayMs: Math.round(delayMs) };
}
