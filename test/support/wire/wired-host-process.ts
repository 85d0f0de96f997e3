import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WireRule } from './wire-rule.ts';

const ENTRY = fileURLToPath(new URL('./wired-host.ts', import.meta.url));

export interface WiredHostProcess {
  /** Resolves with the rule's name when a call stands still. @rejects Error when the host ends before. */
  held: Promise<string>;
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
}

/** The local host as a process of its own with a proxy in it, on any free ports. */
export function startWiredHost(
  rules: readonly WireRule[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): WiredHostProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('QURE_'));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ENTRY,
      JSON.stringify(rules),
      '--port',
      '0',
      '--s3-port',
      '0',
      ...args,
    ],
    { env: { ...Object.fromEntries(inherited), ...env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const held = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (name) => resolve(String(name)));
    void ended.then(() => reject(new Error(`the host has ended before a call stood still: ${err}`)));
  });
  // Whoever kills it does not wait for it any more.
  held.catch(() => undefined);
  return {
    held,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
