import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopbackHost } from '@qure-dropoff/network-guard/addresses';

/** The address of the console of the host on a data directory, for other commands. */
const FILE = 'console-url';

/** Stores the address; returns a function that removes it. */
export function tellConsole(dataDir: string, url: string): () => Promise<void> {
  const file = join(dataDir, FILE);
  writeFileSync(file, `${url}\n`);
  return async () => rmSync(file, { force: true });
}

/**
 * `undefined` if no host was started, or it has ended. A killed host leaves its address. One that is not of this machine was
 * written by somebody else, and is not used.
 */
export function findConsole(dataDir: string): string | undefined {
  try {
    const text = readFileSync(join(dataDir, FILE), 'utf8').trim();
    return isOfThisMachine(text) ? text : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Plain http to a loopback host: the only address that a host on one machine has. */
export function isOfThisMachine(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === 'http:' && url.username === '' && isLoopbackHost(url.hostname);
}
