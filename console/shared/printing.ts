import { signal } from '@preact/signals';

/** While the browser lays the page out for paper: what is out of sight is not out of the document then. */
export const isPrinting = signal(false);

addEventListener('beforeprint', () => {
  isPrinting.value = true;
});
addEventListener('afterprint', () => {
  isPrinting.value = false;
});
