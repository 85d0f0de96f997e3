import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchAncestors } from '../../../local/host/watch-ancestors.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ['npm start', { npm_lifecycle_event: 'start' }, 1],
  ['npm test', { npm_lifecycle_event: 'test' }, 0],
  ['a shell, where a parent may end and mean nothing by it', {}, 0],
])('finds the processes to watch when it is started by %s', (_name, env, timers) => {
  const orphaned: string[] = [];
  watchAncestors(env, (how) => orphaned.push(how));
  expect(vi.getTimerCount()).toBe(timers);
  // Ours are alive all the time.
  vi.advanceTimersByTime(10_000);
  expect(orphaned).toEqual([]);
});
