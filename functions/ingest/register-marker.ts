import {
  decodeMarker,
  MAX_MARKER_BYTES,
  type Marker,
  markerIdOf,
  markerPrefix,
  readMarkerBody,
} from '../instances/marker.ts';
import { defined } from '../shared/defined.ts';
import { rowExpiryOf } from '../sources/row-expiry.ts';
import type { Source } from '../sources/source.ts';
import type { FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { toQuarantined } from './read-dropped-object.ts';
import { releaseFromQuarantine, updateQuarantine } from './update-quarantine.ts';

/**
 * Reads a `_COMPLETE` object, stores what it expects, and makes the checker check the objects that it covers. Returns its key
 * if a part of that failed, and throws if nothing is known to be done: in both cases its event must be delivered again.
 */
export async function registerMarker(deps: IndexDeps, key: string, source: Source): Promise<FailedKeys> {
  const now = deps.clock().toISOString();
  const read = await deps.drop.readSmall(key, MAX_MARKER_BYTES);
  // It was deleted: its series are completed by the quiet period.
  if (read.kind === 'missing') return new Map();
  const body =
    read.totalSizeBytes > MAX_MARKER_BYTES
      ? { kind: 'invalid' as const, detail: `expected a marker of at most ${MAX_MARKER_BYTES} bytes` }
      : readMarkerBody(decodeMarker(read.bytes));
  if (body.kind === 'invalid') {
    const facts = {
      reason: 'invalid_marker' as const,
      detail: body.detail,
      etag: read.etag,
      sizeBytes: read.totalSizeBytes,
    };
    return updateQuarantine(deps, [toQuarantined({ key, source }, facts, now)], [key]);
  }
  const prefix = markerPrefix(key);
  const marker: Marker = {
    id: markerIdOf(prefix),
    source: source.name,
    key,
    prefix,
    expectation: body.expectation,
    droppedAt: read.lastModified,
    isFulfilled: false,
    ...defined({ expiresAt: rowExpiryOf(source.retention, now) }),
  };
  await deps.markers.put(marker);
  const failedKeys = await releaseFromQuarantine(deps, [key]);
  await deps.queues.sendCompletion({ kind: 'marker', source: source.name, markerId: marker.id, tries: 0 }, 0);
  return failedKeys;
}
