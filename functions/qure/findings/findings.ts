import type { FindingSummary, TriageStatus, VerdictReason } from '../answer-facts.ts';

/** `findings.json`: what Qure's stored answers say, in one shape for every product. `findings-schema.ts` says the same as a schema. */
export interface FindingsDocument {
  schemaVersion: '1';
  /** What Qure's answer calls itself; left out where the answers of one series differ (`instances` tells each). */
  usecase?: string;
  modelVersion?: string;
  triageStatus?: TriageStatus;
  /** `asset`: of the JSON asset. `none`: the answer holds no finding in a shape that is known. */
  readFrom: 'result' | 'asset' | 'none';
  /** Texts of the report that belong to no finding. */
  report: string[];
  findings: Finding[];
  /** Findings beyond the bound, which are in the stored answer alone. */
  omittedFindings?: number;
  /** JSON assets that may hold findings and were not read, since they are too many or too large. */
  omittedAssets?: number;
  /** X-rays: each instance that Qure answered, in the order of their UIDs. */
  instances?: InstanceFacts[];
}

export interface Finding {
  /** Qure's own key; an open vocabulary. */
  key: string;
  label: string;
  /** Only where Qure says it. */
  present?: boolean;
  score?: number;
  text?: string;
  /** X-rays: the image that it was found on. */
  sopInstanceUid?: string;
  /** Only of keys that are known. */
  codes: FindingCode[];
}

export interface FindingCode {
  system: string;
  code: string;
  display: string;
}

/** Why an image has no result: Qure has not read it (200), refuses it (400), or gave no answer in time. */
export type UnreadReason = Exclude<VerdictReason, 'upload_rejected'> | 'no_answer';

export interface InstanceFacts {
  sopInstanceUid: string;
  usecase?: string;
  modelVersion?: string;
  triageStatus?: TriageStatus;
  /** Qure calls it no valid scan (206): nothing of its answer is a finding. */
  isInvalidScan?: boolean;
  unread?: UnreadReason;
}

export const FINDINGS_FILE = 'findings.json';

/** A series has a few dozen; a hostile answer may hold a million. */
export const MAX_FINDINGS = 1000;
export const MAX_KEY_LENGTH = 128;
export const MAX_TEXT_LENGTH = 2000;
export const MAX_REPORT_TEXTS = 100;

/** On rows and events, which are small. */
export const MAX_SUMMARIES = 50;
const MAX_SUMMARY_KEY_LENGTH = 64;

/**
 * The findings as rows and events carry them: one entry a key, no text. Of several images the finding is present where it is
 * on any, with the highest score. Those that are present come first, since the rest may be cut off.
 */
export function summariesOf(findings: readonly Finding[]): FindingSummary[] {
  const byKey = new Map<string, FindingSummary>();
  for (const { key: written, present, score } of findings) {
    const key = summaryKey(written);
    if (key === undefined) continue;
    const summary = byKey.get(key) ?? { key };
    byKey.set(key, summary);
    if (present !== undefined) summary.present = present || summary.present === true;
    const rounded = score === undefined ? undefined : summaryScore(score);
    if (rounded !== undefined) summary.score = Math.max(rounded, summary.score ?? rounded);
  }
  const all = [...byKey.values()];
  const isPresent = (summary: FindingSummary) => summary.present === true;
  return [...all.filter(isPresent), ...all.filter((one) => !isPresent(one))].slice(0, MAX_SUMMARIES);
}

/**
 * As EventBridge compares numbers: up to five billion, to six places. DynamoDB refuses numbers far beyond that.
 * Source: Amazon EventBridge user guide, "Comparison operators for use in event patterns", numeric matching.
 */
function summaryScore(score: number): number | undefined {
  return Math.abs(score) > 5e9 ? undefined : Number(score.toFixed(6)) + 0;
}

/** Plain letters, so that patterns can name it; what is too long or has none of them is a sentence and no key. */
function summaryKey(key: string): string | undefined {
  if (key.length > MAX_SUMMARY_KEY_LENGTH) return undefined;
  const plain = key.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replaceAll(/^_+|_+$/g, '');
  return /[A-Za-z0-9]/.test(plain) ? plain : undefined;
}
