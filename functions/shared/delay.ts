/** SQS delays a message by 15 minutes at most; a longer wait is made of several. */
export const MAX_DELAY_SECONDS = 900;

/** Whole seconds for SQS: rounded up, so that the message never comes before the time. */
export function delaySecondsFor(seconds: number): number {
  return Math.max(0, Math.min(MAX_DELAY_SECONDS, Math.ceil(seconds)));
}
