import { contentTagOf } from '../instances/archive-entry.ts';
import { type Instance, isOlder, type StoredObject } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { causeOf, type DeadLetterCause } from '../shared/dead-letter-cause.ts';
import { defined } from '../shared/defined.ts';
import { errorFields } from '../shared/log.ts';
import type { FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { hasSameContent } from './same-content.ts';

export interface Comparison {
  /** Rows that have to be written: the content of an instance is new. */
  changed: Instance[];
  /** Rows that exist with this content. */
  known: Instance[];
  /** Of these, rows to be rewritten, since the same content was dropped again: later, or under another key. */
  moved: Instance[];
  failedKeys: FailedKeys;
}

/** Compares the arrivals with their rows. Throws when the index cannot be read. */
export async function compareWithIndex(deps: IndexDeps, arrivals: readonly Instance[]): Promise<Comparison> {
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
    if (
      held !== undefined &&
      (comparison === 'same' || (await isReplaced(deps, arrival.object, held.object)))
    ) {
      known.push(held);
      const place = comparison === 'same' ? placeOf(held, arrival) : undefined;
      if (place === undefined) continue;
      const row = withPlace(held, place, arrival);
      current.set(id, row);
      (changed.has(id) ? changed : moved).set(id, row);
    } else {
      current.set(id, arrival);
      changed.set(id, arrival);
      moved.delete(id);
    }
  }
  return { changed: [...changed.values()], known, moved: [...moved.values()], failedKeys };
}

/**
 * The object of a row after the same content has been dropped again: the key that was just read, since that object certainly
 * exists, and the later of the two times. With another tag the row keeps its key, because the tag is part of the series'
 * fingerprint, which must not change. `undefined`: nothing changes.
 */
function placeOf({ object: held }: Instance, { object }: Instance): StoredObject | undefined {
  const isNewer = object.lastModified !== held.lastModified && !isOlder(object, held);
  const lastModified = isNewer ? object.lastModified : held.lastModified;
  const place = contentTagOf(held) === contentTagOf(object) ? object : held;
  if (isSamePlace(place, held) && lastModified === held.lastModified) return undefined;
  return { ...place, ...defined({ lastModified }) };
}

/** An archive that is written again has another ETag, and the same files elsewhere in it. */
function isSamePlace(one: StoredObject, other: StoredObject): boolean {
  return one.key === other.key && one.etag === other.etag && one.entry?.offset === other.entry?.offset;
}

/** The row is kept as long as the object that was dropped last. */
function withPlace(
  { expiresAt: _earlier, ...held }: Instance,
  object: StoredObject,
  { expiresAt }: Instance,
): Instance {
  return { ...held, object, ...defined({ expiresAt }) };
}

/**
 * Under one key the content that is there now stands. Times do not always tell which one that is: within one second they are equal, and
 * an upload in parts has the time of its beginning, though it may have ended after the other content was put. A walk of an archive may
 * also go on behind that of the archive which has replaced it.
 */
async function isReplaced(
  { drop }: Pick<IndexDeps, 'drop'>,
  arrival: StoredObject,
  held: StoredObject,
): Promise<boolean> {
  const { key, etag, lastModified } = arrival;
  if (key !== held.key || etag === held.etag) return isOlder(arrival, held);
  const isLater = lastModified !== held.lastModified && !isOlder(arrival, held);
  return !isLater && (await drop.readRange(key, 0, 0, { etag })).kind === 'missing';
}

/** `failed`: the objects could not be read; the event of the arrival must be delivered again. */
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

export function logUnread(deps: Pick<IndexDeps, 'log'>, source: string, error: unknown): void {
  deps.log('warn', 'object could not be read; its event comes again', { source, ...errorFields(error) });
}

export function instanceKey(instance: SeriesId & { sopInstanceUid: string }): string {
  return `${seriesKey(instance)}#${instance.sopInstanceUid}`;
}

export function seriesKey({ source, seriesInstanceUid }: SeriesId): string {
  return `${source}#${seriesInstanceUid}`;
}
