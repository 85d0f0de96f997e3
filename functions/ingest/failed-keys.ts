import { causeOf, type DeadLetterCause } from '../shared/dead-letter-cause.ts';
import type { Log } from '../shared/log.ts';
import { errorFields } from '../shared/log.ts';

/** Keys of objects that could not be processed for now, each with the cause: their events must be delivered again. */
export type FailedKeys = Map<string, DeadLetterCause>;

/**
 * Runs a step that concerns these keys only. When it fails, only their events are delivered again; the other messages of the
 * batch do not lose one of their receives. `undefined`: the step failed.
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
