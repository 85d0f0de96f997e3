import { type Attempt, fresh } from '../core/fresh-series.ts';
import { workOf } from '../core/lane.ts';
import type { ComputeMessage } from '../core/messages.ts';
import type { Queues } from '../core/ports.ts';
import { productOf } from '../core/product.ts';
import { holdSeconds, toHeldBack } from '../core/quota-waits.ts';
import type { CompleteSeries, UploadingSeries } from '../core/series.ts';
import { meterOverdue } from '../core/series-metrics.ts';
import type { Source } from '../core/source.ts';
import { type StageDeps, saveAndAnnounce, saveInState } from '../core/stage.ts';
import type { Clock, Instant } from '../core/time.ts';
import { holdBack, resumeUploading, startUploading } from '../core/transitions.ts';
import type { Room, SourceQuota } from './source-quota.ts';

export interface TakeUpDeps extends StageDeps {
  queues: Pick<Queues, 'sendCompute'>;
  clock: Clock;
  /** In [0, 1), for jitter. */
  random(): number;
}

/** The series, taken by the compute stage; `undefined` when this message is an old one, or its source has no room. */
export async function takeUp(
  deps: TakeUpDeps,
  message: ComputeMessage,
  source: Source,
  quota: SourceQuota,
): Promise<UploadingSeries | undefined> {
  return fresh<UploadingSeries | undefined>(deps.series, message, async (series) => {
    if (series?.ticket !== message.ticket) return { kind: 'settled', value: undefined };
    const now = deps.clock().toISOString();
    meterOverdue(deps.meter, series, source, now);
    if (series.state !== 'COMPLETE' && series.state !== 'UPLOADING')
      return { kind: 'settled', value: undefined };
    // Before anything is uploaded: without its definition nobody knows how its results are asked for.
    productOf(source, series.product);
    const room = await quota.ask(series, now);
    if (room.kind === 'held_back') return waitForRoom(deps, message, series, source, room, now);
    const saved =
      series.state === 'COMPLETE'
        ? await saveAndAnnounce(deps, startUploading(series, source, now))
        : await saveInState(deps, resumeUploading(series, now));
    return saved.kind === 'conflict' ? saved : { kind: 'settled', value: saved.series };
  });
}

/** Leaves a message that asks again later. A series that nobody has announced yet must not wait for that too. */
async function waitForRoom(
  deps: TakeUpDeps,
  message: ComputeMessage,
  series: CompleteSeries | UploadingSeries,
  source: Source,
  room: Exclude<Room, { kind: 'admitted' }>,
  now: Instant,
): Promise<Attempt<undefined>> {
  const since = series.heldBack?.since ?? now;
  const waitSeconds = holdSeconds(room, source, since, now, deps.random());
  const heldBack = toHeldBack(room, since, now, waitSeconds);
  const held = { ...holdBack(series, heldBack, waitSeconds, now), ticket: series.ticket + 1 };
  const saved = held.outbox.length === 0 ? await deps.series.save(held) : await saveInState(deps, held);
  if (saved.kind === 'conflict') return saved;
  if (series.heldBack?.reason !== heldBack.reason) {
    const { reason, until } = heldBack;
    const { seriesInstanceUid, generation } = series;
    deps.log('info', 'series held back', {
      source: source.name,
      seriesInstanceUid,
      generation,
      reason,
      until,
    });
    deps.meter('SeriesHeldBack', 1, { source: source.name, reason });
  }
  await deps.queues.sendCompute({ ...workOf(saved.series), tries: message.tries }, waitSeconds);
  return { kind: 'settled', value: undefined };
}
