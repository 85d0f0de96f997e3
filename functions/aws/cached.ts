import type { Clock } from '../shared/time.ts';

/** What is changed in a parameter or a secret is seen within this time, without a deployment. */
const CACHE_SECONDS = 60;
/** Of the time: processes that load at one time, as after a deployment, do not all load again at one time. */
const JITTER = 1 / 3;
/** Spreads times of loading that differ by milliseconds over the whole jitter; a prime. No source of randomness is needed. */
const SPREAD = 7_919;

export function cached<T>(clock: Clock, load: () => Promise<T>, seconds = CACHE_SECONDS): () => Promise<T> {
  const loadBy = cachedBy(clock, load, seconds);
  return () => loadBy('');
}

/**
 * The load itself is held, so that all who ask meanwhile wait for the same one: the ten messages of a batch load once. A
 * failure is not held. Nothing is held beyond its time once anything is loaded again, so that what is no longer asked for
 * goes too.
 */
export function cachedBy<T>(
  clock: Clock,
  load: (key: string) => Promise<T>,
  seconds = CACHE_SECONDS,
): (key: string) => Promise<T> {
  const held = new Map<string, { value: Promise<T>; untilMs: number }>();
  return (key) => {
    const nowMs = clock().getTime();
    const known = held.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.value;
    for (const [other, { untilMs }] of held) if (nowMs >= untilMs) held.delete(other);
    const value = load(key);
    const jitterMs = (nowMs * SPREAD) % (seconds * 1000 * JITTER);
    const entry = { value, untilMs: nowMs + seconds * 1000 - jitterMs };
    held.set(key, entry);
    value.catch(() => {
      if (held.get(key) === entry) held.delete(key);
    });
    return value;
  };
}
