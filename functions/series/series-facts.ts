import type { WaitReason } from '@qure-dropoff/learned-quiet';
import type { AnswerFacts, FindingSummary } from '../qure/answer-facts.ts';
import type { SeriesQuality } from '../routing/quality/quality-facts.ts';

/** What rows, events, views and documents say alike of a series. */

export const SERIES_STATES = [
  'RECEIVING',
  'COMPLETE',
  'UPLOADING',
  'COMPUTING',
  'DONE',
  'SKIPPED',
  'UNSUPPORTED',
  'FAILED',
] as const;

export type SeriesState = (typeof SERIES_STATES)[number];

/** States that only a late instance or a `retry` leaves. */
export const FINAL_STATES: readonly SeriesState[] = ['DONE', 'SKIPPED', 'UNSUPPORTED', 'FAILED'];

/** What made the checker call a series complete. */
export const COMPLETION_REASONS = ['marker', 'count', 'learned', 'quiet', 'max_wait'] as const;
export type CompletionReason = (typeof COMPLETION_REASONS)[number];

/** How long a series had to be silent, by what was known of its sender (docs/completion.md). */
export interface JudgedSilence {
  seconds: number;
  reason: WaitReason;
  /** So many series of the sender were known. */
  knownSeries: number;
  /** Of those, all but one in 200 were silent inside for no longer. */
  longestSilenceSeconds: number;
}

/** What stands alike on a row, in its view and in its events; each part is absent where nothing is to be said. */
export interface ResultFacts extends AnswerFacts {
  findings?: FindingSummary[];
  isInvalidScan?: boolean;
  unreadInstances?: number;
  sameAsGeneration?: number;
  replacedUnconfirmed?: number;
  quality?: SeriesQuality;
  outsideIndication?: string[];
}

/** Reasons that stop a whole source: every later call would be refused alike. */
export const STOP_REASONS = ['auth_rejected', 'source_denied', 'license_expired'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export function isStopReason(reason: string | undefined): reason is StopReason {
  return STOP_REASONS.some((one) => one === reason);
}

/** Each has an entry in docs/operations.md. */
export const FAILURE_REASONS = [
  ...STOP_REASONS,
  'not_uploaded',
  'receipt_mismatch',
  'results_timeout',
  'qure_unavailable',
  'object_missing',
  'damaged_object',
  'mixed_identity',
  'shared_workspace',
  'incomplete_geometry',
  'wrong_usecase',
  'legacy_format',
  'asset_download',
  'asset_missing',
  'asset_mismatch',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** How soon a person has to look; the most urgent first. */
export const TRIAGES = ['critical', 'abnormal', 'routine'] as const;
export type Triage = (typeof TRIAGES)[number];
