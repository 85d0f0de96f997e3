import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Clock } from '../shared/time.ts';
import type { PublishEvents } from './outbox.ts';
import { flushOutbox } from './outbox.ts';
import type { Series } from './series.ts';
import { meterTransition } from './series-metrics.ts';
import type { SaveOutcome, SeriesStore } from './series-store.ts';

export interface StageDeps {
  series: SeriesStore;
  publish: PublishEvents;
  clock: Clock;
  log: Log;
  meter: Meter;
}

/** Saves a transition, counts it and publishes its events. */
export async function saveAndAnnounce<S extends Series>(deps: StageDeps, next: S): Promise<SaveOutcome<S>> {
  return saveAnd(deps, next, (saved) => meterTransition(deps.meter, saved));
}

/** Saves a series that stays in its state, and publishes the events of its outbox. */
export async function saveInState<S extends Series>(deps: StageDeps, next: S): Promise<SaveOutcome<S>> {
  return saveAnd(deps, next, () => {});
}

/** An outage of EventBridge must not delay a scan: unpublished events stay in the row's outbox for the sweep. */
export async function announce<S extends Series>(deps: StageDeps, series: S): Promise<SaveOutcome<S>> {
  try {
    return await flushOutbox(deps, series);
  } catch {
    const { source, seriesInstanceUid } = series;
    deps.log('warn', 'events stay in the outbox for the sweep', { source, seriesInstanceUid });
    return { kind: 'saved', series };
  }
}

/** The returned series has the last version that was saved. */
async function saveAnd<S extends Series>(
  deps: StageDeps,
  next: S,
  count: (saved: S) => void,
): Promise<SaveOutcome<S>> {
  const saved = await deps.series.save(next);
  if (saved.kind === 'conflict') return saved;
  count(saved.series);
  const { source, seriesInstanceUid, generation, state } = saved.series;
  deps.log('info', 'series state', {
    source,
    seriesInstanceUid,
    generation,
    state,
    ...('reason' in saved.series ? { reason: saved.series.reason } : {}),
  });
  const announced = await announce(deps, saved.series);
  return announced.kind === 'saved' ? announced : saved;
}
