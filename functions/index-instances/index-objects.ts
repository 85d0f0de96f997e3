import { errorFields } from '../adapters/json-log.ts';
import { delaySecondsFor, quietDueAt } from '../core/completion.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { causeOf, type DeadLetterCause } from '../core/dead-letter-cause.ts';
import { eventIdOf, type OutboxEvent } from '../core/events.ts';
import { type Instance, isOlder, type StoredObject } from '../core/instance.ts';
import { coveringPrefixes, markerIdOf } from '../core/marker.ts';
import type {
  DropBucket,
  InstanceStore,
  Log,
  MarkerStore,
  PublishEvents,
  QuarantineStore,
  Queues,
  SeriesStore,
} from '../core/ports.ts';
import type { QuarantinedObject } from '../core/quarantine.ts';
import type { SeriesId } from '../core/series.ts';
import { STAGE_GRACE_SECONDS } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import type { Clock } from '../core/time.ts';
import { type DroppedObject, readDroppedObject } from './read-dropped-object.ts';
import { hasSameContent } from './same-content.ts';

export interface IndexDeps {
  drop: DropBucket;
  series: SeriesStore;
  instances: InstanceStore;
  quarantine: QuarantineStore;
  markers: MarkerStore;
  queues: Queues;
  publish: PublishEvents;
  clock: Clock;
  log: Log;
}

/** Keys of objects that could not be dealt with for now, each with what stood in the way. */
export type FailedKeys = Map<string, DeadLetterCause>;

/** Header reads at once: S3 answers in tens of milliseconds, so that many hide its latency. */
const READS_AT_ONCE = 32;

/**
 * Brings dropped objects into the index. Writing the rows comes before touching the series: a crash in between
 * repeats the messages, and whoever finds its rows already written looks whether the series knows of them.
 *
 * Answers the keys of objects that could not be dealt with for now; their messages must come again.
 */
export async function indexObjects(deps: IndexDeps, dropped: readonly DroppedObject[]): Promise<FailedKeys> {
  const now = deps.clock().toISOString();
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
    outcome.kind === 'instance' ? [{ instance: outcome.instance, source: object.source }] : [],
  );
  const quarantined = found.flatMap(({ read: outcome }) =>
    outcome.kind === 'quarantined' ? [outcome.object] : [],
  );
  for (const [key, cause] of await putInstances(deps, arrivals)) failedKeys.set(key, cause);
  const settled = [...byKey.keys()].filter((key) => !failedKeys.has(key));
  for (const [key, cause] of await settleQuarantine(deps, quarantined, settled)) failedKeys.set(key, cause);
  return failedKeys;
}

/** Answers the keys of arrivals that could not be compared with what is held. */
async function putInstances(
  deps: IndexDeps,
  arrivals: readonly { instance: Instance; source: Source }[],
): Promise<FailedKeys> {
  const { changed, known, moved, failedKeys } = await compareWithIndex(
    deps,
    arrivals.map(({ instance }) => instance),
  );
  await deps.instances.put([...changed, ...moved]);
  const sources = new Map(arrivals.map(({ source }) => [source.name, source]));
  const changedSeries = groupBySeries(changed);
  for (const [first, source] of firstOfEach(changedSeries, sources)) await touchSeries(deps, first, source);
  const knownSeries = groupBySeries(known.filter((instance) => !changedSeries.has(seriesKey(instance))));
  for (const [first, source] of firstOfEach(knownSeries, sources)) await makeSureOf(deps, first, source);
  await askMarkers(deps, changed, sources);
  if (arrivals.length > 0) {
    deps.log('info', 'indexed', {
      instances: arrivals.length,
      changed: changed.length,
      series: changedSeries.size,
    });
  }
  return failedKeys;
}

interface Comparison {
  /** Rows that have to be written: the set that their series stands for is another one now. */
  changed: Instance[];
  /** Rows that stand already with this content. */
  known: Instance[];
  /** Of these, rows whose content has been dropped again. */
  moved: Instance[];
  failedKeys: FailedKeys;
}

