import type { SourceState } from '../../functions/admission/source-state.ts';
import type { Archive } from '../../functions/instances/archive.ts';
import { contentTagOf } from '../../functions/instances/archive-entry.ts';
import { fingerprintOf, type StoredObject } from '../../functions/instances/instance.ts';
import type { DoneSeries, Series } from '../../functions/series/series.ts';
import type { FailureReason } from '../../functions/series/series-facts.ts';
import { FINAL_STATES } from '../../functions/series/series-facts.ts';
import { LOST_AT_QURE } from '../../functions/series/series-parts.ts';
import { MAX_RESTARTS } from '../../functions/series/transitions.ts';
import type { SeriesDetailType } from '../../functions/shared/detail-types.ts';
import type { MetricName } from '../../functions/shared/metrics.ts';
import { mistakesOfEvent } from '../support/published-events.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { type Drop, type FileInArchive, type InstancePlace, instancesIn, STRANGE_WORD } from './drops.ts';
import { expectFindings } from './findings-invariant.ts';
import type { LogLine } from './function-process.ts';
import { expectSuperseded, expectWholeProvenances } from './provenance-invariant.ts';
import type { QureSeries } from './qure-series.ts';
import { expectResult, hasHappened } from './result-invariants.ts';
import { FOREIGN_WORD, isForeign, isUnsupported, PATIENT_ID_WORD, PATIENT_WORD } from './scans.ts';
import { PATIENT_KEY, TOKEN_WORD } from './secret-word.ts';
import type { SeriesMonitor } from './series-monitor.ts';
import { expectOneSource, isRefused } from './workspace-invariant.ts';
import type { SimulatedWorld } from './world.ts';

/** Everything that the end of a run is judged by. */
export interface Evidence {
  world: SimulatedWorld;
  monitor: SeriesMonitor;
  /** What lies under each key now, dropped last. */
  lying: ReadonlyMap<string, Drop>;
  /** Series of which something was taken away again. */
  deletedFrom: ReadonlySet<string>;
  /** What the archives had that were dropped, by ETag. */
  archives: ReadonlyMap<string, readonly FileInArchive[]>;
  contentOf(etag: string): string;
  etagOf(key: string): string | undefined;
  resultText(key: string): string | undefined;
}

/** The invariants of the design that can be judged when a world has come to rest. Throws the first that does not hold. */
export function expectInvariants(evidence: Evidence): void {
  const { world, monitor } = evidence;
  if (monitor.broken !== undefined) throw monitor.broken;
  const series = seriesRows(world);
  expectFinal(series);
  expectRowsKnown(evidence);
  expectRefusedUnused(world);
  expectGivenUpForCause(world, series);
  expectIdleSweep(world);
  expectNoOldWork(world);
  expectSlotsGivenBack(world);
  expectAnnounced(world, monitor);
  expectCounted(world, monitor);
  expectSilence(world);
  expectNotStopped(world);
  expectWholeProvenances(world.results.objects());
  expectSuperseded(monitor.promised.values());
  expectFindings(monitor.promised.values(), world.results.objects());
  expectOwnAssets(world);
  expectOneSource(world, series);
  for (const row of series) {
    for (const qure of world.quresOf(row)) {
      expectAcceptedOnce(world, qure);
      expectOneIdentity(evidence, row, qure);
    }
  }
}

/** One object that S3 refuses stops neither the reconciliation nor a marker. An archive that it refuses cannot be indexed. */
export function expectNotStopped({ log, failedRuns }: Pick<SimulatedWorld, 'log' | 'failedRuns'>): void {
  const isStopped = (name: unknown) => name === 'ObjectUnreadableError';
  if (failedRuns.some(({ stage, error }) => stage === 'reconcile' && isStopped(error)))
    broken('1: an object that S3 refused stopped the reconciliation');
  const isOfMarker = ({ message, fields }: LogLine) =>
    message.startsWith('message failed') && fields['kind'] === 'marker' && isStopped(fields['error']);
  if (log.some(isOfMarker)) broken('1: an object that S3 refused stopped a marker');
}

/**
 * 1: each object in one place. Only once nothing that was given up is left to be taken up again. Before `reconcile` has been
 * round, the copy of something that was taken away may wait to be found.
 */
