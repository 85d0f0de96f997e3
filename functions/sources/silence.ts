import { LATE_SECONDS, type Limits } from '@qure-dropoff/learned-quiet';
import type { Priority } from '../routing/priority.ts';
import type { Source } from './source.ts';

/** How long a sender may be silent (docs/completion.md). */

type SilenceSource = Pick<Source, 'completion' | 'quietPeriodSeconds' | 'maxWaitSeconds'>;

const FLOOR_SECONDS = 3;
/** For an urgent patient, no habit of a sender is waited for longer than this. */
const LONGEST_SECONDS = { routine: 600, urgent: 180 };

/** A pause that is longer than a series is waited for is not learned: who wants to wait for so long does so always. */
export function isAdaptive({
  completion,
  quietPeriodSeconds,
}: Pick<Source, 'completion' | 'quietPeriodSeconds'>): boolean {
  return completion.mode === 'adaptive' && quietPeriodSeconds <= LATE_SECONDS;
}

/** When a series is looked at for the first time after an instance came. */
export function firstLookSeconds(source: SilenceSource): number {
  return isAdaptive(source) ? silenceLimits(source, 'routine').floorSeconds : source.quietPeriodSeconds;
}

export function silenceLimits(source: SilenceSource, priority: Priority): Limits {
  const { completion, quietPeriodSeconds, maxWaitSeconds } = source;
  const most = Math.min(LONGEST_SECONDS[priority], maxWaitSeconds);
  return {
    floorSeconds: Math.min(completion.floorSeconds ?? FLOOR_SECONDS, quietPeriodSeconds),
    quietSeconds: quietPeriodSeconds,
    longestSeconds: Math.max(most, quietPeriodSeconds),
    holdSeconds: Math.max(most, quietPeriodSeconds),
  };
}
