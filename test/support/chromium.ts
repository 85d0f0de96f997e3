import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The program of a browser; undefined where there is none. */
export const PROGRAM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Why there is no browser; undefined where there is one. */
export const NO_CHROMIUM =
  PROGRAM === undefined ? 'no Chromium: install it, or name its program in CHROMIUM' : undefined;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-popup-blocking',
];

export interface Browser {
  /** What it has written to standard output, when it has ended. */
  ended: Promise<string>;
  close(): Promise<void>;
}

/** Opens a URL as if a person had typed it, in a profile of its own. */
export function openBrowser(url: string, flags: readonly string[] = []): Browser {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const child = spawn(PROGRAM ?? '', [...FLAGS, `--user-data-dir=${profile}`, ...flags, url], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      resolve(out);
    });
  });
  return {
    ended,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The document that a tab shows in the end, after what its scripts do in the first ten seconds. */
export function documentAt(url: string): Promise<string> {
  return openBrowser(url, ['--dump-dom', '--virtual-time-budget=10000']).ended;
}
