import { type ReceivingSeries, silenceBegan } from '../series/series.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';

export type QuietVerdict =
  | { kind: 'complete'; evidence: 'quiet' | 'max_wait' }
  /** Look again after this many seconds. */
  | { kind: 'wait'; seconds: number };

/** While events wait in the ingest queue: the first and the longest wait until the next check. */
const BACKLOG_RECHECK_SECONDS = { first: 5, longest: 60 };

/** The clocks of two functions differ by less. */
const MOST_AHEAD_SECONDS = 60;

/** What lies so far ahead was written before the clock was set back. */
export function isAhead(instant: Instant, now: Instant): boolean {
  return secondsBetween(now, instant) > MOST_AHEAD_SECONDS;
}

/** From when on silence says something, by the clock that is now. Ahead of it only where nothing else is known. */
export function silenceBeganBy(
  { lastArrivalAt, silentSince }: Pick<ReceivingSeries, 'lastArrivalAt' | 'silentSince'>,
  now: Instant,
): Instant {
  if (silentSince === undefined || isAhead(silentSince, now)) return lastArrivalAt;
  return isAhead(lastArrivalAt, now) ? silentSince : silenceBegan({ lastArrivalAt, silentSince });
}

/**
 * Is the series complete because nothing came for the quiet period? Only the time up to which the events are handled is silence:
 * younger instances may be waiting in the ingest queue. At most until `maxWaitSeconds` after the last arrival.
 *
 * @param handledUpTo see `handledUpTo` of `ingest/watermark.ts`
 */
export function judgeQuiet(
  series: Parameters<typeof silenceBeganBy>[0],
  source: Pick<Source, 'quietPeriodSeconds' | 'maxWaitSeconds'>,
  handledUpTo: Instant | undefined,
  now: Instant,
): QuietVerdict {
  const { quietPeriodSeconds, maxWaitSeconds } = source;
  const began = silenceBeganBy(series, now);
  const waited = secondsBetween(began, now);
  if (waited < quietPeriodSeconds) return { kind: 'wait', seconds: quietPeriodSeconds - waited };
  const isQuiet = handledUpTo !== undefined && secondsBetween(began, handledUpTo) >= quietPeriodSeconds;
  if (isQuiet) return { kind: 'complete', evidence: 'quiet' };
  if (waited >= maxWaitSeconds) return { kind: 'complete', evidence: 'max_wait' };
  const { first, longest } = BACKLOG_RECHECK_SECONDS;
  // In a long backlog the checks become rare: each costs some requests.
  const seconds = Math.min(longest, Math.max(first, (waited - quietPeriodSeconds) / 2));
  return { kind: 'wait', seconds: Math.min(seconds, maxWaitSeconds - waited) };
}
