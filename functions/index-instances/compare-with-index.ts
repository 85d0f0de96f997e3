import { errorFields } from '../adapters/json-log.ts';
import { causeOf, type DeadLetterCause } from '../core/dead-letter-cause.ts';
import { defined } from '../core/defined.ts';
import { type Instance, isOlder, type StoredObject } from '../core/instance.ts';
import type { SeriesId } from '../core/series.ts';
import type { FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { hasSameContent } from './same-content.ts';

export interface Comparison {
  /** Rows that have to be written: the set that their series stands for is another one now. */
  changed: Instance[];
  /** Rows that stand already with this content. */
  known: Instance[];
  /** Of these, rows whose content has been dropped again. */
  moved: Instance[];
  failedKeys: FailedKeys;
}

/** What of the arrivals is news to the index. Throws when the index cannot be read. */
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
 * What a row says of its object once the same content has been dropped again. It moves to where it was just read, since that
 * place is there; it counts as dropped when it was dropped last. The place stays where the ETag is another one: the
 * series' fingerprint must not change. `undefined`: nothing new.
 */
function placeOf({ object: held }: Instance, { object }: Instance): StoredObject | undefined {
  const isNewer = object.lastModified !== held.lastModified && !isOlder(object, held);
  const lastModified = isNewer ? object.lastModified : held.lastModified;
  const place = held.etag === object.etag ? object : held;
  if (place.key === held.key && lastModified === held.lastModified) return undefined;
  return { ...place, ...defined({ lastModified }) };
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

export function logUnread(deps: Pick<IndexDeps, 'log'>, source: string, error: unknown): void {
  deps.log('warn', 'object could not be read; its event comes again', { source, ...errorFields(error) });
}

export function instanceKey(instance: SeriesId & { sopInstanceUid: string }): string {
  return `${seriesKey(instance)}#${instance.sopInstanceUid}`;
}

export function seriesKey({ source, seriesInstanceUid }: SeriesId): string {
  return `${source}#${seriesInstanceUid}`;
}
