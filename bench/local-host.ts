import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { QureCredentials } from '../functions/qure/credentials.ts';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const START_MS = 60_000;

export interface HostProcess {
  s3Url: string;
  stop(): Promise<void>;
}

/**
 * Starts `npm start` as a process of its own on free ports, against the given Qure, and waits until it can be dropped
 * into. `path` is what it drops by itself, for which one file suffices.
 *
 * @throws when it ends, or says nothing of its S3 endpoint for a minute
 */
export async function startHostProcess(options: {
  dataDir: string;
  path: string;
  quietPeriodSeconds: number;
  credentials: QureCredentials;
}): Promise<HostProcess> {
  const { baseUrl, token, source } = options.credentials;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      MAIN,
      'start',
      options.path,
      ...['--data-dir', options.dataDir, '--port', '0', '--s3-port', '0'],
      ...['--quiet-period', String(options.quietPeriodSeconds)],
    ],
    {
      env: { ...process.env, QURE_BASE_URL: baseUrl, QURE_TOKEN: token, QURE_SOURCE: source },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  try {
    return { s3Url: await endpointOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** From the line that tells how to drop. What comes later is read and thrown away, so that the pipe never fills. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('expected the local host to tell its S3 endpoint within a minute')),
      START_MS,
    );
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`expected the local host to serve, it ended with ${code}`));
    });
    if (child.stdout === null) throw new Error('expected the local host to have an output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /--endpoint-url (\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
