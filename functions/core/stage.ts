import type { Meter } from './metrics.ts';
import { flushOutbox } from './outbox.ts';
import type { Log, PublishEvents, SaveOutcome, SeriesStore } from './ports.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import type { ComputingSeries, Series, UploadingSeries } from './series.ts';
import { meterTransition } from './series-metrics.ts';
import type { Instant } from './time.ts';

export interface StageDeps {
  series: SeriesStore;
  publish: PublishEvents;
  log: Log;
  meter: Meter;
}

/** Saves a transition, counts it and announces it. */
export async function saveAndAnnounce<S extends Series>(deps: StageDeps, next: S): Promise<SaveOutcome<S>> {
  return saveAnd(deps, next, (saved) => meterTransition(deps.meter, saved));
}

/** Saves a series that stays in its state, and announces what it still has to announce. */
export async function saveInState<S extends Series>(deps: StageDeps, next: S): Promise<SaveOutcome<S>> {
  return saveAnd(deps, next, () => {});
}

/**
 * EventBridge being down must not hold a scan up: what could not be announced stays in the row's outbox for the sweep. The
 * row's version in the answer is the last one saved.
 */
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
  try {
    const flushed = await flushOutbox(deps, saved.series);
    return flushed.kind === 'saved' ? flushed : saved;
  } catch {
    deps.log('warn', 'events stay in the outbox for the sweep', { source, seriesInstanceUid });
    return saved;
  }
}

/**
 * Takes the next ticket for a message that this run is about to leave, so that its own message, should SQS deliver it once
 * more, is an old one. The series is held back no more. `undefined`: it has gone another way.
 */
export async function takeTicket<S extends UploadingSeries | ComputingSeries>(
  store: Pick<SeriesStore, 'load' | 'save'>,
  from: S,
  isStill: (series: Series) => series is S,
  change: { dueAt: Instant; uploadRound?: number },
): Promise<S | undefined> {
  return retryOnConflict(store, from, async (series) => {
    if (series === undefined || !isStill(series)) return undefined;
    const { heldBack: _over, ...free } = series;
    const saved = await store.save({ ...free, ticket: series.ticket + 1, ...change } as S);
    return saved.kind === 'conflict' ? saved : saved.series;
  });
}

/**
 * Makes a transition from the row as it stands now, as long as `isStill` holds of it; starts over when somebody else
 * saves in between. `undefined`: the series has gone another way.
 */
export async function moveOn<From extends Series, To extends Series>(
  deps: StageDeps,
  from: From,
  isStill: (series: Series) => series is From,
  transition: (series: From) => To,
): Promise<To | undefined> {
  return retryOnConflict(deps.series, from, async (series) => {
    if (series === undefined || !isStill(series)) return undefined;
    const saved = await saveAndAnnounce(deps, transition(series));
    return saved.kind === 'conflict' ? saved : saved.series;
  });
}
