import { LATE_SECONDS } from '@qure-dropoff/learned-quiet';
import { touchSeries } from '../ingest/index-objects.ts';
import { type ArchiveStore, archivesOf } from '../instances/archive.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { fingerprintOf, type Instance } from '../instances/instance.ts';
import type { QuarantineStore } from '../instances/quarantine.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { AccessionStore } from '../series/accession.ts';
import { jobOf } from '../series/job.ts';
import {
  hasExpired,
  heldSetOf,
  type JudgedSetStore,
  keptUntil,
  membersOf,
  unexpired,
} from '../series/judged-set.ts';
import type { Queues } from '../series/messages.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { SenderStore } from '../series/sender-history.ts';
import type { ReceivingSeries } from '../series/series.ts';
import { completedFingerprint } from '../series/series.ts';
import type { CompletionReason, JudgedSilence } from '../series/series-facts.ts';
import type { Conflict } from '../series/series-store.ts';
import { type StageDeps, saveAndAnnounce } from '../series/stage.ts';
import { reopen } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { type Clock, type Instant, secondsBetween } from '../shared/time.ts';
import { firstLookSeconds } from '../sources/silence.ts';
import type { Source } from '../sources/source.ts';
import { type JudgedSeries, judgeExpired, judgeSeries } from './judge-series.ts';
import { distrustSender, scheduleLearning } from './learn-sender.ts';
import { releaseLatecomers, withholdLatecomers } from './withhold-latecomers.ts';

export interface CompletionDeps extends StageDeps {
  accessions: AccessionStore;
  archives: Pick<ArchiveStore, 'ofContents'>;
  instances: InstanceStore;
  judgedSets: JudgedSetStore;
  quarantine: QuarantineStore;
  senders: SenderStore;
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
  rows?: readonly Instance[],
  silence?: JudgedSilence,
): Promise<Conflict | undefined> {
  const now = deps.clock().toISOString();
  const { kind, instances } = await heldSetOf(
    deps,
    series,
    rows ?? (await deps.instances.ofSeries(series)),
    source,
    now,
  );
  const judge = kind === 'expired' ? judgeExpired : judgeSeries;
  const next = { ...judge(series, instances, source, evidence, now), ...defined({ silence }) };
  await keepMembers(deps, next, instances, now);
  await keepAccession(deps, series, next);
  const saved = await saveAndAnnounce<JudgedSeries>(deps, next);
  if (saved.kind === 'conflict') return saved;
  if (saved.series.state === 'COMPLETE')
    await deps.queues.sendCompute({ ...jobOf(saved.series), tries: 0 }, 0);
  // Last: a series that is not learned is missing from a count, and from nothing else. What the host's pause has torn apart is no habit.
  if (series.silentSince === undefined) await scheduleLearning(deps, saved.series);
  return undefined;
}

/** An archive that has instances of the series has further entries, which may be of it too. */
export async function isBeingIndexed(
  { archives }: CompletionDeps,
  source: Source,
  instances: readonly Instance[],
): Promise<boolean> {
  return (await archivesOf(archives, source.name, instances)).some(({ state }) => state === 'waiting');
}

/** So that a search by the number finds the series: each batch of arrivals has stored that of one instance, which may be another. */
async function keepAccession(
  { accessions }: CompletionDeps,
  before: ReceivingSeries,
  { source, studyInstanceUid, accessionNumber }: JudgedSeries,
): Promise<void> {
  const isKnown = before.accessionNumber === accessionNumber && before.studyInstanceUid === studyInstanceUid;
  if (accessionNumber !== undefined && !isKnown)
    await accessions.add({ source, studyInstanceUid, accessionNumber });
}

/** Before the judgement, so that no judgement is without it. */
async function keepMembers(
  { judgedSets }: CompletionDeps,
  next: JudgedSeries,
  instances: readonly Instance[],
  now: Instant,
): Promise<void> {
  const { judgedSet } = next;
  const members = membersOf(instances);
  if (judgedSet?.fingerprint !== next.fingerprint || members === undefined) return;
  await judgedSets.put(next, judgedSet.fingerprint, members, keptUntil(next, now));
}

/**
 * Handles instances that came after the series was completed. If the set of its rows differs from the completed one, the next
 * generation begins: it waits for the quiet period again, or is completed at once where `given` says that all have come. A marker
 * does not cover what its archive was before it was replaced, and says nothing while that is indexed.
 */
export async function handleLateArrival(
  deps: CompletionDeps,
  id: SeriesId,
  source: Source,
  given: CompletionReason | undefined,
): Promise<void> {
  await retryOnConflict(deps.series, id, async (series) => {
    const now = deps.clock().toISOString();
    const rows = unexpired(await deps.instances.ofSeries(id), now);
    if (series === undefined) {
      // The run that wrote these rows died before it wrote the row of the series.
      if (rows[0] !== undefined) await touchSeries(deps, rows[0], source);
      return undefined;
    }
    const isOpen = given === 'marker' && (await isBeingIndexed(deps, source, rows));
    const evidence = isOpen ? undefined : given;
    if (series.state === 'RECEIVING')
      return evidence === undefined ? undefined : completeSeries(deps, series, source, evidence, rows);
    const held = await heldSetOf(deps, series, rows, source, now);
    if (held.kind === 'expired') {
      await withholdLatecomers(deps, series, held.instances, source, evidence);
      return undefined;
    }
    if (hasExpired(series, source, now)) await releaseLatecomers(deps, held.instances);
    if (completedFingerprint(series) === fingerprintOf(held.instances)) return undefined;
    const saved = await deps.series.save(reopen(series, source.quietPeriodSeconds, now));
    if (saved.kind === 'conflict') return saved;
    if (evidence === undefined) await scheduleQuietCheck(deps, saved.series, firstLookSeconds(source));
    else {
      const completed = await completeSeries(deps, saved.series, source, evidence, rows);
      if (completed !== undefined) return completed;
    }
    // Last: the series must not wait for what is known of its sender.
    const isWrongGuess =
      series.evidence === 'learned' && secondsBetween(series.completedAt, now) <= LATE_SECONDS;
    if (isWrongGuess) await distrustSender(deps, series);
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
