import { defined } from '../core/defined.ts';
import { eventIdOf, type OutboxEvent } from '../core/events.ts';
import type { Meter } from '../core/metrics.ts';
import type { QuarantinedObject } from '../core/quarantine.ts';
import { attempt, type FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';

/**
 * Writes and announces what was rejected, and forgets what was rejected before under keys that now hold something better.
 * Answers the keys of which a part of that has failed: their events must come again.
 */
export async function settleQuarantine(
  deps: Pick<IndexDeps, 'quarantine' | 'publish' | 'log' | 'meter'>,
  quarantined: readonly QuarantinedObject[],
  settledKeys: readonly string[],
): Promise<FailedKeys> {
  const failedKeys: FailedKeys = new Map();
  const { log } = deps;
  const found = await attempt(log, failedKeys, 'look into the quarantine', settledKeys, () =>
    deps.quarantine.find(settledKeys),
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
  // A repeated event keeps the time of the first, so that its announcement has the same id.
  const rows = quarantined.map((object) => {
    const first = earlier.get(object.key);
    return first?.etag === object.etag && first?.reason === object.reason ? first : object;
  });
  const rejected = rows.map(({ key }) => key);
  const written = await attempt(log, failedKeys, 'quarantine rows', rejected, () =>
    deps.quarantine.put(rows),
  );
  if (written === undefined) return failedKeys;
  meterRejections(
    deps.meter,
    rows.filter((row) => earlier.get(row.key) !== row),
  );
  for (const { id, reason, source } of rows) log('warn', 'quarantined', { quarantineId: id, reason, source });
  // EventBridge being down must not keep the instances of the same batch.
  await attempt(log, failedKeys, 'announcements of the quarantine', rejected, () =>
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

/** Those of a repeated event were counted when they were rejected first. */
function meterRejections(meter: Meter, rejected: readonly QuarantinedObject[]): void {
  for (const alike of Map.groupBy(rejected, ({ source, reason }) => `${source} ${reason}`).values()) {
    const [{ source, reason } = {}] = alike;
    if (reason !== undefined) meter('ObjectsQuarantined', alike.length, { reason, ...defined({ source }) });
  }
}
