import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { troubleOf } from './api.ts';
import { poll } from './poll.ts';

export interface Asked<T> {
  /** The last one; it stays while the server does not answer. */
  answer: Signal<T | undefined>;
  /** When it came, in milliseconds. */
  answeredAt: Signal<number | undefined>;
  trouble: Signal<string>;
}

/**
 * Asks now, and again `everyMs` after each answer.
 *
 * @param inputs another value of one asks at once
 */
export function useAnswer<T>(
  everyMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[] = [],
): Asked<T> {
  const answer = useSignal<T | undefined>(undefined);
  const answeredAt = useSignal<number | undefined>(undefined);
  const trouble = useSignal('');
  useEffect(
    () =>
      poll(everyMs, async (signal) => {
        try {
          const got = await ask(signal);
          if (signal.aborted) return;
          answer.value = got;
          answeredAt.value = Date.now();
          trouble.value = '';
        } catch (error) {
          if (!signal.aborted) trouble.value = troubleOf(error);
          throw error;
        }
      }),
    [...inputs],
  );
  return { answer, answeredAt, trouble };
}
