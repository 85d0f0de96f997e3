import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface HostProcess {
  child: ChildProcess;
  /** What it has printed so far. */
  printed(): { out: string; err: string };
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; out: string; err: string }>;
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
}

/** `node cli/main.ts start …` on any free ports (unless `args` names some), with no other `QURE_*` than those of `env`. */
export function startHostProcess(args: readonly string[], env: Record<string, string> = {}): HostProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('QURE_'));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'cli/main.ts',
      'start',
      '--port',
      '0',
      '--s3-port',
      '0',
      ...args,
    ],
    { cwd: REPOSITORY, env: { ...Object.fromEntries(inherited), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return {
    child,
    printed: () => ({ out, err }),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
