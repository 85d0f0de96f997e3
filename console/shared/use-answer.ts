import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { messageOf } from './api.ts';
import { poll } from './poll.ts';

interface Asked<T> {
  /** The last one; it stays while the server does not answer. */
  answer: Signal<T | undefined>;
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
  const trouble = useSignal('');
  useEffect(
    () =>
      poll(everyMs, async (signal) => {
        try {
          const got = await ask(signal);
          if (signal.aborted) return;
          answer.value = got;
          trouble.value = '';
        } catch (error) {
          if (!signal.aborted) trouble.value = messageOf(error);
          throw error;
        }
      }),
    [...inputs],
  );
  return { answer, trouble };
}
