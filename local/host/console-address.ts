import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address of the console of the host on a data directory, for other commands. */
const FILE = 'console-url';

/** Stores the address; returns a function that removes it. */
export function tellConsole(dataDir: string, url: string): () => Promise<void> {
  const file = join(dataDir, FILE);
  writeFileSync(file, `${url}\n`);
  return async () => rmSync(file, { force: true });
}

/** `undefined` if no host was started, or it has ended. A killed host leaves its address. */
export function findConsole(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
