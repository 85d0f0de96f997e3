import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the console of the host that works on a data directory is to be found, for commands beside it. */
const FILE = 'console-url';

/** Writes the address down; what it answers takes it away again. */
export function tellConsole(dataDir: string, url: string): () => Promise<void> {
  const file = join(dataDir, FILE);
  writeFileSync(file, `${url}\n`);
  return async () => rmSync(file, { force: true });
}

/** `undefined` where no host was started, or has ended. A host that was killed leaves its address behind. */
export function findConsole(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
