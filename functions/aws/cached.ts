import type { Clock } from '../shared/time.ts';

/** What is changed in a parameter or a secret is seen within this time, without a deployment. */
const CACHE_SECONDS = 60;

export function cached<T>(clock: Clock, load: () => Promise<T>): () => Promise<T> {
  const loadBy = cachedBy(clock, load);
  return () => loadBy('');
}

/** Nothing is held beyond its time once anything is loaded again, so that what is no longer asked for goes too. */
export function cachedBy<T>(clock: Clock, load: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const held = new Map<string, { value: T; untilMs: number }>();
  return async (key) => {
    const nowMs = clock().getTime();
    const known = held.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.value;
    for (const [other, { untilMs }] of held) if (nowMs >= untilMs) held.delete(other);
    const value = await load(key);
    held.set(key, { value, untilMs: nowMs + CACHE_SECONDS * 1000 });
    return value;
  };
}
