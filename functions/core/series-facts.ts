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
export type CompletionReason = 'marker' | 'count' | 'quiet' | 'max_wait';

export const TRIAGE_STATUSES = ['critical', 'routine'] as const;

export type TriageStatus = (typeof TRIAGE_STATUSES)[number];

/** What is wrong with a CT series as a volume (docs/quality.md); each part is absent where nothing is to be said. */
export interface SeriesQuality {
  /** InstanceNumbers (0020,0013) that a slice between two others must have had; the first 50. */
  missing?: number[];
  /** InstanceNumbers that more than one instance has; the first 50. */
  doubled?: number[];
  /** Places along the normal where two neighbours are further apart than those around them, or one pass of several has no slice. */
  gaps?: number;
  /** Instances whose position along the normal another one has, too. */
  doubledPositions?: number;
  /** Instances in another plane than the rest: a localizer among axial slices. */
  offPlane?: number;
  /** What not all instances of one plane have alike. */
  mixed?: ('matrix' | 'orientation' | 'kernel')[];
  /** As many instances as the headers claim, where fewer are here: (0020,1209), else (0020,1002). */
  claimedInstances?: number;
}

/** A finding as events and rows carry it; `findings.json` holds more. */
export interface FindingSummary {
  key: string;
  present?: boolean;
  score?: number;
}

/** What Qure's answer says of itself. */
export interface AnswerFacts {
  /** `qer`, `qct`, `qxr`, `qmsk`, `not_implemented`; an open set. */
  usecase?: string;
  modelVersion?: string;
}

/** What stands alike on a row, in its view and in its events; each part is absent where nothing is to be said. */
export interface ResultFacts extends AnswerFacts {
  findings?: FindingSummary[];
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

/** Qure's own word on the scan. */
export type VerdictReason = 'unsupported_scan' | 'upload_rejected' | 'not_implemented';

export type FailureReason =
  | StopReason
  | 'not_uploaded'
  | 'receipt_mismatch'
  | 'results_timeout'
  | 'qure_unavailable'
  | 'object_missing'
  | 'damaged_object'
  | 'mixed_identity'
  | 'shared_workspace'
  | 'incomplete_geometry'
  | 'wrong_usecase'
  | 'legacy_format'
  | 'asset_download'
  | 'asset_missing'
  | 'asset_mismatch';
