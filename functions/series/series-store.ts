import type { SeriesId } from '../instances/series-id.ts';
import type { Instant } from '../shared/time.ts';
import type { ReceivingSeries, Series, SeriesUnderWay } from './series.ts';
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
   *
   * @param silentSince see `ReceivingSeries`; left out: as it was
   */
  rearm(
    series: ReceivingSeries,
    dueAt: Instant,
    silentSince?: Instant,
  ): Promise<{ kind: 'rearmed'; ticket: number } | Conflict>;
  /** Moves the time at which the sweep looks after the series, whatever its version. */
  heartbeat(id: SeriesId, dueAt: Instant): Promise<void>;
  /** The same where the row still has `series.version`, which stays: what a run has read of the row still holds. */
  postpone(
    series: ReceivingSeries | SeriesUnderWay,
    dueAt: Instant,
  ): Promise<{ kind: 'postponed' } | Conflict>;
  /** Series that are due, oldest first, at most `limit`. */
  due(now: Instant, limit: number): Promise<SeriesId[]>;
  /** By their last change, the newest first unless `sort` says otherwise. */
  list(query: SeriesQuery): Promise<SeriesPage>;
  /** How many series each state has. No row is read, and of a large state not all are counted. */
  count(query: CountQuery): Promise<StateCount[]>;
  /** Gives a row of an earlier version the keys by which this one lists it. */
  addToIndex(series: Series): Promise<void>;
  /** The same series under every source that has it. */
  findByUid(seriesInstanceUid: string): Promise<Series[]>;
}

/** What the row of a series says for people, by the headers of its instances. */
export type HeaderFacts = Pick<Series, 'modality' | 'accessionNumber' | 'bodyParts'>;

export interface SeriesArrival extends SeriesId, HeaderFacts {
  studyInstanceUid: string;
  /** See `senderOf`. */
  sender?: string;
  now: Instant;
  dueAt: Instant;
}

/** The part of a list by the last change: from `since`, before `until`. */
export interface ChangeRange {
  since?: Instant;
  until?: Instant;
  /** @default newest change first */
  sort?: 'newest' | 'oldest';
}

export interface SeriesQuery extends ChangeRange {
  state?: SeriesState | readonly SeriesState[];
  /** One, or several; none of an empty list. */
  source?: string | readonly string[];
  /** One study, or several; of all their series a page is made. */
  studyInstanceUid?: string | readonly string[];
  /**
   * What no index tells. So many rows are read for one page and no more: it may then have few series, or none, and a cursor.
   * @default every series
   */
  isWanted?(series: Series): boolean;
  /** `isWanted` takes only series whose triage is critical: then fewer rows are read. */
  isCriticalOnly?: boolean;
  limit: number;
  /**
   * A page with series of so many studies may end: then fewer rows are read.
   * @default `limit`
   */
  studies?: number;
  /** Rows that were read just now. Those of `studyInstanceUid` are not read again. */
  known?: readonly Series[];
  cursor?: string;
}

export interface CountQuery extends Pick<ChangeRange, 'since' | 'until'> {
  /** @default each state */
  states?: readonly SeriesState[];
  source?: SeriesQuery['source'];
}

export interface StateCount {
  state: SeriesState;
  count: number;
  /** Otherwise there are more of them. */
  isComplete: boolean;
}

export interface SeriesPage {
  series: Series[];
  /** The cursor behind each of them, for who takes only the first ones. */
  cursors: string[];
  /** Those that an earlier version has written, with other keys: a list of their source may not have them yet. */
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