async function compareWithIndex(deps: IndexDeps, arrivals: readonly Instance[]): Promise<Comparison> {
  const ids = new Map(arrivals.map((instance) => [instanceKey(instance), instance]));
  const existing = await deps.instances.find([...ids.values()]);
  const current = new Map(existing.map((instance) => [instanceKey(instance), instance]));
  const changed = new Map<string, Instance>();
  const moved = new Map<string, Instance>();
  const known: Instance[] = [];
  const failedKeys: FailedKeys = new Map();
  for (const arrival of arrivals) {
    const id = instanceKey(arrival);
    const held = current.get(id);
    const comparison = held === undefined ? 'other' : await compareContent(deps, held, arrival);
    if (typeof comparison === 'object') {
      failedKeys.set(arrival.object.key, comparison.failed);
      continue;
    }
    if (held !== undefined && (comparison === 'same' || isOlder(arrival.object, held.object))) {
      known.push(held);
      const place = comparison === 'same' ? placeOf(held, arrival) : undefined;
      if (place === undefined) continue;
      const settled = { ...held, object: place };
      current.set(id, settled);
      (changed.has(id) ? changed : moved).set(id, settled);
    } else {
      current.set(id, arrival);
      changed.set(id, arrival);
      moved.delete(id);
    }
  }
  return { changed: [...changed.values()], known, moved: [...moved.values()], failedKeys };
}

/**
 * What a row says of its object once the same content has been dropped again: the newest place is the one that is still
 * there, and it is dropped anew. The place stays where the ETag is another one: the series' fingerprint must not change.
 * `undefined`: nothing new.
 */
function placeOf(held: Instance, { object }: Instance): StoredObject | undefined {
  if (isOlder(object, held.object)) return undefined;
  if (held.object.etag === object.etag) {
    const isThere = held.object.key === object.key && held.object.lastModified === object.lastModified;
    return isThere ? undefined : object;
  }
  const { lastModified } = object;
  return lastModified === undefined || lastModified === held.object.lastModified
    ? undefined
    : { ...held.object, lastModified };
}

/** `failed`: the objects could not be read to compare them; the arrival's event comes again. */
async function compareContent(
  deps: IndexDeps,
  held: Instance,
  arrival: Instance,
): Promise<'same' | 'other' | { failed: DeadLetterCause }> {
  try {
    return (await hasSameContent(deps.drop, held.object, arrival.object)) ? 'same' : 'other';
  } catch (error) {
    logUnread(deps, arrival.source, error);
    return { failed: causeOf(error) };
  }
}

function logUnread(deps: IndexDeps, source: string, error: unknown): void {
  deps.log('warn', 'object could not be read; its event comes again', { source, ...errorFields(error) });
}

/** One update for each series of a batch; the first one also starts the wait for silence. */
async function touchSeries(deps: IndexDeps, instance: Instance, source: Source): Promise<void> {
  const now = deps.clock().toISOString();
  const id = { source: instance.source, seriesInstanceUid: instance.seriesInstanceUid };
  const touched = await deps.series.touch({
    ...id,
    studyInstanceUid: instance.studyInstanceUid,
    ...(instance.modality === undefined ? {} : { modality: instance.modality }),
    now,
    dueAt: quietDueAt(now, source.quietPeriodSeconds, STAGE_GRACE_SECONDS),
  });
  if (touched.kind === 'closed') {
    await deps.queues.sendCompletion({ kind: 'late', ...id }, 0);
  } else if (touched.kind === 'created') {
    const delay = delaySecondsFor(source.quietPeriodSeconds);
    await deps.queues.sendCompletion({ kind: 'quiet', ...id, ticket: touched.ticket }, delay);
  }
}

/**
 * Rows that were there before: a repeated event, or one whose first run died after writing rows. In the second case the
 * series may not know of them, and has to look.
 */
