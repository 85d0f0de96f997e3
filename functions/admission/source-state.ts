import type { StopReason } from '../series/series-facts.ts';
import type { Instant } from '../shared/time.ts';

/** A lease of the semaphore: a series that may be sent to Qure until then. */
export interface Slot {
  id: string;
  /** The ticket of the run that holds it; a stale run cannot release it. */
  ticket: number;
  until: Instant;
}

/** A series that waits for a slot. A waiter that is not renewed expires, so that others do not wait behind it for ever. */
export interface Waiter {
  id: string;
  since: Instant;
  until: Instant;
}

/**
 * The circuit breaker of a source whose credentials or licence Qure refused. While it is open no call is made for the
 * source but one probe at a time; all other series wait. It closes when Qure takes a probe, or when the secret changes.
 */
export interface Stop {
  reason: StopReason;
  since: Instant;
  /** The fingerprint of the refused credentials. */
  credentialsFingerprint: string;
  /** The first caller from then on is the probe. While a probe is running: the end of its lease. */
  nextProbeAt: Instant;
  /** The series generation that is the probe, while it is running; it may call again. */
  probeId?: string;
}

/** Decides whether Qure may be called for a series of a source: one row for each source, from the first write on. */
export interface SourceState {
  /** Counts writes; 0 while there is no row. */
  version: number;
  slots: Slot[];
  /** The series that have waited longest, by `since`; others wait outside until there is room. */
  waitQueue: Waiter[];
  /** The UTC day of `admitted`, for example `2026-03-01`. A clock that is behind does not turn it back. */
  day: string;
  /** The series generations that took a unit of the day's budget. */
  admitted: string[];
  /** Present while calls for the source are stopped. */
  stop?: Stop;
  /** Consecutive answers 403, which may have concerned one series only. */
  consecutiveForbidden: number;
}

export const NEW_SOURCE_STATE: SourceState = {
  version: 0,
  slots: [],
  waitQueue: [],
  day: '',
  admitted: [],
  consecutiveForbidden: 0,
};

export interface SourceStateStore {
  /**
   * Decides on the state of a source as it stands (strongly consistent; `NEW_SOURCE_STATE` where there is none) and saves what
   * was decided; nothing is written where the decision holds the very state that it was given. Decides anew when another run was
   * first. @throws SourceContendedError when others are first again and again
   */
  decide<D extends { state: SourceState }>(
    source: string,
    decision: (standing: SourceState) => D,
  ): Promise<D>;
}
