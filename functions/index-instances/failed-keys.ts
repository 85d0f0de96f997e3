import { errorFields } from '../adapters/json-log.ts';
import { causeOf, type DeadLetterCause } from '../core/dead-letter-cause.ts';
import type { Log } from '../core/ports.ts';

/** Keys of objects that could not be dealt with for now, each with what stood in the way: their events must come again. */
export type FailedKeys = Map<string, DeadLetterCause>;

/**
 * Does what concerns these keys and no others of the batch: when it fails, their events come again, and those of the others
 * do not use up a receive for it. `undefined`: it has failed.
 */
export async function attempt<T>(
  log: Log,
  failedKeys: FailedKeys,
  what: string,
  keys: readonly string[],
  work: () => Promise<T>,
): Promise<{ value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    log('error', `${what} failed; their events come again`, { objects: keys.length, ...errorFields(error) });
    for (const key of keys) failedKeys.set(key, causeOf(error));
    return undefined;
  }
}
