import { isBacklogged, judgeQuiet } from '../core/completion.ts';
import { withFreshSeries } from '../core/fresh-series.ts';
import { judgeSeries } from '../core/judge-series.ts';
import type { CompletionMessage } from '../core/messages.ts';
import type { CountWaitingDrops } from '../core/ports.ts';
import { judgeHold } from '../core/quality/hold.ts';
import type { ReceivingSeries } from '../core/series.ts';
import type { Evidence } from '../core/series-facts.ts';
import { STAGE_GRACE_SECONDS } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import { armQuiet, type SettleDeps, settleSeries } from './settle-series.ts';

export interface CheckQuietDeps extends SettleDeps {
  countWaitingDrops: CountWaitingDrops;
}

/** Is the series complete because nothing came for the quiet period? Otherwise the message is left again. */
export async function checkQuiet(
  deps: CheckQuietDeps,
  message: Extract<CompletionMessage, { kind: 'quiet' }>,
  source: Source,
): Promise<void> {
  await withFreshSeries(deps.series, message, async (series) => {
    if (series?.state !== 'RECEIVING' || series.ticket !== message.ticket) return 'settled';
    const now = deps.clock().toISOString();
    const hasBacklog = isBacklogged(await deps.countWaitingDrops(), source.quietPeriodSeconds);
    const verdict = judgeQuiet(series, source, hasBacklog, now);
    if (verdict.kind === 'complete') return settleUnlessHeld(deps, series, source, verdict.evidence, now);
    return lookLater(deps, series, verdict.seconds, now);
  });
}

/** A series that seems to lack slices is waited for, where its source says so. */
async function settleUnlessHeld(
  deps: CheckQuietDeps,
  series: ReceivingSeries,
  source: Source,
  evidence: Evidence,
  now: Instant,
): Promise<'settled' | 'conflict'> {
  const instances = await deps.instances.ofSeries(series);
  const hold = judgeHold(judgeSeries(series, instances, source, evidence, now), source, now);
  if (hold.kind !== 'wait')
    return settleSeries(deps, series, source, hold.kind === 'over' ? 'max_wait' : evidence, instances);
  const { seriesInstanceUid, generation } = series;
  deps.log('info', 'series waits for slices that seem to be missing', {
    source: source.name,
    seriesInstanceUid,
    generation,
    instances: instances.length,
  });
  return lookLater(deps, series, hold.seconds, now);
}

/**
 * Leaves the message of the next look, with the next ticket: a look that SQS delivers twice, or that an indexer has asked for
 * once more, must not go on beside this one until the judgement, or their number grows with each look.
 */
async function lookLater(
  deps: CheckQuietDeps,
  series: ReceivingSeries,
  seconds: number,
  now: Instant,
): Promise<'settled' | 'conflict'> {
  const rearmed = await deps.series.rearm(series, addSeconds(now, seconds + STAGE_GRACE_SECONDS));
  if (rearmed.kind === 'conflict') return 'conflict';
  await armQuiet(deps, { ...series, ticket: rearmed.ticket }, seconds);
  return 'settled';
}
