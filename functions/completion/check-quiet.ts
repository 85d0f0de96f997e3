import { handledUpTo, type IngestProgress } from '../ingest/watermark.ts';
import { heldSetOf } from '../series/judged-set.ts';
import type { CompletionMessage } from '../series/messages.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { ReceivingSeries } from '../series/series.ts';
import type { CompletionReason } from '../series/series-facts.ts';
import { STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import type { Conflict } from '../series/series-store.ts';
import { addSeconds, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import {
  type CompletionDeps,
  completeSeries,
  isBeingIndexed,
  scheduleQuietCheck,
} from './complete-series.ts';
import { judgeQuiet } from './completion.ts';
import { judgeHold } from './hold.ts';
import { judgeSeries } from './judge-series.ts';

export interface CheckQuietDeps extends CompletionDeps, IngestProgress {}

const ARCHIVE_RECHECK_SECONDS = 15;

/** Completes the series if no instance came for the quiet period; otherwise sends the next delayed check. */
export async function checkQuiet(
  deps: CheckQuietDeps,
  message: Extract<CompletionMessage, { kind: 'quiet' }>,
  source: Source,
): Promise<void> {
  await retryOnConflict(deps.series, message, async (series) => {
    if (series?.state !== 'RECEIVING' || series.ticket !== message.ticket) return undefined;
    const now = deps.clock().toISOString();
    const verdict = judgeQuiet(series, source, await handledUpTo(deps, now), now);
    if (verdict.kind === 'complete') return completeUnlessHeld(deps, series, source, verdict.evidence, now);
    return checkAgainLater(deps, series, verdict.seconds, now);
  });
}

/** A series with gaps between its slices waits longer, where its source has a hold. */
async function completeUnlessHeld(
  deps: CheckQuietDeps,
  series: ReceivingSeries,
  source: Source,
  evidence: CompletionReason,
  now: Instant,
): Promise<Conflict | undefined> {
  const rows = await deps.instances.ofSeries(series);
  const { kind, instances } = await heldSetOf(deps, series, rows, source, now);
  const { maxWaitSeconds } = source;
  const leftSeconds = maxWaitSeconds - secondsBetween(series.lastArrivalAt, now);
  // Between two steps of an archive there is silence too: the next entries may be of the series.
  const isOpen = await isBeingIndexed(deps, source, instances);
  if (leftSeconds > 0 && isOpen)
    return checkAgainLater(deps, series, Math.min(ARCHIVE_RECHECK_SECONDS, leftSeconds), now);
  const hold = judgeHold(judgeSeries(series, instances, source, evidence, now), source, now);
  if (kind === 'expired' || hold.kind !== 'wait')
    return completeSeries(deps, series, source, isOpen || hold.kind === 'over' ? 'max_wait' : evidence, rows);
  const { seriesInstanceUid, generation } = series;
  deps.log('info', 'series waits for slices that seem to be missing', {
    source: source.name,
    seriesInstanceUid,
    generation,
    instances: instances.length,
  });
  return checkAgainLater(deps, series, hold.seconds, now);
}

/**
 * Sends the message of the next check, with the next ticket. Without a new ticket, a check that SQS delivers twice or that an
 * indexer repeats would send a message of its own, and the number of messages would grow with each check.
 */
async function checkAgainLater(
  deps: CheckQuietDeps,
  series: ReceivingSeries,
  seconds: number,
  now: Instant,
): Promise<Conflict | undefined> {
  const rescheduled = await deps.series.rearm(series, addSeconds(now, seconds + STAGE_GRACE_SECONDS));
  if (rescheduled.kind === 'conflict') return rescheduled;
  await scheduleQuietCheck(deps, { ...series, ticket: rescheduled.ticket }, seconds);
  return undefined;
}
