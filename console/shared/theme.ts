import { signal } from '@preact/signals';
import { readStored, store } from './stored.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEY = 'theme';

/** `auto`: as the system of the person has it. */
export const theme = signal<Theme>(THEMES.find((one) => one === readStored(KEY)) ?? 'auto');

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
  store(KEY, theme.value);
  applyTheme();
}
