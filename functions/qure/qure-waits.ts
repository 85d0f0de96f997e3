import type { BackoffPolicy } from '../shared/backoff.ts';
import { delaySecondsFor } from '../shared/delay.ts';

/** Between two tries of a stage that Qure did not answer, or did not answer usefully. */
export const UNAVAILABLE_BACKOFF: BackoffPolicy = { baseMs: 1_000, capMs: 120_000, jitter: 'equal' };

/** Polls grow by a third each, to four times the first wait: results come within minutes, and a patient may wait for them. */
const POLL_GROWTH = 1.3;
const MAX_POLL_GROWTH = 4;

/** An answer that is not whole, or that may be an earlier one, is borne so long at most. */
const MAX_ANSWER_BOUND_SECONDS = 600;
/** Of the results time-out, so that it fits in a short one several times. */
const ANSWER_BOUND_SHARE = 1 / 4;

export function answerBoundSeconds(resultsTimeoutSeconds: number): number {
  return Math.min(MAX_ANSWER_BOUND_SECONDS, resultsTimeoutSeconds * ANSWER_BOUND_SHARE);
}

/** An image without an answer holds back the answer of another one of its X-ray series for so long at most. */
export const NO_ANSWER_BOUND_SECONDS = 900;

/** Seconds until poll number `polls` + 1, for SQS. */
export function pollDelaySeconds(pollIntervalSeconds: number, polls: number, retryAfterMs = 0): number {
  const growth = Math.min(MAX_POLL_GROWTH, POLL_GROWTH ** polls);
  return delaySecondsFor(Math.max(pollIntervalSeconds * growth, retryAfterMs / 1000));
}
