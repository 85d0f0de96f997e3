import { REFUSAL_DETAILS } from '../../admission/admission.ts';
import { jobOf } from '../../series/job.ts';
import type { Queues } from '../../series/messages.ts';
import { flushOutbox } from '../../series/outbox.ts';
import {
  type ReceivingSeries,
  type Series,
  type SeriesUnderWay,
  silenceBegan,
  stopReasonOf,
} from '../../series/series.ts';
import type { FailureReason } from '../../series/series-facts.ts';
import { meterOverdue } from '../../series/series-metrics.ts';
import { DEADLINE_GRACE_SECONDS, STAGE_GRACE_SECONDS } from '../../series/series-parts.ts';
import { announce, type StageDeps, saveAndAnnounce } from '../../series/stage.ts';
import { fail } from '../../series/transitions.ts';
import { delaySecondsFor } from '../../shared/delay.ts';
import { addSeconds, type Clock, type Instant, secondsBetween } from '../../shared/time.ts';
import type { Source } from '../../sources/source.ts';

export interface SweepDeps extends StageDeps {
  queues: Queues;
  clock: Clock;
}

const NOT_BROUGHT = {
  reason: 'qure_unavailable',
  detail: 'the series could not be brought to Qure before its deadline',
} as const;
const NO_RESULT = {
  reason: 'results_timeout',
  detail: 'no result was stored before the deadline; retry to go on',
} as const;

/** The sweep looks at a series that has had its message again after as long as it has waited by then, at most this. */
const LONGEST_LOOK_SECONDS = 3_600;

/**
 * Sends the message of an overdue series again, with its present ticket: a message that merely waits keeps its place, and whichever
 * of the two comes second is stale as soon as the first has taken the next ticket. `afterPause`: nothing could be dropped until now,
 * which is no silence: it begins anew, and the message that waits is stale.
 */
export async function sweepSeries(
  deps: SweepDeps,
  series: Series,
  source: Source,
  afterPause = false,
): Promise<'moved' | 'left'> {
  const now = deps.clock().toISOString();
  meterOverdue(deps.meter, series, source, now);
  switch (series.state) {
    case 'RECEIVING':
    case 'COMPLETE':
    case 'UPLOADING':
    case 'COMPUTING': {
      // Before the message: the run that it starts must find the row as it stays.
      const announced = await announce(deps, series);
      return announced.kind === 'conflict'
        ? 'left'
        : sweepOpen(deps, announced.series, source, afterPause, now);
    }
    case 'DONE':
    case 'SKIPPED':
    case 'UNSUPPORTED':
    case 'FAILED': {
      const flushed = await flushOutbox(deps, series);
      return flushed.kind === 'saved' ? 'moved' : 'left';
    }
    default:
      return series satisfies never;
  }
}

async function sweepOpen(
  deps: SweepDeps,
  series: ReceivingSeries | SeriesUnderWay,
  source: Source,
  afterPause: boolean,
  now: Instant,
): Promise<'moved' | 'left'> {
  switch (series.state) {
    case 'RECEIVING':
      return afterPause ? beginSilence(deps, series, source, now) : sendQuietAgain(deps, series, source, now);
    case 'COMPLETE':
      // In line, perhaps behind many others: that is no failure. Waiting for credentials is.
      return stopReasonOf(series) === undefined
        ? resend(deps, series, undefined, now)
        : resendUntil(deps, series, series.deliveryDeadline, NOT_BROUGHT, now);
    case 'UPLOADING':
      return resendUntil(deps, series, series.deliveryDeadline, NOT_BROUGHT, now);
    case 'COMPUTING':
      return resendUntil(deps, series, series.resultsDeadline, NO_RESULT, now);
    default:
      return series satisfies never;
  }
}

async function sendQuietAgain(deps: SweepDeps, series: ReceivingSeries, source: Source, now: Instant) {
  const quiet = source.quietPeriodSeconds;
  await sendQuiet(deps, series, quiet - secondsBetween(silenceBegan(series), now));
  return lookLater(deps, series, addSeconds(now, quiet + STAGE_GRACE_SECONDS));
}

async function beginSilence(deps: SweepDeps, series: ReceivingSeries, source: Source, now: Instant) {
  const quiet = source.quietPeriodSeconds;
  const rearmed = await deps.series.rearm(series, addSeconds(now, quiet + STAGE_GRACE_SECONDS), now);
  if (rearmed.kind === 'conflict') return 'left';
  await sendQuiet(deps, { ...series, ticket: rearmed.ticket }, quiet);
  return 'moved';
}

async function sendQuiet(
  { queues }: SweepDeps,
  { source, seriesInstanceUid, ticket }: ReceivingSeries,
  seconds: number,
): Promise<void> {
  await queues.sendCompletion({ kind: 'quiet', source, seriesInstanceUid, ticket }, delaySecondsFor(seconds));
}

async function resend(deps: SweepDeps, series: SeriesUnderWay, deadline: Instant | undefined, now: Instant) {
  const work = jobOf(series);
  if (series.state === 'COMPUTING')
    await deps.queues.sendResults({ ...work, polls: 0, failures: 0, assetTries: 0 }, 0);
  else await deps.queues.sendCompute({ ...work, tries: 0 }, 0);
  const waited = secondsBetween(series.changedAt, now);
  const seconds = Math.min(LONGEST_LOOK_SECONDS, Math.max(STAGE_GRACE_SECONDS, waited));
  const lookAt = addSeconds(now, seconds);
  const givenUpAt = deadline === undefined ? lookAt : addSeconds(deadline, DEADLINE_GRACE_SECONDS + 1);
  return lookLater(deps, series, lookAt < givenUpAt ? lookAt : givenUpAt);
}

/**
 * After the message is sent: a sweep that dies in between leaves the series due. The run that the message starts may have read
 * the row by now, so the version stays: its result would be refused, and the next look comes after twice the time.
 */
async function lookLater(deps: SweepDeps, series: ReceivingSeries | SeriesUnderWay, dueAt: Instant) {
  const postponed = await deps.series.postpone(series, dueAt);
  return postponed.kind === 'conflict' ? 'left' : 'moved';
}

/**
 * Until long after the deadline; then it fails, where its source is stopped for that. Where no sweep has looked in the meantime, as while a
 * host was off, Qure may have had the result all along: the series has its message once more first.
 */
async function resendUntil(
  deps: SweepDeps,
  series: SeriesUnderWay,
  deadline: Instant,
  failure: { reason: FailureReason; detail: string },
  now: Instant,
) {
  if (!isOverdue(deadline, now)) return resend(deps, series, deadline, now);
  if (!isOverdue(deadline, series.dueAt ?? now)) return resend(deps, series, undefined, now);
  const stop = stopReasonOf(series);
  const why = stop === undefined ? failure : { reason: stop, detail: REFUSAL_DETAILS[stop] };
  const saved = await saveAndAnnounce(deps, fail(series, why, now));
  return saved.kind === 'saved' ? 'moved' : 'left';
}

function isOverdue(deadline: Instant, now: Instant): boolean {
  return secondsBetween(deadline, now) > DEADLINE_GRACE_SECONDS;
}
