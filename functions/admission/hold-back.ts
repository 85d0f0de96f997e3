import { retryOnConflict } from '../series/retry-on-conflict.ts';
import { type Series, type SeriesUnderWay, stopReasonOf, type UploadingSeries } from '../series/series.ts';
import { isStopReason } from '../series/series-facts.ts';
import type { Conflict } from '../series/series-store.ts';
import { type StageDeps, saveAndAnnounce, saveInState } from '../series/stage.ts';
import { fail, holdBack } from '../series/transitions.ts';
import { addSeconds, type Clock, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { REFUSAL_DETAILS } from './admission.ts';
import { type Held, holdSeconds, toHeldBack } from './hold-waits.ts';

export interface HoldDeps extends StageDeps {
  clock: Clock;
  /** In [0, 1), for jitter. */
  random(): number;
}

/** Saved with the ticket of the message that asks again, which the caller leaves. */
export interface HeldSeries<S> {
  series: S;
  waitSeconds: number;
}

/** `undefined`: nothing is to wait. The series has failed, since its source was stopped until its deadline. */
export async function holdBackRow<S extends SeriesUnderWay>(
  deps: HoldDeps,
  row: S,
  source: Source,
  held: Held & { detail?: string },
): Promise<HeldSeries<S> | Conflict | undefined> {
  const now = deps.clock().toISOString();
  const { reason, detail } = held;
  const since = row.heldBack?.since ?? now;
  const isUrgent = row.priority === 'urgent';
  let waitSeconds = holdSeconds(held, source, isUrgent, since, now, deps.random());
  let waiting = row;
  if (isStopReason(reason)) {
    waiting = withDeadline(row, source, now);
    const leftSeconds = secondsBetween(now, deadlineOf(waiting));
    if (leftSeconds <= 0) {
      const failure = { reason, detail: detail ?? REFUSAL_DETAILS[reason] };
      const failed = await saveAndAnnounce(deps, fail(row, failure, now));
      return failed.kind === 'conflict' ? failed : undefined;
    }
    waitSeconds = Math.min(waitSeconds, Math.ceil(leftSeconds));
  }
  const heldBack = toHeldBack(held, since, now, waitSeconds);
  const next = holdBack(waiting, heldBack, waitSeconds, now);
  // The events of the series are published now: they do not wait for the source.
  const saved = next.outbox.length === 0 ? await deps.series.save(next) : await saveInState(deps, next);
  if (saved.kind === 'conflict') return saved;
  if (row.heldBack?.reason !== reason) {
    const { seriesInstanceUid, generation } = row;
    const { until } = heldBack;
    const fields = { source: source.name, seriesInstanceUid, generation, reason, until };
    deps.log('info', 'series held back', fields);
    deps.meter('SeriesHeldBack', 1, { source: source.name, reason });
  }
  return { series: saved.series, waitSeconds };
}

/** The same for a series whose request was refused in this run, as long as `isStill` holds of its row. */
export function holdBackRefused<S extends SeriesUnderWay>(
  deps: HoldDeps,
  from: S,
  isStill: (series: Series) => series is S,
  source: Source,
  held: Held,
  compute: Pick<UploadingSeries, 'compute'> = {},
): Promise<HeldSeries<S> | undefined> {
  return retryOnConflict<HeldSeries<S> | undefined>(deps.series, from, async (row) =>
    row === undefined || !isStill(row) ? undefined : holdBackRow(deps, { ...row, ...compute }, source, held),
  );
}

/** The time in the queue before does not count: the wait for credentials has the whole delivery time. */
function withDeadline<S extends SeriesUnderWay>(row: S, source: Source, now: Instant): S {
  if (row.state !== 'COMPLETE' || stopReasonOf(row) !== undefined) return row;
  return { ...row, deliveryDeadline: addSeconds(now, source.deliveryTimeoutSeconds) };
}

function deadlineOf(series: SeriesUnderWay): Instant {
  return series.state === 'COMPUTING' ? series.resultsDeadline : series.deliveryDeadline;
}
