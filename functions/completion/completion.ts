import { silenceBegan } from '../series/series.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';

export type QuietVerdict =
  | { kind: 'complete'; evidence: 'quiet' | 'max_wait' }
  /** Look again after this many seconds. */
  | { kind: 'wait'; seconds: number };

/** While events wait in the ingest queue: the first and the longest wait until the next check. */
const BACKLOG_RECHECK_SECONDS = { first: 5, longest: 60 };

/**
 * Is the series complete because nothing came for the quiet period? Only the time up to which the events are handled is silence:
 * younger instances may be waiting in the ingest queue. At most until `maxWaitSeconds` after the last arrival.
 *
 * @param handledUpTo see `handledUpTo` of `ingest/watermark.ts`
 */
export function judgeQuiet(
  series: Parameters<typeof silenceBegan>[0],
  source: Pick<Source, 'quietPeriodSeconds' | 'maxWaitSeconds'>,
  handledUpTo: Instant | undefined,
  now: Instant,
): QuietVerdict {
  const { quietPeriodSeconds, maxWaitSeconds } = source;
  const began = silenceBegan(series);
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
