import { setTimeout as sleep } from 'node:timers/promises';

/** A look at a whole host reads dozens of rows of a table in this process: twenty looks a second take a third of a processor. */
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;
/**
 * Only a hang takes so long, also on a machine that has much else to do. On an idle one the watchdog takes up to 4 minutes: its grace
 * time, the full minute of `dueAt` and its schedule.
 */
const PATIENCE_MS = 900_000;

/** Looks until there is something to see. Throws with `what` when there is nothing for `patienceMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const startMs = Date.now();
  while (Date.now() < startMs + patienceMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pauseSince(startMs);
  }
  throw new Error(`waited ${patienceMs} ms in vain for: ${what}`);
}

/**
 * For what many things have to happen first: gives up when nothing has moved for so long, however long the whole takes on a
 * busy machine. `look` answers what it waits for, or where everything stands as a text.
 */
export async function untilStill<T>(
  what: string,
  look: () => Promise<{ seen: T } | { standing: string }>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let standing: string | undefined;
  const startMs = Date.now();
  let endMs = startMs + patienceMs;
  for (;;) {
    const found = await look();
    if ('seen' in found) return found.seen;
    if (found.standing !== standing) endMs = Date.now() + patienceMs;
    else if (Date.now() > endMs) throw new Error(`nothing moved for ${patienceMs} ms; waited for: ${what}`);
    standing = found.standing;
    await pauseSince(startMs);
  }
}

/** A tenth of the wait so far: what comes soon is seen soon. */
function pauseSince(startMs: number): Promise<void> {
  return sleep(Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, (Date.now() - startMs) / 10)));
}
