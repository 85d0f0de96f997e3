import type { IndexDeps } from '../ingest/index-deps.ts';
import { handledUpTo, type IngestProgress } from '../ingest/watermark.ts';
import { heldSetOf } from '../series/judged-set.ts';
import type { CompletionMessage } from '../series/messages.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { ReceivingSeries } from '../series/series.ts';
import { STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import type { Conflict } from '../series/series-store.ts';
import { addSeconds, type Instant, secondsBetween } from '../shared/time.ts';
import { firstLookSeconds, isAdaptive } from '../sources/silence.ts';
import type { Source } from '../sources/source.ts';
import { type AwaitedSilence, awaitedSilence } from './awaited-silence.ts';
import {
  type CompletionDeps,
  completeSeries,
  isBeingIndexed,
  scheduleQuietCheck,
} from './complete-series.ts';
import { isAhead, judgeQuiet, silenceBeganBy } from './completion.ts';
import { findUntold } from './find-untold.ts';
import { judgeHold } from './hold.ts';
import { judgeSeries } from './judge-series.ts';

export type CheckQuietDeps = CompletionDeps & IndexDeps & IngestProgress;

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
    // The clock was set back: since when nothing has come is not known, so the silence begins now.
    if (isAhead(silenceBeganBy(series, now), now))
      return checkAgainLater(deps, series, source.quietPeriodSeconds, now, now);
    const awaited = await awaitedSilence(deps, series, source, now);
    const times = { quietPeriodSeconds: awaited.seconds, maxWaitSeconds: source.maxWaitSeconds };
    const verdict = judgeQuiet(series, times, await handledUpTo(deps, now), now);
    if (verdict.kind === 'wait')
      return checkAgainLater(
        deps,
        series,
        nextLookSeconds(awaited, series, source, verdict.seconds, now),
        now,
      );
    return completeUnlessHeld(deps, series, source, awaited, verdict.evidence, now);
  });
}

/** A series with gaps between its slices waits longer, where its source has a hold. */
async function completeUnlessHeld(
  deps: CheckQuietDeps,
  series: ReceivingSeries,
  source: Source,
  { evidence: quiet, judged }: AwaitedSilence,
  ended: 'quiet' | 'max_wait',
  now: Instant,
): Promise<Conflict | undefined> {
  const evidence = ended === 'quiet' ? quiet : ended;
  const rows = judged?.rows ?? (await deps.instances.ofSeries(series));
  const began = silenceBeganBy(series, now);
  const silentSeconds = secondsBetween(began, now);
  if (ended === 'quiet' && silentSeconds < source.maxWaitSeconds) {
    const untold = await findUntold(deps, source, series, rows, began);
    const quietLeft = source.quietPeriodSeconds - silentSeconds;
    if (untold === 'some' || (untold === 'archive' && quietLeft > 0))
      return checkAgainLater(deps, series, firstLookSeconds(source), now);
    if (untold === 'unknown' && quietLeft > 0) return checkAgainLater(deps, series, quietLeft, now);
  }
  const { kind, instances } = await heldSetOf(deps, series, rows, source, now);
  const { maxWaitSeconds } = source;
  const leftSeconds = maxWaitSeconds - silentSeconds;
  // Between two steps of an archive there is silence too: the next entries may be of the series.
  const isOpen = await isBeingIndexed(deps, source, instances);
  if (leftSeconds > 0 && isOpen)
    return checkAgainLater(deps, series, Math.min(ARCHIVE_RECHECK_SECONDS, leftSeconds), now);
  const hold = judgeHold(judgeSeries(series, instances, source, evidence, now), source, silentSeconds);
  if (kind === 'expired' || hold.kind !== 'wait') {
    const reason = isOpen || hold.kind === 'over' ? 'max_wait' : evidence;
    return completeSeries(deps, series, source, reason, rows, judged?.silence);
  }
  const { seriesInstanceUid, generation } = series;
  deps.log('info', 'series waits for slices that seem to be missing', {
    source: source.name,
    seriesInstanceUid,
    generation,
    instances: instances.length,
  });
  return checkAgainLater(deps, series, hold.seconds, now);
}

/** Of a wait that an instance may end, a part: the hole that is waited for may be filled. It grows with the silence. */
const LOOK_SHARE = 0.25;
/** Of the time that a series has arrived for: one that takes long has few looks, of which each costs some requests. */
const AGE_SHARE = 0.02;
const MOST_APART_SECONDS = 10;

function nextLookSeconds(
  { mayShorten }: AwaitedSilence,
  series: ReceivingSeries,
  source: Source,
  remaining: number,
  now: Instant,
): number {
  const age = isAdaptive(source) ? secondsBetween(series.changedAt, now) : 0;
  const least = Math.min(MOST_APART_SECONDS, AGE_SHARE * age);
  if (mayShorten !== true) return Math.max(remaining, least);
  return Math.min(
    remaining,
    Math.max(1, least, LOOK_SHARE * secondsBetween(silenceBeganBy(series, now), now)),
  );
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
  silentSince?: Instant,
): Promise<Conflict | undefined> {
  const dueAt = addSeconds(now, seconds + STAGE_GRACE_SECONDS);
  const rescheduled = await deps.series.rearm(series, dueAt, silentSince);
  if (rescheduled.kind === 'conflict') return rescheduled;
  await scheduleQuietCheck(deps, { ...series, ticket: rescheduled.ticket }, seconds);
  return undefined;
}
