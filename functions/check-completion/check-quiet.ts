import { isBacklogged, judgeQuiet } from '../core/completion.ts';
import { withFreshSeries } from '../core/fresh-series.ts';
import type { CompletionMessage } from '../core/messages.ts';
import { sendLostMessage } from '../core/next-message.ts';
import type { CountWaitingDrops } from '../core/ports.ts';
import { STAGE_GRACE_SECONDS } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import { addSeconds } from '../core/time.ts';
import { armQuiet, type SettleDeps, settleSeries } from './settle-series.ts';

export interface CheckQuietDeps extends SettleDeps {
  countWaitingDrops: CountWaitingDrops;
}

/** Is the series complete because nothing came for the quiet period? Otherwise the message is left again. */
export async function checkQuiet(
  deps: CheckQuietDeps,
  message: Extract<CompletionMessage, { kind: 'quiet' }>,
  source: Source,
  isRedelivery = false,
): Promise<void> {
  await withFreshSeries(deps.series, message, async (series) => {
    if (series?.state !== 'RECEIVING' || series.ticket !== message.ticket) {
      // An old message, or one that comes again because its first run died after the judgement.
      await sendLostMessage(deps.queues, series, message, isRedelivery, 0);
      return 'settled';
    }
    const now = deps.clock().toISOString();
    const hasBacklog = isBacklogged(await deps.countWaitingDrops(), source.quietPeriodSeconds);
    const verdict = judgeQuiet(series, source, hasBacklog, now);
    if (verdict.kind === 'complete') return settleSeries(deps, series, source, verdict.evidence);
    // Only a backlog makes the wait longer than the indexer foresaw.
    if (hasBacklog)
      await deps.series.postpone(series, addSeconds(now, verdict.seconds + STAGE_GRACE_SECONDS));
    await armQuiet(deps, series, verdict.seconds);
    return 'settled';
  });
}
