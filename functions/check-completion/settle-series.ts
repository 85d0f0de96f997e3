import { delaySecondsFor } from '../core/completion.ts';
import { withFreshSeries } from '../core/fresh-series.ts';
import { fingerprintOf, type Instance } from '../core/instance.ts';
import { type JudgedSeries, judgeSeries } from '../core/judge-series.ts';
import { workOf } from '../core/lane.ts';
import type { InstanceStore, Queues } from '../core/ports.ts';
import type { ReceivingSeries, SeriesId } from '../core/series.ts';
import { judgedFingerprint } from '../core/series.ts';
import type { Evidence } from '../core/series-facts.ts';
import type { Source } from '../core/source.ts';
import { type StageDeps, saveAndAnnounce } from '../core/stage.ts';
import type { Clock } from '../core/time.ts';
import { reopen } from '../core/transitions.ts';
import { touchSeries } from '../index-instances/index-objects.ts';

export interface SettleDeps extends StageDeps {
  instances: InstanceStore;
  queues: Queues;
  clock: Clock;
}

/**
 * Judges a receiving series complete: its instances are counted by their rows, a product is found for them, and the
 * job for it is queued, unless what was found of them ends it. `conflict` when the row has changed since it was read.
 */
export async function settleSeries(
  deps: SettleDeps,
  series: ReceivingSeries,
  source: Source,
  evidence: Evidence,
  instances?: readonly Instance[],
): Promise<'settled' | 'conflict'> {
  const held = instances ?? (await deps.instances.ofSeries(series));
  const next = judgeSeries(series, held, source, evidence, deps.clock().toISOString());
  const saved = await saveAndAnnounce<JudgedSeries>(deps, next);
  if (saved.kind === 'conflict') return 'conflict';
  if (saved.series.state === 'COMPLETE')
    await deps.queues.sendCompute({ ...workOf(saved.series), tries: 0 }, 0);
  return 'settled';
}

/**
 * Instances came for a series that had been judged before. When its rows stand for another set now, the next
 * generation begins: it waits for silence again, or is settled at once when there is evidence that nothing is missing.
 */
export async function settleLate(
  deps: SettleDeps,
  id: SeriesId,
  source: Source,
  evidence: Evidence | undefined,
): Promise<void> {
  await withFreshSeries(deps.series, id, async (series) => {
    const instances = await deps.instances.ofSeries(id);
    if (series === undefined) {
      // The run that wrote these rows has died before it came to their series.
      if (instances[0] !== undefined) await touchSeries(deps, instances[0], source);
      return 'settled';
    }
    if (series.state === 'RECEIVING')
      return evidence === undefined ? 'settled' : settleSeries(deps, series, source, evidence, instances);
    if (judgedFingerprint(series) === fingerprintOf(instances)) return 'settled';
    const saved = await deps.series.save(
      reopen(series, source.quietPeriodSeconds, deps.clock().toISOString()),
    );
    if (saved.kind === 'conflict') return 'conflict';
    if (evidence !== undefined) return settleSeries(deps, saved.series, source, evidence, instances);
    await armQuiet(deps, saved.series, source.quietPeriodSeconds);
    return 'settled';
  });
}

/** Leaves the one delayed message of a receiving series. */
export async function armQuiet(
  deps: Pick<SettleDeps, 'queues'>,
  series: ReceivingSeries,
  seconds: number,
): Promise<void> {
  const { source, seriesInstanceUid, ticket } = series;
  await deps.queues.sendCompletion(
    { kind: 'quiet', source, seriesInstanceUid, ticket },
    delaySecondsFor(seconds),
  );
}