export function expectEachObjectInOnePlace(evidence: Evidence, isReconciled: boolean): void {
  const { world, lying } = evidence;
  const quarantined = new Map<string, { etag?: string }>();
  for (const [key, row] of world.rows) {
    if (!key.startsWith('QUARANTINE#')) continue;
    const object = row['object'] as { key: string; etag?: string };
    quarantined.set(object.key, object);
  }
  for (const [key, { place }] of lying) {
    const isQuarantined = quarantined.has(key);
    const expected = place.kind === 'quarantine';
    if (isQuarantined !== expected)
      broken(`1: an object (${place.kind}) is ${isQuarantined ? '' : 'not '}in quarantine`);
    for (const instance of instancesIn(place))
      if (isReconciled || !evidence.deletedFrom.has(instance.seriesInstanceUid))
        expectRow(evidence, instance, isReconciled);
  }
}

function expectRow(evidence: Evidence, place: InstancePlace, isReconciled: boolean): void {
  const { world, lying } = evidence;
  const row = world.rows.get(`${place.source}#${place.seriesInstanceUid} I#${place.sopInstanceUid}`);
  if (row === undefined) broken('1: an instance that was dropped has no row');
  // What was taken away may still count, or have been computed.
  if (evidence.deletedFrom.has(place.seriesInstanceUid)) return;
  const object = row['object'] as StoredObject;
  // An older version of a key can still be read, and is kept where the newer one holds the same bytes.
  const isThere = evidence.etagOf(object.key) === object.etag || object.versionId !== undefined;
  if (!isThere) broken('1: a row stands for an object that is not there');
  const content = evidence.contentOf(contentTagOf(object));
  const isCurrent = [...lying.values()]
    .flatMap((drop) => instancesIn(drop.place))
    .some((one) => one.sopInstanceUid === place.sopInstanceUid && one.content === content);
  if (!isCurrent) broken('1: a row stands for other content than what lies in the bucket');
  if (isReconciled && !newestOf(evidence, place).has(content))
    broken('1: a row stands for other content than what was dropped last');
}

/**
 * What was dropped last of an instance; within one second no one can know. An upload in parts may count by its end: where it took over a
 * key, and what it replaced lies in an archive as well.
 */
function newestOf({ world, lying }: Evidence, { source, sopInstanceUid }: InstancePlace): Set<string> {
  const dropped = [...lying].flatMap(([key, drop]) => {
    const object = world.bucket.objectAt(key);
    const beganMs = object?.lastModified.getTime() ?? 0;
    const endedMs = object?.completedAt.getTime() ?? 0;
    return instancesIn(drop.place)
      .filter((one) => one.source === source && one.sopInstanceUid === sopInstanceUid)
      .map(({ content }) => ({ content, beganMs, endedMs }));
  });
  const lastBeganMs = Math.max(...dropped.map(({ beganMs }) => beganMs));
  const lastEndedMs = Math.max(...dropped.map(({ endedMs }) => endedMs));
  return new Set(
    dropped
      .filter(({ beganMs, endedMs }) => beganMs === lastBeganMs || endedMs === lastEndedMs)
      .map(({ content }) => content),
  );
}

/** 4 and 6: nothing stands still. */
export function expectFinal(series: readonly Series[]): void {
  for (const row of series) {
    if (!FINAL_STATES.includes(row.state)) broken(`4: a series ended in ${row.state}`);
    if (row.dueAt !== undefined) broken(`6: a series in ${row.state} is due for ever`);
    if (row.outbox.length > 0) broken(`events: a series in ${row.state} has not announced something`);
    if (row.state === 'FAILED' && (row.reason === undefined || row.detail === ''))
      broken('4: a failure has no reason');
  }
}

/** 6: each series stands for the rows that are there, unless the message that would tell it so was given up. */
function expectRowsKnown({ world, monitor, deletedFrom }: Evidence): void {
  if (world.pipeline.deadLetters().some(({ body }) => !body.startsWith(STRANGE_WORD))) return;
  // Taken away between two runs that would have brought it in: the second one finds nothing, and `reconcile` tells them.
  const isTakenFrom = (uid: string) => deletedFrom.has(uid);
  for (const row of seriesRows(world).filter(({ seriesInstanceUid }) => !isTakenFrom(seriesInstanceUid))) {
    const isKnown = 'fingerprint' in row && row.fingerprint === fingerprintOf(monitor.instancesOf(row));
    if (!isKnown) broken(`6: a series in ${row.state} does not know of all its rows`);
  }
  for (const key of world.rows.keys()) {
    const [pk = '', sk = ''] = key.split(' ');
    if (isTakenFrom(pk.slice(pk.indexOf('#') + 1))) continue;
    if (sk.startsWith('I#') && !world.rows.has(`${pk} SERIES`)) broken('6: an instance row without a series');
  }
}