async function makeSureOf(deps: IndexDeps, instance: Instance, source: Source): Promise<void> {
  const id: SeriesId = { source: instance.source, seriesInstanceUid: instance.seriesInstanceUid };
  const series = await deps.series.load(id);
  if (series === undefined) {
    await touchSeries(deps, instance, source);
  } else if (series.state === 'RECEIVING') {
    // Its one message may have been lost with that run; a second one ends with the judgement, like the first.
    const delay = delaySecondsFor(source.quietPeriodSeconds);
    await deps.queues.sendCompletion({ kind: 'quiet', ...id, ticket: series.ticket }, delay);
  } else {
    await deps.queues.sendCompletion({ kind: 'late', ...id }, 0);
  }
}

/** A marker that names counts is looked at again whenever something came below it. */
async function askMarkers(
  deps: IndexDeps,
  changed: readonly Instance[],
  sources: ReadonlyMap<string, Source>,
) {
  for (const [name, source] of sources) {
    const prefixes = new Set(
      changed.filter((i) => i.source === name).flatMap((i) => coveringPrefixes(i.object.key, source.prefix)),
    );
    if (prefixes.size === 0) continue;
    const markers = await deps.markers.find(name, [...prefixes].map(markerIdOf));
    for (const marker of markers) {
      if (marker.promise.kind === 'everything' || marker.isKept) continue;
      await deps.queues.sendCompletion({ kind: 'marker', source: name, markerId: marker.id, tries: 0 }, 0);
    }
  }
}

/**
 * Writes and announces what was rejected, and forgets what was rejected before under keys that now hold something better.
 * Answers the keys whose rejection could not be announced: their events must come again.
 */
export async function settleQuarantine(
  deps: Pick<IndexDeps, 'quarantine' | 'publish' | 'log'>,
  quarantined: readonly QuarantinedObject[],
  settledKeys: readonly string[],
): Promise<FailedKeys> {
  const before = await deps.quarantine.find(settledKeys);
  const stillRejected = new Set(quarantined.map(({ key }) => key));
  const recovered = before.filter(({ key }) => !stillRejected.has(key)).map(({ key }) => key);
  if (recovered.length > 0) await deps.quarantine.remove(recovered);
  if (quarantined.length === 0) return new Map();
  const earlier = new Map(before.map((object) => [object.key, object]));
  // A repeated event keeps the time of the first, so that its announcement has the same id.
  const rows = quarantined.map((object) => {
    const first = earlier.get(object.key);
    return first?.etag === object.etag && first?.reason === object.reason ? first : object;
  });
  await deps.quarantine.put(rows);
  for (const { id, reason, source } of rows)
    deps.log('warn', 'quarantined', { quarantineId: id, reason, source });
  try {
    await deps.publish(rows.map(toEvent));
    return new Map();
  } catch (error) {
    // EventBridge being down must not keep the instances of the same batch.
    deps.log('warn', 'quarantine could not be announced; its events come again', errorFields(error));
    return new Map(rows.map(({ key }) => [key, causeOf(error)]));
  }
}

function toEvent(object: QuarantinedObject): OutboxEvent {
  return {
    detailType: 'Object Quarantined',
    detail: {
      version: '1',
      eventId: eventIdOf('quarantine', object.id, object.etag ?? '', object.reason, object.at),
      source: object.source ?? null,
      quarantineId: object.id,
      reason: object.reason,
      at: object.at,
    },
  };
}

function instanceKey(instance: SeriesId & { sopInstanceUid: string }): string {
  return `${seriesKey(instance)}#${instance.sopInstanceUid}`;
}

function seriesKey({ source, seriesInstanceUid }: SeriesId): string {
  return `${source}#${seriesInstanceUid}`;
}

function groupBySeries(instances: readonly Instance[]): Map<string, Instance[]> {
  return Map.groupBy(instances, seriesKey);
}

/** One instance of each series, with the series' source. */
function firstOfEach(
  groups: ReadonlyMap<string, readonly Instance[]>,
  sources: ReadonlyMap<string, Source>,
): [Instance, Source][] {
  return [...groups.values()].flatMap(([first]): [Instance, Source][] => {
    const source = sources.get(first?.source ?? '');
    return first === undefined || source === undefined ? [] : [[first, source]];
  });
}
