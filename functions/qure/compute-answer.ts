import type { CommonOutcome, QureAnswer, Unexpected } from './answer.ts';
import { readCommonOutcome, transient, unexpected } from './answer.ts';
import { field, jsonObjectOf, messageOf } from './answer-body.ts';
import { wordOnScan } from './qure-voice.ts';

/** What is kept of the answer to a compute call, on the series row and (by `toComputeJson`) as `compute.json` beside the result. */
export interface StoredComputeResponse {
  httpStatus: number;
  /** For people; at most 500 characters. Empty when Qure said nothing. */
  message: string;
  /** Qure's own word where the body has it, else whether the call was accepted. */
  success: boolean;
  /** Whether the token was valid: Qure's own word, else by the outcome; null where neither tells. */
  authenticated: boolean | null;
  /** ISO 8601 UTC. */
  at: string;
}

type ComputeOutcome =
  /** 200: pushed for computation. */
  | { kind: 'accepted' }
  /** 304, or 200 with "already pushed" from older servers. Not an error. */
  | { kind: 'already_accepted' }
  /** 404: not uploaded, or not registered yet. */
  | { kind: 'not_uploaded' }
  /** 400 with Qure's word on the scan. Documented for the results call alone; there is no other meaning to it. */
  | { kind: 'unsupported'; reason: string }
  | CommonOutcome
  | Unexpected;

export type ComputeAnswer = ComputeOutcome & { response: StoredComputeResponse };

/** Reads the answer to `GET /compute/{SeriesInstanceUID}`. Never throws. */
export function readComputeAnswer(answer: QureAnswer): ComputeAnswer {
  const outcome = readOutcome(answer);
  const isAccepted = outcome.kind === 'accepted' || outcome.kind === 'already_accepted';
  return { ...outcome, response: toStored(answer, isAccepted) };
}

/** The contents of `compute.json`: `status`, `message`, `success`, `authenticated`, `at`. */
export function toComputeJson(response: StoredComputeResponse) {
  const { httpStatus, ...rest } = response;
  return { status: httpStatus, ...rest };
}

function readOutcome(answer: QureAnswer): ComputeOutcome {
  const common = readCommonOutcome(answer);
  if (common !== undefined) {
    return common;
  }
  const { status, bodyText } = answer;
  if (status === 304) {
    return { kind: 'already_accepted' };
  }
  if (status === 404) {
    return { kind: 'not_uploaded' };
  }
  const verdict = status === 400 ? wordOnScan(bodyText) : undefined;
  if (verdict !== undefined) {
    return { kind: 'unsupported', reason: verdict };
  }
  if (status < 200 || status >= 300) {
    return unexpected(answer);
  }
  const body = jsonObjectOf(bodyText);
  if (body === undefined || (field(body, 'message') === undefined && readSuccess(answer) === undefined)) {
    // A login page, or an answer cut off: asking again is harmless, taking it for acceptance is not.
    return transient(answer, 'undocumented_body');
  }
  // `success: false` beside a 200 is not looked at: Qure deprecates the field. Were it true after all, the
  // results call answers 409 and the series is computed again.
  return /already pushed/i.test(messageOf(bodyText)) ? { kind: 'already_accepted' } : { kind: 'accepted' };
}

function toStored(answer: QureAnswer, isAccepted: boolean): StoredComputeResponse {
  const { status, bodyText } = answer;
  const authenticated = field(jsonObjectOf(bodyText), 'authenticated');
  const byStatus = status === 401 ? false : isAccepted ? true : null;
  return {
    httpStatus: status,
    // A 304 has no body on the wire; its documented meaning stands in for it.
    message: messageOf(bodyText) || (status === 304 ? 'Already pushed for computation (304, no body).' : ''),
    success: readSuccess(answer) ?? isAccepted,
    authenticated: typeof authenticated === 'boolean' ? authenticated : byStatus,
    at: answer.receivedAt.toISOString(),
  };
}

/** Qure's 404 spells it `sucess` in places. */
function readSuccess(answer: QureAnswer): boolean | undefined {
  const body = jsonObjectOf(answer.bodyText);
  const success = field(body, 'success') ?? field(body, 'sucess');
  return typeof success === 'boolean' ? success : undefined;
}
