import { isAwaited } from '../routing/quality/series-quality.ts';
import type { Source } from '../sources/source.ts';
import type { JudgedSeries } from './judge-series.ts';

/** `none`: nothing is waited for. `over`: it was waited for as long as the source allows. */
export type Hold = { kind: 'none' } | { kind: 'over' } | { kind: 'wait'; seconds: number };

/**
 * Whether a series that has been quiet for long enough waits for more instances, since some seem to be missing. Only what would go to
 * Qure waits. A source that refuses waits for what its headers claim: a claim proves nothing, and fails nothing.
 */
export function judgeHold(
  judged: JudgedSeries,
  source: Pick<Source, 'quality' | 'quietPeriodSeconds' | 'maxWaitSeconds'>,
  silentSeconds: number,
): Hold {
  const { quality = 'warn', quietPeriodSeconds, maxWaitSeconds } = source;
  if (quality === 'warn' || maxWaitSeconds <= quietPeriodSeconds) return { kind: 'none' };
  if (judged.state !== 'COMPLETE' || !isAwaited(judged.quality ?? {})) return { kind: 'none' };
  const seconds = maxWaitSeconds - silentSeconds;
  // A late instance is seen within a quiet period, which begins anew with it.
  return seconds > 0 ? { kind: 'wait', seconds: Math.min(seconds, quietPeriodSeconds) } : { kind: 'over' };
}
