import type { Chance } from '../senders/chance.ts';
import type { Schedule } from './schedules.ts';

/** Of some results. */
export interface PolledResults {
  /** From the end of the computation to the poll that finds it. */
  meanDelaySeconds: number;
  p95DelaySeconds: number;
  polls: number;
}

export interface ComputedProduct {
  medianSeconds: number;
  /** Of the logarithm. */
  sigma: number;
}

/** So many computations take four times as long: a machine that starts, a scan that is large. */
const SLOW_SHARE = 0.02;
const SLOW_FACTOR = 4;

export interface Polled {
  delaySeconds: number;
  polls: number;
}

/** Polls for so many results, one series after the other. */
export function pollFor(
  schedule: Schedule,
  { medianSeconds, sigma }: ComputedProduct,
  series: number,
  chance: Chance,
): Polled[] {
  return Array.from({ length: series }, () => {
    const slow = chance.is(SLOW_SHARE) ? SLOW_FACTOR : 1;
    return pollOnce(schedule, chance.logNormal(medianSeconds, sigma) * slow);
  });
}

function pollOnce(schedule: Schedule, readySeconds: number): Polled {
  schedule.begin();
  let notYet: number | undefined;
  for (let polls = 1; ; polls += 1) {
    const elapsed = (notYet ?? 0) + schedule.waitSeconds(notYet ?? 0);
    if (elapsed >= readySeconds) {
      schedule.learn(elapsed, notYet);
      return { delaySeconds: elapsed - readySeconds, polls };
    }
    notYet = elapsed;
  }
}

export function summarize(polled: readonly Polled[]): PolledResults {
  const delays = polled.map(({ delaySeconds }) => delaySeconds).toSorted((a, b) => a - b);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    meanDelaySeconds: meanOf(delays),
    p95DelaySeconds: delays[Math.floor(0.95 * delays.length)] ?? Number.NaN,
    polls: meanOf(polled.map(({ polls }) => polls)),
  };
}
