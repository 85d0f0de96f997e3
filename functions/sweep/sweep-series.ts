import { delaySecondsFor } from '../core/completion.ts';
import { workOf } from '../core/lane.ts';
import { flushOutbox } from '../core/outbox.ts';
import type { Queues } from '../core/ports.ts';
import type {
  CompleteSeries,
  ComputingSeries,
  ReceivingSeries,
  Series,
  UploadingSeries,
} from '../core/series.ts';
import { meterOverdue } from '../core/series-metrics.ts';
import { STAGE_GRACE_SECONDS } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import { type StageDeps, saveAndAnnounce, saveInState } from '../core/stage.ts';
import { addSeconds, type Clock, type Instant, secondsBetween } from '../core/time.ts';
import { fail } from '../core/transitions.ts';

export interface SweepDeps extends StageDeps {
  queues: Queues;
  clock: Clock;
}

/** A stage that has its message again and again and never ends is given up so long after its own deadline. */
const DEADLINE_GRACE_SECONDS = 5 * STAGE_GRACE_SECONDS;

/** One more than a run takes: a repeated message then sees that nobody has died after it (`sendLostMessage`). */
const SWEPT_TICKETS = 2;

/**
 * Sends a series that stands still its message again. The ticket goes up with it, so that the old message, should it be alive
 * after all, is dropped: there is never more than one chain of work. `afterPause`: nobody was listening until now, so
 * silence begins anew.
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
      return rearm(deps, afterPause ? { ...series, lastArrivalAt: now } : series, source, now);
    case 'COMPLETE':
      // In line, perhaps behind many others: that is no failure.
      return resend(deps, series, now);
    case 'UPLOADING':
      return isOverdue(series.deliverBy, now)
        ? giveUp(
            deps,
            series,
            'qure_unavailable',
            'the series could not be brought to Qure before its deadline',
            now,
          )
        : resend(deps, series, now);
    case 'COMPUTING':
      return isOverdue(series.resultsBy, now)
        ? giveUp(
            deps,
            series,
            'results_timeout',
            'no result was stored before the deadline; retry to go on',
            now,
          )
        : resend(deps, series, now);
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

async function rearm(deps: SweepDeps, series: ReceivingSeries, source: Source, now: Instant) {
  const quiet = source.quietPeriodSeconds;
  const saved = await saveInState(deps, {
    ...series,
    ticket: series.ticket + SWEPT_TICKETS,
    dueAt: addSeconds(now, quiet + STAGE_GRACE_SECONDS),
  });
  if (saved.kind === 'conflict') return 'left';
  const { source: name, seriesInstanceUid, ticket } = saved.series;
  const remaining = quiet - secondsBetween(series.lastArrivalAt, now);
  await deps.queues.sendCompletion(
    { kind: 'quiet', source: name, seriesInstanceUid, ticket },
    delaySecondsFor(remaining),
  );
  return 'moved';
}

async function resend(
  deps: SweepDeps,
  series: CompleteSeries | UploadingSeries | ComputingSeries,
  now: Instant,
) {
  const saved = await saveInState<CompleteSeries | UploadingSeries | ComputingSeries>(deps, {
    ...series,
    ticket: series.ticket + SWEPT_TICKETS,
    dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
  });
  // Somebody has moved the series in the very moment: it does not stand still.
  if (saved.kind === 'conflict') return 'left';
  const work = workOf(saved.series);
  if (series.state === 'COMPUTING')
    await deps.queues.sendResults({ ...work, polls: 0, failures: 0, assetTries: 0 }, 0);
  else await deps.queues.sendCompute({ ...work, tries: 0 }, 0);
  return 'moved';
}

async function giveUp(
  deps: SweepDeps,
  series: CompleteSeries | UploadingSeries | ComputingSeries,
  reason: 'qure_unavailable' | 'results_timeout',
  detail: string,
  now: Instant,
) {
  const saved = await saveAndAnnounce(deps, fail(series, { reason, detail }, now));
  return saved.kind === 'saved' ? 'moved' : 'left';
}

function isOverdue(deadline: Instant, now: Instant): boolean {
  return secondsBetween(deadline, now) > DEADLINE_GRACE_SECONDS;
}
