import type { Clock } from '../shared/time.ts';
import type { OutboxEvent } from './events.ts';
import { isFinal, type Series } from './series.ts';
import type { SaveOutcome, SeriesStore } from './series-store.ts';

/**
 * Announces what a row still has to announce, and takes it out of the row. A crash in between repeats the events
 * with the same ids; they are never lost, because a row with events stays due for the sweep.
 */
export async function flushOutbox<S extends Series>(
  deps: { series: Pick<SeriesStore, 'save'>; publish: PublishEvents; clock: Clock },
  series: S,
): Promise<SaveOutcome<S>> {
  if (series.outbox.length === 0) return { kind: 'saved', series };
  await deps.publish(series.outbox);
  const announcedAt = deps.clock().toISOString();
  const { dueAt, ...rest } = series;
  // Nothing more has to happen to a final series once it is announced.
  const settled = isFinal(series) ? rest : series;
  return deps.series.save({ ...settled, outbox: [], announcedAt } as unknown as S);
}

/** At least once; throws unless EventBridge has taken every event. */
export type PublishEvents = (events: readonly OutboxEvent[]) => Promise<void>;
