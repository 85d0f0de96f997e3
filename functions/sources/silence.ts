import type { Limits } from '@qure-dropoff/learned-quiet';
import type { Priority } from '../routing/priority.ts';
import type { Source } from './source.ts';

/** How long a sender may be silent (docs/completion.md). */

type SilenceSource = Pick<Source, 'completion' | 'quietPeriodSeconds' | 'maxWaitSeconds'>;

const FLOOR_SECONDS = 3;
/** For an urgent patient, no habit of a sender is waited for longer than this. */
const PATIENT_SECONDS = { routine: 600, urgent: 180 };

export function isAdaptive({ completion }: Pick<Source, 'completion'>): boolean {
  return completion.mode === 'adaptive';
}

/** When a series is looked at for the first time after an instance came. */
export function firstLookSeconds(source: SilenceSource): number {
  return isAdaptive(source) ? silenceLimits(source, 'routine').floorSeconds : source.quietPeriodSeconds;
}

export function silenceLimits(source: SilenceSource, priority: Priority): Limits {
  const { completion, quietPeriodSeconds, maxWaitSeconds } = source;
  const most = Math.min(PATIENT_SECONDS[priority], maxWaitSeconds);
  return {
    floorSeconds: Math.min(completion.floorSeconds ?? FLOOR_SECONDS, quietPeriodSeconds),
    quietSeconds: quietPeriodSeconds,
    patientSeconds: Math.max(most, quietPeriodSeconds),
    holdSeconds: Math.max(most, quietPeriodSeconds),
  };
}
