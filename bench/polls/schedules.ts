import {
  type ComputingTimes,
  learnTime,
  nextPollSeconds,
  type PollPlan,
  planPolls,
} from '../../functions/qure/poll-plan.ts';
import { pollDelaySeconds } from '../../functions/qure/qure-waits.ts';
import type { Chance } from '../senders/chance.ts';

/** When the results of one product of one source are asked for, series after series. */
export interface Schedule {
  /** A series begins to be computed. */
  begin(): void;
  /** Until the next poll. */
  waitSeconds(elapsedSeconds: number): number;
  /** `notYetSeconds`: of the poll before; absent at the first one. */
  learn(seenSeconds: number, notYetSeconds: number | undefined): void;
}

/** The schedule of the pipeline. */
export function learnedSchedule(usualSeconds: number, chance: Chance): Schedule {
  let times: ComputingTimes = [];
  let plan: PollPlan = planPolls(times, usualSeconds);
  return {
    begin: () => {
      plan = planPolls(times, usualSeconds);
    },
    waitSeconds: (elapsed) => nextPollSeconds(plan, elapsed, chance.next()),
    learn: (seen, notYet) => {
      times = learnTime(times, plan, seen, notYet);
    },
  };
}

/** That of a fixed `pollIntervalSeconds`. */
export function growingSchedule(intervalSeconds: number): Schedule {
  let polls = 0;
  return {
    begin: () => {
      polls = 0;
    },
    waitSeconds: (elapsed) => {
      // The first wait is the interval, and so is the second.
      if (elapsed === 0) return intervalSeconds;
      polls += 1;
      return pollDelaySeconds(intervalSeconds, polls - 1);
    },
    learn: () => {},
  };
}

export function evenSchedule(intervalSeconds: number): Schedule {
  return { begin: () => {}, waitSeconds: () => intervalSeconds, learn: () => {} };
}

/** A share of the median after the start, and then in steps that grow with the time since: it knows no more than the median. */
export function geometricSchedule(medianSeconds: number, growth: number): Schedule {
  return {
    begin: () => {},
    waitSeconds: (elapsed) =>
      Math.round(elapsed === 0 ? 0.6 * medianSeconds : Math.min(60, Math.max(3, growth * elapsed))),
    learn: () => {},
  };
}

/** Polls at these shares of the true median, and then in even steps: the fixed form of the solution of the inspection problem. */
export function scaledSchedule(medianSeconds: number): Schedule {
  const shares = [0.61, 0.76, 0.9, 1.02, 1.13, 1.24];
  return {
    begin: () => {},
    waitSeconds: (elapsed) => {
      const next = shares.find((share) => share * medianSeconds > elapsed + 0.5);
      const wait = next === undefined ? 0.11 * medianSeconds : next * medianSeconds - elapsed;
      return Math.min(60, Math.max(2, Math.round(wait)));
    },
    learn: () => {},
  };
}
