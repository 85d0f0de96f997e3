import type { StopReason } from './series-facts.ts';
import type { Instant } from './time.ts';

/** A lease: a series that may be brought to Qure until then. */
export interface Slot {
  id: string;
  /** Of the run that holds it; a run that the series has gone on without gives nothing back. */
  ticket: number;
  until: Instant;
}

/** A series that waits for a slot. A place that is not renewed is lost, so that nobody waits behind what is gone. */
export interface Place {
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
  /** Of the credentials that were refused. */
  credentialsFingerprint: string;
  /** Whoever asks first from then on is the probe. While a probe is at work: when its lease ends. */
  nextProbeAt: Instant;
  /** The series generation that is the probe, while it is at work; it may ask again. */
  probeId?: string;
}

/** What decides whether Qure may be asked for a series of a source: one row each, from the first write on. */
export interface SourceState {
  /** Counts writes; 0 while there is no row. */
  version: number;
  slots: Slot[];
  /** Those that have waited longest, by `since`; others wait outside until there is room. */
  line: Place[];
  /** The UTC day of `admitted`, for example `2026-03-01`. A clock that is behind does not turn it back. */
  day: string;
  /** The series generations that took a unit of the day's budget. */
  admitted: string[];
  /** Present while calls for the source are stopped. */
  stop?: Stop;
  /** Refusals in a row that may have concerned one series only (403). */
  denials: number;
}

export const NEW_SOURCE_STATE: SourceState = {
  version: 0,
  slots: [],
  line: [],
  day: '',
  admitted: [],
  denials: 0,
};
