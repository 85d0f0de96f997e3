import { nextPollSeconds, type PollPlan, planPolls } from '../qure/poll-plan.ts';
import { productOf, usualComputeSeconds } from '../qure/product.ts';
import { pollDelaySeconds } from '../qure/qure-waits.ts';
import type { ResultsMessage } from '../series/messages.ts';
import type { ComputingSeries } from '../series/series.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';

interface PollRun {
  series: ComputingSeries;
  source: Source;
  message: Pick<ResultsMessage, 'polls'>;
  deps: { random(): number };
  now(): Instant;
}

/** Until the next poll, for SQS: no earlier than Qure asks for, and by the plan no later than the results are waited for. */
export function pollDelayOf(run: PollRun, retryAfterMs = 0): number {
  const { series, source, message } = run;
  if (source.pollIntervalSeconds !== undefined)
    return pollDelaySeconds(source.pollIntervalSeconds, message.polls, retryAfterMs);
  const now = run.now();
  const planned = nextPollSeconds(
    planOf(series, source),
    secondsBetween(series.changedAt, now),
    run.deps.random(),
  );
  const leftSeconds = Math.max(1, secondsBetween(now, series.resultsDeadline));
  return delaySecondsFor(Math.max(Math.min(planned, leftSeconds), retryAfterMs / 1000));
}

/** A row of an earlier version has none, and one of a later version perhaps another: a poll must come by any. */
function planOf({ pollPlan, product }: ComputingSeries, source: Source): PollPlan {
  const isReadable = pollPlan !== undefined && pollPlan.medianSeconds > 0 && pollPlan.firstSeconds > 0;
  return isReadable ? pollPlan : planPolls([], usualComputeSeconds(productOf(source, product)));
}
