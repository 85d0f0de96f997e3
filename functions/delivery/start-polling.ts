import type { StoredComputeResponse } from '../qure/compute-answer.ts';
import { nextPollSeconds, type PollPlan, planPolls } from '../qure/poll-plan.ts';
import { productOf, usualComputeSeconds } from '../qure/product.ts';
import { jobOf } from '../series/job.ts';
import type { ComputingSeries } from '../series/series.ts';
import { currentAcceptance } from '../series/series-parts.ts';
import { startComputing } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import type { ComputeWork } from './compute-work.ts';

/** What Qure was asked for before may be there: the first poll comes at once, and tells nothing of the computation. */
const REPEATED_SECONDS = 3;

/** By what is known of the product; `undefined` where the source says how often. */
export async function planPolling({ deps, source, series }: ComputeWork): Promise<PollPlan | undefined> {
  if (source.pollIntervalSeconds !== undefined) return undefined;
  const { times } = await deps.computingTimes.load(source.name, series.product);
  return planPolls(times, usualComputeSeconds(productOf(source, series.product)));
}

/**
 * Qure has the series and computes it, or starts by itself: results are polled from here on.
 *
 * @param isAlreadyPushed Qure says that it was asked before
 */
export async function startPolling(
  work: ComputeWork,
  response: StoredComputeResponse | undefined,
  plan: PollPlan | undefined,
  isAlreadyPushed = false,
): Promise<void> {
  const { deps, source, replacedUnconfirmed } = work;
  const isRepeat = isAlreadyPushed || currentAcceptance(work.series) !== undefined;
  const pollPlan = plan === undefined ? undefined : { ...plan, ...(isRepeat ? { isRepeat } : {}) };
  const firstPollSeconds = firstSeconds(work, pollPlan);
  const computing = await work.move((series) =>
    startComputing(work.withSteps(series), response, source, work.now(), {
      replacedUnconfirmed,
      firstPollSeconds,
      ...defined({ pollPlan }),
    }),
  );
  if (computing === undefined) return;
  await deps.queues.sendResults(
    { ...jobOf(computing), polls: 0, failures: 0, assetTries: 0 },
    firstPollSeconds,
  );
}

function firstSeconds({ source, deps }: ComputeWork, plan: ComputingSeries['pollPlan']): number {
  if (plan === undefined) return delaySecondsFor(source.pollIntervalSeconds ?? 0);
  if (plan.isRepeat === true) return REPEATED_SECONDS;
  return delaySecondsFor(Math.min(nextPollSeconds(plan, 0, deps.random()), source.resultsTimeoutSeconds));
}
