import { signal } from '@preact/signals';

/** While the server gives no answer to anything: the time of the last one, in milliseconds, or of the first request without one. */
export const outage = signal<number | undefined>(undefined);

/** One failing request alone may be the fault of what it asks for. */
const MIN_FAILURES = 3;

let lastAnswerAt: number | undefined;
let failures = 0;

export function noteAnswer(): void {
  lastAnswerAt = Date.now();
  failures = 0;
  outage.value = undefined;
}

/** @param isUnreachable there was no answer at all; otherwise the server, or one before it, has said that it cannot */
export function noteFailure(isUnreachable: boolean): void {
  failures += 1;
  if (isUnreachable || failures >= MIN_FAILURES) outage.value ??= lastAnswerAt ?? Date.now();
}
