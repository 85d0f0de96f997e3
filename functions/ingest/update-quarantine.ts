import type { QuarantinedObject } from '../instances/quarantine.ts';
import { eventIdOf, type OutboxEvent } from '../series/events.ts';
import { defined } from '../shared/defined.ts';
import type { Meter } from '../shared/metrics.ts';
import { attempt, type FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';

type QuarantineDeps = Pick<IndexDeps, 'quarantine' | 'publish' | 'log' | 'meter'>;

/** Removes the quarantine rows of keys whose present object is not rejected. Returns the keys for which that failed. */
export function releaseFromQuarantine(deps: QuarantineDeps, keys: readonly string[]): Promise<FailedKeys> {
  return updateQuarantine(deps, [], keys);
}

/**
 * Brings the quarantine up to date for the objects that were just processed: writes and announces the rejected ones, and
 * removes the rows of keys whose present object is not rejected. Returns the keys for which a part of that failed: their
 * events must be delivered again.
 */
export async function updateQuarantine(
  deps: QuarantineDeps,
  quarantined: readonly QuarantinedObject[],
  processedKeys: readonly string[],
): Promise<FailedKeys> {
  const failedKeys: FailedKeys = new Map();
  const { log } = deps;
  const found = await attempt(log, failedKeys, 'read of the quarantine', processedKeys, () =>
    deps.quarantine.find(processedKeys),
  );
  if (found === undefined) return failedKeys;
  const before = found.value;
  const stillRejected = new Set(quarantined.map(({ key }) => key));
  const recovered = before.filter(({ key }) => !stillRejected.has(key)).map(({ key }) => key);
  if (recovered.length > 0) {
    await attempt(log, failedKeys, 'release from the quarantine', recovered, () =>
      deps.quarantine.remove(recovered),
    );
  }
  if (quarantined.length === 0) return failedKeys;
  const earlier = new Map(before.map((object) => [object.key, object]));
  const repeated = (object: QuarantinedObject) => {
    const first = earlier.get(object.key);
    return first?.etag === object.etag && first?.reason === object.reason ? first : undefined;
  };
  // A repeated event keeps the time of the first, so that the published event has the same id.
  const rows = quarantined.map((object) => {
    const first = repeated(object);
    return first === undefined ? object : { ...first, ...defined({ expiresAt: object.expiresAt }) };
  });
  const rejected = rows.map(({ key }) => key);
  const written = await attempt(log, failedKeys, 'write of quarantine rows', rejected, () =>
    deps.quarantine.put(rows),
  );
  if (written === undefined) return failedKeys;
  meterRejections(
    deps.meter,
    quarantined.filter((object) => repeated(object) === undefined),
  );
  for (const { id, reason, source } of rows) log('warn', 'quarantined', { quarantineId: id, reason, source });
  // While EventBridge is down, the instances of the same batch are indexed all the same.
  await attempt(log, failedKeys, 'publication of quarantine events', rejected, () =>
    deps.publish(rows.map(toEvent)),
  );
  return failedKeys;
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

/** The caller leaves out rejections of repeated events: they were counted the first time. */
function meterRejections(meter: Meter, rejected: readonly QuarantinedObject[]): void {
  for (const alike of Map.groupBy(rejected, ({ source, reason }) => `${source} ${reason}`).values()) {
    const [{ source, reason } = {}] = alike;
    if (reason !== undefined) meter('ObjectsQuarantined', alike.length, { reason, ...defined({ source }) });
  }
}
