import { learnTime } from '../qure/poll-plan.ts';
import type { ComputingSeries } from '../series/series.ts';
import { secondsBetween } from '../shared/time.ts';
import type { PollWork } from './poll-work.ts';

/**
 * Adds what was seen of a computation whose result is `DONE` to what is known of its product. Results that are stored at the same
 * time compete for the row, and a run may die before: then one is missing from a count, and from nothing else.
 */
export async function learnComputingTime(work: PollWork): Promise<void> {
  const { deps, series, message, beganAt } = work;
  const { pollPlan, source, product, changedAt, steps = {} } = series;
  // A poll that failed, and one that has stored only some of the assets, tells nothing of the result.
  const isInterrupted = message.failures > 0 || message.assetTries > 0;
  if (pollPlan === undefined || isInterrupted || !isFirstComputation(series)) return;
  // Named since: polls so far apart tell less.
  if (work.source.pollIntervalSeconds !== undefined) return;
  const since = (at: string) => secondsBetween(changedAt, at);
  const notYet = steps.lastPollAt === undefined ? undefined : since(steps.lastPollAt);
  const known = await deps.computingTimes.load(source, product);
  const times = learnTime(known.times, pollPlan, since(beganAt), notYet);
  if (times !== known.times) await deps.computingTimes.save({ ...known, times });
}

/** Qure may have the result of what it was asked for before. */
function isFirstComputation({ generation, restarts, pollPlan }: ComputingSeries): boolean {
  return generation === 1 && restarts === 0 && pollPlan?.isRepeat !== true;
}
