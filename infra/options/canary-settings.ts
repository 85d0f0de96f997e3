import type { CanarySettings, CanaryState } from '../../functions/recovery/canary/canary.ts';
import type { Source } from '../../functions/sources/source.ts';
import { CANARY } from '../limits.ts';

/** A synthetic study that runs through the whole pipeline at a fixed rate; see docs/operations.md#canary. */
export interface CanaryOptions {
  /** A deployed source. Use a separate one, in a test environment of Qure: each study may use a unit of a licence. */
  source: string;
  /**
   * Minutes between two studies; 5 to 700.
   * @default 60
   */
  everyMinutes?: number;
  /**
   * Minutes after the drop within which it must be final; with two periods no more than a day.
   * @default 30
   */
  withinMinutes?: number;
  /**
   * The accepted final states. `UNSUPPORTED` also proves the whole pipeline: Qure has processed the study. `SKIPPED`
   * proves it up to the routing, for a source whose rules send nothing to Qure.
   * @default DONE and UNSUPPORTED
   */
  expectedStates?: readonly CanaryState[];
}

const MINUTES_A_DAY = 24 * 60;

/** @throws Error for settings that could never succeed */
export function canarySettings(options: CanaryOptions, source: Source): CanarySettings {
  const { everyMinutes = CANARY.everyMinutes, withinMinutes = CANARY.withinMinutes } = options;
  const { expectedStates = ['DONE', 'UNSUPPORTED'] } = options;
  requireMinutes('everyMinutes', everyMinutes, 5, 700);
  requireMinutes('withinMinutes', withinMinutes, 1, MINUTES_A_DAY - 2 * everyMinutes);
  if (expectedStates.length === 0)
    throw new Error('Expected a state in expectedStates of the canary, got none. Name one or leave it out.');
  if (source.delivery === 'external') {
    throw new Error(
      `Expected a source whose scans the pipeline uploads for the canary, but another system delivers those of "${source.name}". Name another source.`,
    );
  }
  const runsPerDay = Math.ceil(MINUTES_A_DAY / everyMinutes);
  if (source.dailyBudget !== undefined && source.dailyBudget < runsPerDay) {
    throw new Error(
      `Expected a dailyBudget of at least ${runsPerDay} of source "${source.name}" for a canary every ${everyMinutes} minutes, got ${source.dailyBudget}. Raise it or run the canary less often.`,
    );
  }
  const { name, prefix } = source;
  return { source: name, prefix, everyMinutes, withinMinutes, expectedStates: [...expectedStates] };
}

function requireMinutes(name: string, minutes: number, least: number, most: number): void {
  if (Number.isInteger(minutes) && minutes >= least && minutes <= most) return;
  throw new Error(
    `Expected ${name} of the canary to be a whole number from ${least} to ${most}, got ${minutes}. Correct it.`,
  );
}

/**
 * The period of the alarm: a study is reported within it even if two runs are missing. At most a day, which is the longest
 * period that CloudWatch takes. Source: Amazon CloudWatch API reference, "PutMetricAlarm".
 */
export function canaryAlarmMinutes({ everyMinutes, withinMinutes }: CanarySettings): number {
  return 2 * everyMinutes + withinMinutes;
}
