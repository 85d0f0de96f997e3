import { signal } from '@preact/signals';

/** The time that ages are counted from, in milliseconds; it moves every few seconds while the page is seen. */
export const now = signal(Date.now());

const STEP_MS = 5_000;
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, STEP_MS);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) now.value = Date.now();
});
