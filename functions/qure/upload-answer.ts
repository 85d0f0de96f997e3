import { defined } from '../shared/defined.ts';
import type { CommonOutcome, QureAnswer, Unexpected } from './answer.ts';
import { readCommonOutcome, transient, unexpected } from './answer.ts';
import type { JsonObject } from './answer-body.ts';
import { asObject, field, jsonObjectOf, messageOf, textOf } from './answer-body.ts';
import { wordOnScan } from './qure-voice.ts';

export interface UnregisteredPart {
  fieldName: string;
  /**
   * `license_expired`: Qure says so. `refused`: there is an entry, and it does not speak of success. `unclear`: the answer
   * says nothing definite about this part; `instancesAtQure` may still show that it arrived.
   */
  reason: 'license_expired' | 'refused' | 'unclear';
  message: string;
}

export interface UploadReceipt {
  kind: 'receipt';
  /** Field names with positive evidence, also those that Qure had before (`created: false`). */
  registered: string[];
  /** Those of `registered` that Qure had before; absent where there are none. Whether it has taken the present bytes is not known outside Qure. */
  known?: string[];
  /** All the other field names that were sent. */
  notRegistered: UnregisteredPart[];
  licenseExpired: boolean;
  /** How many instances of the series Qure now holds, by `detailed_info`. Absent when it does not say. */
  instancesAtQure?: number;
}

export type UploadAnswer =
  | UploadReceipt
  /**
   * 400, 415, 422: nothing of this request was taken. A batch is to be split; for a single file it is final where Qure has
   * spoken of the scan (`verdict`), and worth another try where the answer may be of anybody in between.
   */
  | { kind: 'rejected'; httpStatus: number; message: string; verdict?: string }
  /** 413: the request was too large for a proxy. */
  | { kind: 'too_large' }
  | CommonOutcome
  | Unexpected;

export interface SentParts {
  fieldNames: readonly string[];
  seriesInstanceUid: string;
}

/**
 * Reads the answer to `POST /studies/`. A 200 alone proves nothing: a part counts as registered only by an entry of its own
 * that says so. Without `messages` every part is `unclear`, and only `instancesAtQure` against the caller's own
 * count can settle it. Never throws.
 */
export function readUploadAnswer(answer: QureAnswer, sent: SentParts): UploadAnswer {
  const common = readCommonOutcome(answer);
  if (common !== undefined) {
    return common;
  }
  const { status, bodyText } = answer;
  if (status === 413) {
    return { kind: 'too_large' };
  }
  if (status === 400 || status === 415 || status === 422) {
    const verdict = wordOnScan(bodyText);
    const message = messageOf(bodyText);
    return { kind: 'rejected', httpStatus: status, message, ...defined({ verdict }) };
  }
  if (status < 200 || status >= 300) {
    return unexpected(answer);
  }
  const body = jsonObjectOf(bodyText);
  const messages = asObject(field(body, 'messages'));
  const details = field(body, 'detailed_info');
  if (body === undefined || (messages === undefined && !Array.isArray(details))) {
    return transient(answer, 'undocumented_body');
  }
  return readReceipt(body, messages, Array.isArray(details) ? details : [], sent);
}

function readReceipt(
  body: JsonObject,
  messages: JsonObject | undefined,
  details: unknown[],
  sent: SentParts,
): UploadReceipt {
  const registered: string[] = [];
  const known: string[] = [];
  const notRegistered: UnregisteredPart[] = [];
  for (const fieldName of sent.fieldNames) {
    const entry = asObject(field(messages, fieldName));
    const message = textOf(field(entry, 'message')) ?? '';
    if (isTrue(field(entry, 'license_expired'))) {
      notRegistered.push({ fieldName, reason: 'license_expired', message });
    } else if (entry === undefined || typeof field(entry, 'created') !== 'boolean') {
      notRegistered.push({ fieldName, reason: 'unclear', message });
    } else if (speaksOfSuccess(message)) {
      registered.push(fieldName);
      if (field(entry, 'created') === false) known.push(fieldName);
    } else {
      notRegistered.push({ fieldName, reason: 'refused', message });
    }
  }
  const instancesAtQure = readHeldInstances(details, sent.seriesInstanceUid);
  return {
    kind: 'receipt',
    registered,
    ...(known.length === 0 ? {} : { known }),
    notRegistered,
    licenseExpired:
      isTrue(field(body, 'license_expired')) ||
      notRegistered.some((part) => part.reason === 'license_expired'),
    ...defined({ instancesAtQure }),
  };
}

/** Negations are looked for first: "DICOM not registered" also contains "registered". */
function speaksOfSuccess(message: string): boolean {
  if (
    /\b(?:fail\w*|error\w*|invalid|unable|cannot|unsupported|reject\w*|denied|expired|unsuccess\w*)\b/i.test(
      message,
    )
  ) {
    return false;
  }
  if (/\balready\b/i.test(message) && !/\bnot (?:yet )?already\b/i.test(message)) {
    return true;
  }
  return !/\bnot\b|n't\b/i.test(message) && /\b(?:success\w*|registered|exists?)\b/i.test(message);
}

/** The smallest, should the series be listed more than once: too little leads to another look, too much to a lost instance. */
function readHeldInstances(details: unknown[], seriesInstanceUid: string): number | undefined {
  let held: number | undefined;
  for (const detail of details) {
    const entry = asObject(detail);
    const count = readCount(field(entry, 'NumberOfSeriesRelatedInstances'));
    if (field(entry, 'SeriesInstanceUID') === seriesInstanceUid && count !== undefined) {
      held = Math.min(held ?? count, count);
    }
  }
  return held;
}

/** Also as text: DICOM's own Integer String is one. */
function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
