import type { SeriesId } from '../instances/series-id.ts';
import type { Instant } from '../shared/time.ts';
import type { ReceivingSeries, Series } from './series.ts';
import type { SeriesState } from './series-facts.ts';

export type SaveOutcome<S extends Series = Series> = { kind: 'saved'; series: S } | Conflict;

export interface SeriesStore {
  /** Strongly consistent. */
  load(id: SeriesId): Promise<Series | undefined>;
  /** Saves where the row still has `series.version`; the saved row has the next version. */
  save<S extends Series>(series: S): Promise<SaveOutcome<S>>;
  /**
   * Creates the series, or refreshes its last arrival while it is receiving. `closed`: it is in another state, and
   * nothing was written.
   */
  touch(
    arrival: SeriesArrival,
  ): Promise<{ kind: 'created' | 'refreshed'; ticket: number } | { kind: 'closed' }>;
  /**
   * Takes the next ticket of a receiving series, for the message of its next look, whatever its version: instances may arrive
   * meanwhile. The sweep waits until `dueAt`. `conflict`: another message has the ticket, or the series was judged.
   */
  rearm(series: ReceivingSeries, dueAt: Instant): Promise<{ kind: 'rearmed'; ticket: number } | Conflict>;
  /** Moves the time at which the sweep looks after the series, whatever its version. */
  heartbeat(id: SeriesId, dueAt: Instant): Promise<void>;
  /** Series that are due, oldest first, at most `limit`. */
  due(now: Instant, limit: number): Promise<SeriesId[]>;
  /** Newest change first. */
  list(query: SeriesQuery): Promise<SeriesPage>;
  /** Gives a row of an earlier version the attribute by which its source is asked for. */
  addToIndex(series: Series): Promise<void>;
  /** The same series under every source that has it. */
  findByUid(seriesInstanceUid: string): Promise<Series[]>;
}

export interface SeriesArrival extends SeriesId {
  studyInstanceUid: string;
  modality?: string;
  now: Instant;
  dueAt: Instant;
}

export interface SeriesQuery {
  state?: SeriesState;
  source?: string;
  studyInstanceUid?: string;
  limit: number;
  cursor?: string;
}

export interface SeriesPage {
  series: Series[];
  /** Those that a list of their source does not have yet: an earlier version has written them. */
  unindexed: Series[];
  cursor?: string;
}

export class InvalidCursorError extends Error {
  override name = 'InvalidCursorError';
}

/** Another run has saved the row since it was read. */
export interface Conflict {
  kind: 'conflict';
}
