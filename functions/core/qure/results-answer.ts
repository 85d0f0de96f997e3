import type { CommonOutcome, JsonObject, QureAnswer, Unexpected } from './answer.ts';
import {
  asObject,
  field,
  isMarkup,
  jsonObjectOf,
  looksLikeJson,
  readCommonOutcome,
  retryAfterOf,
  textOf,
  transient,
  unexpected,
} from './answer.ts';
import type { ResultFiles } from './result-files.ts';
import { readResultFiles } from './result-files.ts';

export interface ReadyResult {
  /** `ready_invalid_scan` (206): a valid X-ray modality but an invalid scan; a full result whose assets say so. */
  kind: 'ready' | 'ready_invalid_scan';
  triageStatus?: 'critical' | 'routine';
  /** `qxr`, `qer`, `qct` or `not_implemented`; an open set. */
  usecase?: string;
  files: ResultFiles[];
  ignoredFiles: number;
}

export type ResultsAnswer =
  | ReadyResult
  /** 202, or 400 with "Validity not determined yet!": ask again later. */
  | { kind: 'processing'; retryAfterMs?: number }
  /** 400: unsupported modality or invalid scan. Final. */
  | { kind: 'unsupported'; reason: string }
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
  const result = asObject(field(body, 'result'));
  if (result === undefined) {
    return transient(answer, 'undocumented_body');
  }
  const listed = readResultFiles(field(result, 'files'));
  if (listed === undefined) {
    return transient(answer, 'too_many_links');
  }
  const triageStatus = readTriageStatus(field(body, 'triage_status') ?? field(result, 'triage_status'));
  const usecase = textOf(field(body, 'usecase') ?? field(result, 'usecase'));
  return {
    kind,
    ...(triageStatus === undefined ? {} : { triageStatus }),
    ...(usecase !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(usecase) ? { usecase } : {}),
    ...listed,
  };
}

function readTriageStatus(value: unknown): ReadyResult['triageStatus'] {
  const status = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return status === 'critical' || status === 'routine' ? status : undefined;
}

/**
 * A 400 ends the series as UNSUPPORTED, so it needs Qure's own voice: JSON, or a plain text that gives a reason. Nothing at
 * all, JSON cut off, and the bare "Bad Request" of web servers are not it.
 */
function readVerdict(answer: QureAnswer): ResultsAnswer {
  const { bodyText } = answer;
  const body = jsonObjectOf(bodyText);
  const plain =
    body === undefined && !looksLikeJson(bodyText) && !isMarkup(bodyText) ? textOf(bodyText) : undefined;
  const texts = body === undefined ? [plain] : reasonsIn(body);
  if (texts.some((text) => text !== undefined && /validity not determined/i.test(text))) {
    return { kind: 'processing', ...retryAfterOf(answer) };
  }
  if (body === undefined && (plain === undefined || /^(?:error )?(?:400:? )?bad request\b/i.test(plain))) {
    return transient(answer, 'undocumented_body');
  }
  return { kind: 'unsupported', reason: texts.find((text) => text !== undefined) ?? 'no reason given' };
}

function reasonsIn(body: JsonObject): (string | undefined)[] {
  const debugInfo = field(body, 'debug_info');
  return [field(asObject(debugInfo), 'reason'), debugInfo, field(body, 'reason'), field(body, 'message')].map(
    textOf,
  );
}