/** 1: nothing of an archive that is refused is indexed: a part of a series must not pass for it. */
function expectRefusedUnused({ rows }: SimulatedWorld): void {
  const refused = new Set<string>();
  for (const row of rows.values()) {
    const archive = row['archive'] as Archive | undefined;
    if (archive?.state === 'refused') refused.add(`${archive.etag} ${archive.key}`);
  }
  for (const row of rows.values()) {
    const object = row['object'] as StoredObject | undefined;
    if (object?.entry !== undefined && refused.has(`${object.etag} ${object.key}`))
      broken('1: an entry of an archive that is refused has a row');
  }
}

/** 4: what Qure disowned once is brought again; a person is asked only after it has happened again and again. */
function expectGivenUpForCause(world: SimulatedWorld, series: readonly Series[]): void {
  let restarts = 0;
  for (const [key, times] of world.plan.coverage) if (key.startsWith('qure_')) restarts += times;
  const isFew = restarts < MAX_RESTARTS;
  for (const row of series) {
    const isOurs = world.sources.of(row.source)?.delivery === 'upload';
    const isLostAtQure = row.state === 'FAILED' && isOurs && LOST_AT_QURE.includes(row.reason);
    if (isLostAtQure && isFew) broken(`4: given up as ${row.reason} after ${restarts} restarts`);
  }
}

/** 6: the sweep is for what went wrong; where nothing did, no work waits for it. */
function expectIdleSweep(world: SimulatedWorld): void {
  if (world.plan.coverage.size > 0 || world.scenario.maxSkewMs > 0) return;
  if (world.log.some(({ message }) => message === 'swept'))
    broken('6: work waited for the sweep though nothing had gone wrong');
}

/** 8: a lease is for a run that died; where nothing went wrong, slots are given back. */
function expectSlotsGivenBack(world: SimulatedWorld): void {
  if (world.plan.coverage.size > 0 || world.scenario.maxSkewMs > 0) return;
  for (const row of world.rows.values()) {
    if (row['sk'] === 'STATE' && (row['sourceState'] as SourceState).slots.length > 0)
      broken('8: a slot was not given back though nothing had gone wrong');
  }
}

/** 5: there is one chain of work for a series; a message of another does nothing. */
function expectNoOldWork({ oldWork }: SimulatedWorld): void {
  const [stage] = oldWork;
  if (stage !== undefined) broken(`5: ${stage} worked on a message whose ticket had gone by`);
}

function expectAnnounced(world: SimulatedWorld, monitor: SeriesMonitor): void {
  const published = new Map<unknown, string>();
  for (const { detailType, detail } of world.events) {
    const text = JSON.stringify({ detailType, detail });
    const id = detail['eventId'];
    const [mistake] = mistakesOfEvent({ detailType, detail });
    if (mistake !== undefined) broken(`events: not as the published schema says: ${mistake}`);
    const known = published.get(id);
    if (known !== undefined && known !== text) broken('events: one id was published with two contents');
    if (detailType.startsWith('Series ') && !monitor.promised.has(String(id)))
      broken('events: something was announced that did not happen');
    published.set(id, text);
  }
  for (const [id, text] of monitor.promised) {
    if (published.get(id) !== text) broken('events: a transition was never announced');
  }
}

const COUNTED: Partial<Record<MetricName, SeriesDetailType>> = {
  SeriesCompleted: 'Series Complete',
  SecondsToCompute: 'Series Computing',
  SeriesDone: 'Series Done',
  SecondsToResult: 'Series Done',
  SeriesSkipped: 'Series Skipped',
  SeriesUnsupported: 'Series Unsupported',
  SeriesFailed: 'Series Failed',
};

/** No transition is counted twice, whatever went wrong; each is counted where nothing did. */
function expectCounted(world: SimulatedWorld, monitor: SeriesMonitor): void {
  const transitions = [...monitor.promised.values()].map(
    (text) => (JSON.parse(text) as { detailType: string }).detailType,
  );
  for (const [name, detailType] of Object.entries(COUNTED)) {
    const made = transitions.filter((one) => one === detailType).length;
    const counted = world.metrics.filter((metric) => metric.name === name).length;
    const isSmooth = world.plan.coverage.size === 0;
    if (counted > made || (isSmooth && counted < made))
      broken(`metrics: ${name} was counted ${counted} times, ${made} transitions were made`);
  }
}

/** 7: nothing of a patient, no key and no credential is said. */
export function expectSilence(world: SimulatedWorld): void {
  const said = JSON.stringify([world.log, world.metrics, world.events, world.sent]);
  const words = [PATIENT_WORD, encodeURIComponent(PATIENT_WORD), PATIENT_ID_WORD];
  if (words.some((word) => said.includes(word)))
    broken('7: a key or a patient stands in a log, a metric, an event or a message');
  if (said.includes(TOKEN_WORD) || said.includes(PATIENT_KEY))
    broken('7: a credential stands in a log, a metric, an event or a message');
}

