import { touchSeries } from '../ingest/index-objects.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { fingerprintOf, type Instance } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { AccessionStore } from '../series/accession.ts';
import { jobOf } from '../series/job.ts';
import type { Queues } from '../series/messages.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { ReceivingSeries } from '../series/series.ts';
import { completedFingerprint } from '../series/series.ts';
import type { CompletionReason } from '../series/series-facts.ts';
import type { Conflict } from '../series/series-store.ts';
import { type StageDeps, saveAndAnnounce } from '../series/stage.ts';
import { reopen } from '../series/transitions.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import type { Clock } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { type JudgedSeries, judgeSeries } from './judge-series.ts';

export interface CompletionDeps extends StageDeps {
  accessions: AccessionStore;
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
