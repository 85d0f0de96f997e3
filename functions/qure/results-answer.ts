import { defined } from '../shared/defined.ts';
import type { CommonOutcome, QureAnswer, Unexpected } from './answer.ts';
import { readCommonOutcome, retryAfterOf, transient, unexpected } from './answer.ts';
import { asObject, field, jsonObjectOf, textOf } from './answer-body.ts';
import { answerDigest } from './answer-digest.ts';
import { isCommonplace, reasonsIn } from './qure-voice.ts';
import { hasContent, isLegacyFormat } from './result-content.ts';
import type { ResultFiles } from './result-files.ts';
import { readResultFiles } from './result-files.ts';

const MAX_VERSION_LENGTH = 64;
const UNREADABLE_USECASE = 'unknown';

export interface ReadyResult {
  /** `ready_invalid_scan` (206): a valid X-ray modality but an invalid scan; a full result whose assets say so. */
  kind: 'ready' | 'ready_invalid_scan';
  /** Never of `ready_invalid_scan`: what Qure says of an invalid scan is no triage. */
  triageStatus?: 'critical' | 'routine';
  /** In lower case: `qxr`, `qer`, `qct`, `qmsk` or `not_implemented`; an open set. */
  usecase?: string;
  modelVersion?: string;
  files: ResultFiles[];
  /** Entries among the files that are no link which may be followed. */
  ignoredFiles: number;
  /** Whether it says anything of the scan, files aside. */
  hasContent: boolean;
  /** `answerDigest` */
  digest: string;
}

export type ResultsAnswer =
  | ReadyResult
  /** 202, or 400 with "Validity not determined yet!": ask again later. */
  | { kind: 'processing'; retryAfterMs?: number }
  /** 400: unsupported modality or invalid scan. Final. */
  | { kind: 'unsupported'; reason: string; digest: string }
  /** A result in the format of a token that Qure has configured for an older client. */
  | { kind: 'legacy_format' }
  /** 404: not uploaded, or not registered yet. */
  | { kind: 'not_uploaded' }
  /** 409: the series was never sent to compute. */
  | { kind: 'not_computed' }
  | CommonOutcome
  | Unexpected;

/**
 * Reads the answer to `GET /results/{SeriesInstanceUID}` and `GET /results/v2/{SOPInstanceUID}`, which differ in nothing that
 * is read here. Branches on the status; the body's `success` is deprecated and not looked at. A 200 or 206 whose body
 * is not the documented JSON (a login page, cut off, empty) is transient: it must never be stored as a result.
 * Never throws.
 */
export function readResultsAnswer(answer: QureAnswer): ResultsAnswer {
  const common = readCommonOutcome(answer);
  if (common !== undefined) {
    return common;
  }
  switch (answer.status) {
    case 200:
      return readReady('ready', answer);
    case 206:
      return readReady('ready_invalid_scan', answer);
    case 202:
      return { kind: 'processing', ...retryAfterOf(answer) };
    case 400:
      return readVerdict(answer);
    case 404:
      return { kind: 'not_uploaded' };
    case 409:
      return { kind: 'not_computed' };
    default:
      return unexpected(answer);
  }
}

export function isReady<A extends { kind: string }>(
  answer: A,
): answer is Extract<A, { kind: ReadyResult['kind'] }> {
  return answer.kind === 'ready' || answer.kind === 'ready_invalid_scan';
}

function readReady(kind: ReadyResult['kind'], answer: QureAnswer): ResultsAnswer {
  const body = jsonObjectOf(answer.bodyText);
  if (isLegacyFormat(body)) {
    return { kind: 'legacy_format' };
  }
  const result = asObject(field(body, 'result'));
  if (body === undefined || result === undefined) {
    return transient(answer, 'undocumented_body');
  }
  const listed = readResultFiles(field(result, 'files'));
  if (listed === undefined) {
    return transient(answer, 'too_many_links');
  }
  const of = (name: string) => field(body, name) ?? field(result, name);
  const triageStatus = kind === 'ready' ? readTriageStatus(of('triage_status')) : undefined;
  const usecase = readUsecase(of('usecase'));
  const modelVersion = textOf(of('qure_model_version'))?.slice(0, MAX_VERSION_LENGTH);
  return {
    kind,
    ...defined({ triageStatus, usecase, modelVersion }),
    ...listed,
    hasContent: hasContent(body, result),
    digest: answerDigest(answer.status, body),
  };
}

/** One that is none of a name's characters is there all the same: it is not what the series was sent for. */
function readUsecase(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const name = textOf(value)?.toLowerCase().replaceAll(' ', '_');
  return name !== undefined && /^[a-z0-9_-]{1,64}$/.test(name) ? name : UNREADABLE_USECASE;
}

function readTriageStatus(value: unknown): ReadyResult['triageStatus'] {
  const status = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return status === 'critical' || status === 'routine' ? status : undefined;
}

/**
 * A 400 ends the series as UNSUPPORTED, so it needs Qure's own word on the scan: a reason in JSON or in plain text. Nothing at
 * all, JSON without words or cut off, and the bare "Bad Request" of web servers are not it.
 */
function readVerdict(answer: QureAnswer): ResultsAnswer {
  const texts = reasonsIn(answer.bodyText);
  if (texts.some((text) => /validity not determined/i.test(text))) {
    return { kind: 'processing', ...retryAfterOf(answer) };
  }
  const reason = texts.find((text) => !isCommonplace(text));
  if (reason === undefined) {
    return transient(answer, 'undocumented_body');
  }
  return { kind: 'unsupported', reason, digest: answerDigest(answer.status, reason) };
}
