export const TRIAGE_STATUSES = ['critical', 'routine'] as const;

export type TriageStatus = (typeof TRIAGE_STATUSES)[number];

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

/** Qure's own word on the scan. */
export const VERDICT_REASONS = ['unsupported_scan', 'upload_rejected', 'not_implemented'] as const;
export type VerdictReason = (typeof VERDICT_REASONS)[number];
