import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** What npm does: a shell that waits for the script, and npm itself that waits for the shell. */
const NPM = `
const { spawn } = require('node:child_process');
const shell = spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' });
shell.on('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', () => shell.kill('SIGTERM'));
`;

export interface NpmChain {
  /** Stands for npm. */
  npm: ChildProcess;
  shellPid: number;
  hostPid: number;
  printed(): string;
  /** The processes have closed standard output, the last of them too. */
  ended: Promise<void>;
}

/** Starts a host as `npm start` does; resolves when it serves. */
export async function startNpmChain(dataDir: string, path: string): Promise<NpmChain> {
  const main = join(REPOSITORY, 'cli', 'main.ts');
  const command = [
    process.execPath,
    main,
    'start',
    path,
    '--data-dir',
    dataDir,
    '--port',
    '0',
    '--s3-port',
    '0',
  ];
  // The shell has something to do afterwards, so that it does not become the host itself.
  const line = `${command.map((word) => `'${word}'`).join(' ')}; exit $?`;
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('QURE_'));
  const npm = spawn(process.execPath, ['-e', NPM, line], {
    cwd: REPOSITORY,
    env: { ...Object.fromEntries(inherited), npm_lifecycle_event: 'start', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  npm.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => npm.stdout.once('close', resolve));
  await until('the host to serve', () => (out.includes('Dropped ') ? true : undefined));
  const hostPid = Number(readFileSync(join(dataDir, 'host.pid'), 'utf8'));
  return { npm, shellPid: parentOf(hostPid), hostPid, printed: () => out, ended };
}

/** From Linux's /proc. */
function parentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]);
}
