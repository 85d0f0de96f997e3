import { signal } from '@preact/signals';
import type { ConsoleConfig } from '../../functions/api/console-config.ts';

export type { ConsoleConfig } from '../../functions/api/console-config.ts';

/** What the server says of itself. Nothing is shown before it is known: it says whether the simulator answers. */
export const config = signal<ConsoleConfig>({ version: '' });

export async function loadConfig(): Promise<void> {
  // Exactly as the page asks for it beside its script (index.html): otherwise it is asked twice.
  const response = await fetch('/console/config.json');
  if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
  config.value = (await response.json()) as ConsoleConfig;
}
