import type { IndexDeps } from '../ingest/index-deps.ts';
import { toQuarantined } from '../ingest/read-dropped-object.ts';
import { updateQuarantine } from '../ingest/update-quarantine.ts';
import type { Instance } from '../instances/instance.ts';
import { arrivalOf, EXPIRED_DETAIL } from '../series/judged-set.ts';
import type { Series } from '../series/series.ts';
import type { CompletionReason } from '../series/series-facts.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';

export type LatecomerDeps = Pick<IndexDeps, 'quarantine' | 'queues' | 'publish' | 'clock' | 'log' | 'meter'>;

/** The quarantine could not be brought up to date. Transient: the message is delivered again. */
export class QuarantineNotUpdatedError extends Error {
  override name = 'QuarantineNotUpdatedError';
}

/**
 * Instances came to a series of which others have expired. The series keeps its state and its result, and the quarantine says what
 * has to be done. Only when nothing more comes: the whole series may be on its way.
 */
export async function withholdLatecomers(
  deps: LatecomerDeps,
  series: Exclude<Series, { state: 'RECEIVING' }>,
  left: readonly Instance[],
  source: Source,
  evidence: CompletionReason | undefined,
): Promise<void> {
  const late = left.filter((row) => arrivalOf(row) > series.completedAt);
  if (late.length === 0) return;
  const now = deps.clock().toISOString();
  const { source: name, seriesInstanceUid } = series;
  const last = late.map(arrivalOf).reduce((one, other) => (one > other ? one : other));
  const remaining = source.quietPeriodSeconds - secondsBetween(last, now);
  if (evidence === undefined && remaining > 0) {
    const message = { kind: 'late', source: name, seriesInstanceUid } as const;
    return deps.queues.sendCompletion(message, delaySecondsFor(remaining));
  }
  // An object may hold several instances.
  const byKey = new Map(late.map(({ object }) => [object.key, object]));
  const withheld = [...byKey.values()].map(({ key, etag, sizeBytes }) => {
    const facts = { reason: 'instances_expired' as const, detail: EXPIRED_DETAIL, etag, sizeBytes };
    return toQuarantined({ key, source }, facts, now);
  });
  await update(deps, withheld, late);
  deps.log('warn', 'instances came to a series of which others have expired', {
    source: name,
    seriesInstanceUid,
    instances: late.length,
  });
}

/** The whole series was dropped again. */
export function releaseLatecomers(deps: LatecomerDeps, instances: readonly Instance[]): Promise<void> {
  return update(deps, [], instances);
}

async function update(
  deps: LatecomerDeps,
  withheld: Parameters<typeof updateQuarantine>[1],
  instances: readonly Instance[],
): Promise<void> {
  const keys = new Set(instances.map(({ object }) => object.key));
  const failed = await updateQuarantine(deps, withheld, [...keys]);
  if (failed.size > 0)
    throw new QuarantineNotUpdatedError(
      `the quarantine of ${failed.size} object(s) could not be updated; the message comes again`,
    );
}