/** 3: Qure accepts a generation once, unless it disowned it, or the answer to a recompute was lost (decision 0008). */
function expectAcceptedOnce(world: SimulatedWorld, qure: QureSeries): void {
  const counts = Map.groupBy(qure.accepted, ({ generation }) => generation);
  for (const [generation, acceptances] of counts) {
    const times = acceptances.map(({ atMs }) => atMs);
    const isRecompute = acceptances.some((acceptance) => acceptance.isRecompute);
    const lostAnswers = isRecompute ? world.lostAnswersOfCompute(Math.min(...times), Math.max(...times)) : 0;
    const allowed = 1 + qure.disowned + lostAnswers;
    if (acceptances.length > allowed)
      broken(
        `3: generation ${generation} was accepted ${acceptances.length} times, ${allowed} expected at most`,
      );
  }
}

/** 8: Qure never gets a volume of two studies or patients. What was taken away may still lie there. */
function expectOneIdentity({ deletedFrom }: Evidence, row: Series, qure: QureSeries): void {
  if (qure.mixedUploads > 0) broken('8: instances of two studies or patients were uploaded together');
  if (deletedFrom.has(row.seriesInstanceUid) || qure.overtakenAtMs.length > 0) return;
  // What the right content was to replace.
  if (qure.notTaken.size > 0) return;
  for (const { contents } of qure.accepted) {
    if (new Set([...contents.values()].map(isForeign)).size > 1)
      broken('8: Qure was asked to compute a volume of two studies or patients');
  }
}

/** 8: no file of another study or patient is ever found under the name of an asset. */
function expectOwnAssets(world: SimulatedWorld): void {
  for (const { key } of world.results.objects()) {
    const bytes = key.includes('/files/') ? world.results.contentOf(key) : undefined;
    if (bytes !== undefined && Buffer.from(bytes).includes(FOREIGN_WORD))
      broken('8: an asset of another study or patient was stored as part of the result');
  }
}

/** What must be true once the world is well and everything was taken up again: each scan has its result. */
export function expectAllDone(evidence: Evidence): void {
  for (const row of seriesRows(evidence.world)) {
    if (row.state === 'FAILED' && !isLostForGood(evidence, row))
      broken(`4: a series failed though all is well: ${row.reason} (${row.detail})`);
    // Qure's word, which only a person can doubt.
    const isNotRead =
      'reason' in row && row.reason === 'not_implemented' && hasHappened(evidence.world, 'qure_not_read');
    if (row.state === 'UNSUPPORTED' && !isUnsupported(row.seriesInstanceUid) && !isNotRead)
      broken(`4: a scan that Qure computes ended as unsupported (${row.reason})`);
    if (row.state === 'DONE') expectResult(evidence, row);
    if (row.state === 'DONE') expectWholeArchives(evidence, row);
  }
}

/** 1: a part of an archive must not pass for the whole. After `maxWaitSeconds` a series is computed as it is. */
function expectWholeArchives({ monitor, archives }: Evidence, row: DoneSeries): void {
  if (row.evidence === 'max_wait') return;
  const held = monitor.instancesOf(row);
  const known = new Set(held.map(({ sopInstanceUid }) => sopInstanceUid));
  for (const etag of new Set(held.flatMap(({ object }) => (object.entry === undefined ? [] : object.etag)))) {
    for (const { place } of archives.get(etag) ?? [])
      if (place.seriesInstanceUid === row.seriesInstanceUid && !known.has(place.sopInstanceUid))
        broken('1: a part of an archive was computed for the whole');
  }
}

const LOST_OBJECTS: readonly FailureReason[] = [
  'object_missing',
  'damaged_object',
  'mixed_identity',
  'incomplete_geometry',
];

/** Nobody can bring back what its dropper took away, also where a damaged version of it is left; nor what another source has brought. */
export function isLostForGood({ deletedFrom }: Pick<Evidence, 'deletedFrom'>, row: Series): boolean {
  if (isRefused(row)) return true;
  const isOfObject = row.state === 'FAILED' && LOST_OBJECTS.includes(row.reason);
  return isOfObject && deletedFrom.has(row.seriesInstanceUid);
}

export function seriesRows(world: SimulatedWorld): Series[] {
  return [...world.rows].flatMap(([key, row]) => (key.endsWith(' SERIES') ? [row as unknown as Series] : []));
}

function broken(message: string): never {
  throw new BrokenInvariantError(message);
}
