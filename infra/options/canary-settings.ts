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

/** @param sources the deployed ones; empty if they could not be read, which is reported already */
export function canaryMistakes(options: CanaryOptions, sources: readonly Source[]): string[] {
  const { source: name, everyMinutes, withinMinutes, expectedStates } = withDefaults(options);
  const mistakes = [
    ...minutesMistakes('everyMinutes', everyMinutes, 5, 700),
    ...minutesMistakes('withinMinutes', withinMinutes, 1, MINUTES_A_DAY - 2 * everyMinutes),
  ];
  if (expectedStates.length === 0)
    mistakes.push('canary.expectedStates: expected a state, got none; name one or leave it out');
  if (sources.length === 0) return mistakes;
  const source = sources.find((one) => one.name === name);
  if (source === undefined) {
    const names = sources.map((one) => one.name).join(', ');
    mistakes.push(
      `canary.source: expected a deployed source (${names}), got "${name}"; correct the name or deploy the source`,
    );
  } else mistakes.push(...sourceMistakes(source, everyMinutes));
  return mistakes;
}

function sourceMistakes({ name, delivery, dailyBudget }: Source, everyMinutes: number): string[] {
  const mistakes: string[] = [];
  if (delivery === 'external') {
    mistakes.push(
      `canary.source: expected a source whose scans the pipeline uploads, but another system delivers those of "${name}"; name another source`,
    );
  }
  const runsPerDay = Math.ceil(MINUTES_A_DAY / everyMinutes);
  if (dailyBudget !== undefined && dailyBudget < runsPerDay) {
    mistakes.push(
      `canary.source: expected a dailyBudget of at least ${runsPerDay} of source "${name}" for a canary every ${everyMinutes} minutes, got ${dailyBudget}; raise it or run the canary less often`,
    );
  }
  return mistakes;
}

function minutesMistakes(name: string, minutes: number, least: number, most: number): string[] {
  if (Number.isInteger(minutes) && minutes >= least && minutes <= most) return [];
  return [`canary.${name}: expected a whole number from ${least} to ${most}, got ${minutes}; correct it`];
}

/** @param options without a mistake, see `canaryMistakes` */
export function canarySettings(options: CanaryOptions, { name, prefix }: Source): CanarySettings {
  const { everyMinutes, withinMinutes, expectedStates } = withDefaults(options);
  return { source: name, prefix, everyMinutes, withinMinutes, expectedStates: [...expectedStates] };
}

function withDefaults(options: CanaryOptions): Required<CanaryOptions> {
  const { everyMinutes = CANARY.everyMinutes, withinMinutes = CANARY.withinMinutes } = options;
  const { source, expectedStates = ['DONE', 'UNSUPPORTED'] } = options;
  return { source, everyMinutes, withinMinutes, expectedStates };
}

/**
 * The period of the alarm: a study is reported within it even if two runs are missing. At most a day, which is the longest
 * period that CloudWatch takes. Source: Amazon CloudWatch API reference, "PutMetricAlarm".
 */
export function canaryAlarmMinutes({ everyMinutes, withinMinutes }: CanarySettings): number {
  return 2 * everyMinutes + withinMinutes;
}
