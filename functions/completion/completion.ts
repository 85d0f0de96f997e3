import { type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';

export type QuietVerdict =
  | { kind: 'complete'; evidence: 'quiet' | 'max_wait' }
  /** Look again after this many seconds. */
  | { kind: 'wait'; seconds: number };

/** While the ingest queue is backlogged, how soon to look again. */
const BACKLOG_RECHECK_SECONDS = 5;

/**
 * Is the series complete because nothing came for the quiet period? While the ingest queue is backlogged its
 * instances may be waiting in the queue, so silence says nothing, up to `maxWaitSeconds` after the last arrival.
 */
export function judgeQuiet(
  series: { lastArrivalAt: Instant },
  source: Pick<Source, 'quietPeriodSeconds' | 'maxWaitSeconds'>,
  hasBacklog: boolean,
  now: Instant,
): QuietVerdict {
  const silence = secondsBetween(series.lastArrivalAt, now);
  if (silence < source.quietPeriodSeconds)
    return { kind: 'wait', seconds: source.quietPeriodSeconds - silence };
  if (!hasBacklog) return { kind: 'complete', evidence: 'quiet' };
  if (silence >= source.maxWaitSeconds) return { kind: 'complete', evidence: 'max_wait' };
  return { kind: 'wait', seconds: Math.min(BACKLOG_RECHECK_SECONDS, source.maxWaitSeconds - silence) };
}

/** What the indexers take from the queue in a second even when they are slow. */
const SLOW_INDEXING_PER_SECOND = 10;

/**
 * Whether instances may have waited in the queue for the whole quiet period. A busy queue is never empty; what is taken from
 * it well within the quiet period does not count as a backlog.
 */
export function isBacklogged(waitingDrops: number, quietPeriodSeconds: number): boolean {
  return waitingDrops > quietPeriodSeconds * SLOW_INDEXING_PER_SECOND;
}

export type CountWaitingDrops = () => Promise<number>;
