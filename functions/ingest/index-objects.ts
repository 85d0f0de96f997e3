import type { Instance } from '../instances/instance.ts';
import type { HashPatient } from '../instances/patient-hash.ts';
import { senderOf } from '../instances/sender.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { regionsOf } from '../routing/regions-of.ts';
import { quietDueAt, STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import type { HeaderFacts } from '../series/series-store.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { causeOf } from '../shared/dead-letter-cause.ts';
import { defined } from '../shared/defined.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { rowExpiryOf } from '../sources/row-expiry.ts';
import { firstLookSeconds } from '../sources/silence.ts';
import type { Source } from '../sources/source.ts';
import { compareWithIndex, instanceKey, logUnread, seriesKey } from './compare-with-index.ts';
import { attempt, type FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { type Arrival, keepPatients } from './keep-patients.ts';
import { type DroppedObject, type ReadObject, readDroppedObject } from './read-dropped-object.ts';
import { recheckMarkers } from './recheck-markers.ts';
import { releaseFromQuarantine, updateQuarantine } from './update-quarantine.ts';

/** Header reads at once: S3 answers in tens of milliseconds, so that many hide its latency. */
const READS_AT_ONCE = 32;

/** As many as a BatchWriteItem takes, so that what fails is known by request; the batch of a run goes in one round. */
const ROWS_PER_WRITE = 25;
const WRITES_AT_ONCE = 4;

/**
 * Series updated at the same time: all those of a batch. A step of an archive has three hundred; where the table refuses each of
 * them for as long as the SDK retries (1 to 2 s), the run still ends within the five minutes that it has.
 */
const SERIES_AT_ONCE = 10;

/**
 * Indexes dropped objects. The instance rows are written before the row of the series: after a crash in between, the messages
 * are delivered again, and the next run finds the rows and checks the series (`ensureSeriesIsChecked`).
 *
 * Returns the keys of objects that could not be indexed for now; their messages must be delivered again. Each failure is
 * assigned to as few keys as possible. A table that throttles for seconds is retried where the rows are written
 * (`aws/table/batches.ts`): that is shorter than a redelivery, which comes after 90 s and uses up one of twenty receives.
 * What it refuses for longer goes back to the queue.
 */
export async function indexObjects(deps: IndexDeps, dropped: readonly DroppedObject[]): Promise<FailedKeys> {
  const now = deps.clock().toISOString();
  const hashPatient = await deps.loadPatientHasher();
  const failedKeys: FailedKeys = new Map();
  const byKey = new Map(dropped.map((object) => [object.key, object]));
  const read = await mapConcurrently([...byKey.values()], READS_AT_ONCE, async (object) => {
    try {
      return { object, read: await readDroppedObject(deps.drop, object, now) };
    } catch (error) {
      failedKeys.set(object.key, causeOf(error));
      logUnread(deps, object.source.name, error);
      return undefined;
    }
  });
  const found = read.filter((entry) => entry !== undefined);
  const arrivals = found.flatMap(({ object, read: outcome }) =>
    outcome.kind === 'instance'
      ? [
          {
            ...object,
            instance: rowOf(outcome, object.source, hashPatient),
            ...defined({ patient: outcome.patient }),
          },
        ]
      : [],
  );
  const quarantined = found.flatMap(({ read: outcome }) =>
    outcome.kind === 'quarantined' ? [outcome.object] : [],
  );
  const rejected = quarantined.map(({ key }) => key);
  const accepted = found.map(({ object }) => object.key).filter((key) => !rejected.includes(key));
  const add = (failed: FailedKeys) => {
    for (const [key, cause] of failed) failedKeys.set(key, cause);
  };
  // Before the rows are written: the checker may withhold an instance as soon as it has a row.
  add(await releaseFromQuarantine(deps, accepted));
  add(await putInstances(deps, arrivals));
  add(await updateQuarantine(deps, quarantined, rejected));
  return failedKeys;
}

/** What is kept of the patient: a hash under the key of the deployment, and the accession number where the source keeps it. */
export function rowOf(
  { instance, patient }: Pick<Extract<ReadObject, { kind: 'instance' }>, 'instance' | 'patient'>,
  source: Source,
  hashPatient: HashPatient,
): Instance {
  const { accessionNumber: _number, ...others } = instance;
  return {
    ...others,
    ...defined({
      accessionNumber: keptAccession(instance, source),
      patientHash: patient && hashPatient(patient),
      expiresAt: rowExpiryOf(source.retention, instance.indexedAt),
    }),
  };
}

/** Also of a row that was written before the source left the numbers out. */
function keptAccession(
  { accessionNumber }: Pick<Instance, 'accessionNumber'>,
  { accessionNumbers }: Source,
): string | undefined {
  return accessionNumbers === 'leave_out' ? undefined : accessionNumber;
}

/** Returns the keys of arrivals for which a write, or a step that follows it, failed. */
export async function putInstances(
  deps: IndexDeps,
  arrivals: readonly (DroppedObject & Arrival)[],
): Promise<FailedKeys> {
  const failedKeys: FailedKeys = new Map();
  if (arrivals.length === 0) return failedKeys;
  const keysOf = (isConcerned: (instance: Instance) => boolean) =>
    arrivals.flatMap(({ instance }) => (isConcerned(instance) ? [instance.object.key] : []));
  const all = keysOf(() => true);
  const compared = await attempt(deps.log, failedKeys, 'comparison with the index', all, () =>
    compareWithIndex(
      deps,
      arrivals.map(({ instance }) => instance),
    ),
  );
  if (compared === undefined) return failedKeys;
  const { changed, known, moved } = compared.value;
  for (const [key, cause] of compared.value.failedKeys) failedKeys.set(key, cause);

  const unwritten = new Set<string>();
  await mapConcurrently(writesOf([...changed, ...moved]), WRITES_AT_ONCE, async (rows) => {
    const ids = new Set(rows.map(instanceKey));
    const concerned = keysOf((instance) => ids.has(instanceKey(instance)));
    const written = await attempt(deps.log, failedKeys, 'write of instance rows', concerned, async () => {
      await deps.beforeRows?.(rows);
      await deps.instances.put(rows);
    });
    if (written === undefined) for (const id of ids) unwritten.add(id);
  });

  const isWritten = (instance: Instance) => !unwritten.has(instanceKey(instance));
  const written = changed.filter(isWritten);
  const movedRows = moved.filter(isWritten);
  for (const [source, rows] of Map.groupBy(written, (instance) => instance.source))
    deps.meter('ObjectsIndexed', rows.length, { source });
  const sources = new Map(arrivals.map(({ source }) => [source.name, source]));
  const changedSeries = groupBySeries(written);
  const knownSeries = groupBySeries(known.filter((instance) => !changedSeries.has(seriesKey(instance))));
  const forSeries = (groups: Map<string, Instance[]>, work: typeof ensureSeriesIsChecked) =>
    mapConcurrently(firstOfEach(groups, sources), SERIES_AT_ONCE, async ([first, source]) => {
      const concerned = keysOf((instance) => seriesKey(instance) === seriesKey(first));
      await attempt(deps.log, failedKeys, 'update of a series', concerned, () => work(deps, first, source));
    });
  await forSeries(changedSeries, touchSeries);
  await forSeries(knownSeries, ensureSeriesIsChecked);
  for (const source of sources.values()) {
    const concerned = keysOf((instance) => instance.source === source.name);
    // Repeated events count as arrivals: the run that wrote their rows may have died before it reached this line. Known rows
    // of other events do not: the check of a marker indexes the objects below it, and would trigger itself without end.
    const repeated = arrivals.flatMap(({ isRepeated, instance }) => (isRepeated === true ? [instance] : []));
    // Moved rows may have come into the folder of a marker.
    const arrived = [...written, ...movedRows, ...repeated].filter(
      ({ source: name }) => name === source.name,
    );
    await attempt(deps.log, failedKeys, 'check of the markers', concerned, () =>
      recheckMarkers(deps, arrived, source),
    );
  }
  // Last: neither a failure nor a wait of it may delay the scans.
  await keepPatients(deps, arrivals, { written, known });
  deps.log('info', 'indexed', {
    instances: arrivals.length,
    changed: written.length,
    series: changedSeries.size,
  });
  return failedKeys;
}

/** One group for each write request, sorted by series: a request that fails should affect few series. */
function writesOf(instances: readonly Instance[]): Instance[][] {
  const rows = [...groupBySeries(instances).values()].flat();
  return Array.from({ length: Math.ceil(rows.length / ROWS_PER_WRITE) }, (_, at) =>
    rows.slice(at * ROWS_PER_WRITE, (at + 1) * ROWS_PER_WRITE),
  );
}

/** What the row of a series says for people, by the header of one instance. */
export function headerFactsOf(instance: Instance, source: Source): HeaderFacts {
  const regions = regionsOf(instance)?.regions;
  return defined({
    modality: instance.modality,
    accessionNumber: keptAccession(instance, source),
    bodyParts: regions && [...regions].sort(),
  });
}

/** One update for each series of a batch; the first one of a series also starts its quiet period. */
export async function touchSeries(
  deps: Pick<IndexDeps, 'series' | 'accessions' | 'queues' | 'clock'>,
  instance: Instance,
  source: Source,
): Promise<void> {
  const now = deps.clock().toISOString();
  const { studyInstanceUid } = instance;
  const facts = headerFactsOf(instance, source);
  const { accessionNumber } = facts;
  const id = { source: instance.source, seriesInstanceUid: instance.seriesInstanceUid };
  // Before the series is told: a run that dies in between does it again.
  if (accessionNumber !== undefined)
    await deps.accessions.add({ source: instance.source, studyInstanceUid, accessionNumber });
  const touched = await deps.series.touch({
    ...id,
    studyInstanceUid,
    sender: senderOf(instance),
    ...facts,
    now,
    dueAt: quietDueAt(now, source.quietPeriodSeconds, STAGE_GRACE_SECONDS),
  });
  if (touched.kind === 'closed') {
    await deps.queues.sendCompletion({ kind: 'late', ...id }, 0);
  } else if (touched.kind === 'created') {
    const delay = delaySecondsFor(firstLookSeconds(source));
    await deps.queues.sendCompletion({ kind: 'quiet', ...id, ticket: touched.ticket }, delay);
  }
}

/**
 * For rows that existed before: either the event is repeated, or its first run died after it wrote the rows. In the second
 * case the row of the series may be missing or completed without them, so the checker compares both.
 */
async function ensureSeriesIsChecked(deps: IndexDeps, instance: Instance, source: Source): Promise<void> {
  const id: SeriesId = { source: instance.source, seriesInstanceUid: instance.seriesInstanceUid };
  const series = await deps.series.load(id);
  // A receiving series reads its rows at the end of the quiet period.
  if (series === undefined) await touchSeries(deps, instance, source);
  else if (series.state !== 'RECEIVING') await deps.queues.sendCompletion({ kind: 'late', ...id }, 0);
}

function groupBySeries(instances: readonly Instance[]): Map<string, Instance[]> {
  return Map.groupBy(instances, seriesKey);
}

/** One instance of each series, with an accession number if any has one, and the series' source. */
function firstOfEach(
  groups: ReadonlyMap<string, readonly Instance[]>,
  sources: ReadonlyMap<string, Source>,
): [Instance, Source][] {
  return [...groups.values()].flatMap((group): [Instance, Source][] => {
    const first = group.find(({ accessionNumber }) => accessionNumber !== undefined) ?? group[0];
    const source = sources.get(first?.source ?? '');
    return first === undefined || source === undefined ? [] : [[first, source]];
  });
}
