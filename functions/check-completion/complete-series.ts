import { delaySecondsFor } from '../core/delay.ts';
import type { InstanceStore } from '../core/instance.ts';
import { fingerprintOf, type Instance } from '../core/instance.ts';
import { type JudgedSeries, judgeSeries } from '../core/judge-series.ts';
import type { Queues } from '../core/messages.ts';
import { jobOf } from '../core/priority.ts';
import { retryOnConflict } from '../core/retry-on-conflict.ts';
import type { ReceivingSeries } from '../core/series.ts';
import { completedFingerprint } from '../core/series.ts';
import type { CompletionReason } from '../core/series-facts.ts';
import type { SeriesId } from '../core/series-id.ts';
import type { Conflict } from '../core/series-store.ts';
import type { Source } from '../core/source.ts';
import { type StageDeps, saveAndAnnounce } from '../core/stage.ts';
import type { Clock } from '../core/time.ts';
import { reopen } from '../core/transitions.ts';
import { touchSeries } from '../index-instances/index-objects.ts';

export interface CompletionDeps extends StageDeps {
  instances: InstanceStore;
  queues: Queues;
  clock: Clock;
}

/**
 * Completes a receiving series: counts its instances by their rows, finds the product that takes them, and queues the compute
 * job, unless the decision is final (`SKIPPED`, `FAILED`). `conflict`: the row has changed since it was read.
 */
export async function completeSeries(
  deps: CompletionDeps,
  series: ReceivingSeries,
  source: Source,
  evidence: CompletionReason,
  instances?: readonly Instance[],
): Promise<Conflict | undefined> {
  const held = instances ?? (await deps.instances.ofSeries(series));
  const next = judgeSeries(series, held, source, evidence, deps.clock().toISOString());
  const saved = await saveAndAnnounce<JudgedSeries>(deps, next);
  if (saved.kind === 'conflict') return saved;
  if (saved.series.state === 'COMPLETE')
    await deps.queues.sendCompute({ ...jobOf(saved.series), tries: 0 }, 0);
  return undefined;
}

/**
 * Handles instances that came after the series was completed. If the set of its rows differs from the completed one, the next
 * generation begins: it waits for the quiet period again, or is completed at once where `evidence` says that all have come.
 */
export async function handleLateArrival(
  deps: CompletionDeps,
  id: SeriesId,
  source: Source,
  evidence: CompletionReason | undefined,
): Promise<void> {
  await retryOnConflict(deps.series, id, async (series) => {
    const instances = await deps.instances.ofSeries(id);
    if (series === undefined) {
      // The run that wrote these rows died before it wrote the row of the series.
      if (instances[0] !== undefined) await touchSeries(deps, instances[0], source);
      return undefined;
    }
    if (series.state === 'RECEIVING')
      return evidence === undefined ? undefined : completeSeries(deps, series, source, evidence, instances);
    if (completedFingerprint(series) === fingerprintOf(instances)) return undefined;
    const saved = await deps.series.save(
      reopen(series, source.quietPeriodSeconds, deps.clock().toISOString()),
    );
    if (saved.kind === 'conflict') return saved;
    if (evidence !== undefined) return completeSeries(deps, saved.series, source, evidence, instances);
    await scheduleQuietCheck(deps, saved.series, source.quietPeriodSeconds);
    return undefined;
  });
}

/** Sends the one delayed message of a receiving series. */
export async function scheduleQuietCheck(
  deps: Pick<CompletionDeps, 'queues'>,
  series: ReceivingSeries,
  seconds: number,
): Promise<void> {
  const { source, seriesInstanceUid, ticket } = series;
  await deps.queues.sendCompletion(
    { kind: 'quiet', source, seriesInstanceUid, ticket },
    delaySecondsFor(seconds),
  );
}
