import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;
/** Only a hang takes so long; the tests' own times are seconds. */
const PATIENCE_MS = 60_000;

/** Looks until there is something to see. Throws with `what` when there is nothing for `patienceMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const endMs = Date.now() + patienceMs;
  while (Date.now() < endMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(LOOK_MS);
  }
  throw new Error(`waited ${patienceMs} ms in vain for: ${what}`);
}
