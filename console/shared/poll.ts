import { outage } from './outage.ts';

const MAX_WAIT_MS = 30_000;

/**
 * Calls `run` again and again, `everyMs` after its last end, only while the page is seen. After a failure the wait doubles, up to half
 * a minute. The first call is at once.
 *
 * @returns what ends it
 */
export function poll(everyMs: number, run: (signal: AbortSignal) => Promise<void>): () => void {
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = everyMs;
  let isRunning = false;

  const step = async () => {
    if (document.hidden || isRunning || ending.signal.aborted) return;
    isRunning = true;
    clearTimeout(timer);
    try {
      await run(ending.signal);
      wait = everyMs;
    } catch {
      wait = Math.min(MAX_WAIT_MS, wait * 2);
    }
    isRunning = false;
    if (!ending.signal.aborted) timer = setTimeout(step, wait);
  };
  const resume = () => void step();
  document.addEventListener('visibilitychange', resume);
  addEventListener('online', resume);
  // Another one has had an answer again.
  const stopWatching = outage.subscribe((since) => since === undefined && resume());
  void step();
  return () => {
    ending.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', resume);
    removeEventListener('online', resume);
    stopWatching();
  };
}
