import type { VerdictReason } from '../../functions/qure/answer-facts.ts';
import type { FailureReason } from '../../functions/series/series-facts.ts';

/** Reasons in plain words; docs/operations.md says what to do about each. */
const FAILURES: Readonly<Record<FailureReason | VerdictReason, string>> = {
  auth_rejected: 'Qure rejects the token of the source',
  source_denied: 'Qure denies the workspace of the source',
  license_expired: 'the licence with Qure has expired',
  not_uploaded: 'not all files reached Qure',
  receipt_mismatch: 'Qure has counted fewer files than were sent',
  results_timeout: 'Qure gave no result in time',
  qure_unavailable: 'Qure could not be reached',
  object_missing: 'a dropped file was deleted before it was sent',
  damaged_object: 'a dropped file is damaged',
  mixed_identity: 'the images name two patients or two studies',
  shared_workspace: 'another source has sent the same series',
  incomplete_geometry: 'slices are missing or doubled',
  wrong_usecase: 'Qure answered with another product',
  legacy_format: 'Qure answered in its old format',
  asset_download: 'a file of the result could not be fetched',
  asset_missing: 'the answer of Qure lacks something',
  asset_mismatch: 'a file of the result is of another study or patient',
  unsupported_scan: 'Qure does not support this scan',
  upload_rejected: 'Qure refused a file',
  not_implemented: 'Qure has no product for this scan',
};

const SKIPS: Readonly<Record<string, string>> = {
  qure_result: 'a result of Qure that was dropped again',
  non_image: 'no image',
  dose_report: 'a dose report',
  secondary_capture: 'a screenshot, not the scan',
  localizer: 'a localizer',
  unsupported_modality: 'no product takes this modality',
  reformatted: 'made from other images',
  no_route: 'no rule chooses a product',
  outside_indication: 'outside the clearances of the source',
  instances_expired: 'images expired before the series was complete',
  filtered: 'a rule of the source leaves it out',
};

const WAITS: Readonly<Record<string, string>> = {
  concurrency: 'as many series of the source are with Qure as are allowed at a time',
  daily_budget: 'the daily budget of the source is used up',
  auth_rejected: 'the source is stopped: Qure rejects its token',
  source_denied: 'the source is stopped: Qure denies its workspace',
  license_expired: 'the source is stopped: the licence with Qure has expired',
};

/** A reason of later versions, or of a rule of the source, stands for itself. */
export function reasonInWords(reason: string): string {
  const known: Readonly<Record<string, string>> = { ...SKIPS, ...FAILURES };
  return Object.hasOwn(known, reason) ? (known[reason] ?? reason) : reason.replaceAll('_', ' ');
}

export function waitInWords(reason: string): string {
  return Object.hasOwn(WAITS, reason) ? (WAITS[reason] ?? reason) : reason.replaceAll('_', ' ');
}

/** `wholeBody` of the API. */
export function bodyPartInWords(part: string): string {
  return part === 'wholeBody' ? 'whole body' : part;
}
