import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isShownBy, type PageStep } from '../../support/page-steps.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const AGAIN_MS = 1000;
/** As the pages write them. */
const CONSOLE_PORT = '4800';
const S3_PORT = '4566';

/** Does what a page says, on a machine of its own. */
export interface Reader {
  /** @throws Error with the output, if a command fails or does not show what the page shows */
  follow(step: PageStep): Promise<void>;
  /** Ends what was started, and removes what was made. */
  end(): Promise<void>;
}

/** A folder stands for the clone: `npm` runs the scripts of this repository there, on free ports. */
export async function startReader(): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), 'reader-'));
  await prepareStack(join(folder, '.local'));
  const consolePort = await freePort();
  const s3Port = await freePort();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), npmScript(['--port', consolePort, '--s3-port', s3Port]));
  chmodSync(join(bin, 'npm'), 0o755);
  const PATH = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('QURE_'));
  const env = { ...Object.fromEntries(inherited), PATH };
  const running: Running[] = [];
  let lastOutput = '';

  const onThisMachine = (text: string) =>
    text.replaceAll(CONSOLE_PORT, consolePort).replaceAll(S3_PORT, s3Port);
  /** In a process group of its own: what it starts ends with it. */
  const start = (commands: string) =>
    follow(
      spawn('bash', ['-eu', '-o', 'pipefail', '-c', commands], {
        cwd: folder,
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );

  async function startHost(commands: string): Promise<void> {
    for (const earlier of running.splice(0)) await interrupt(earlier);
    const host = start(commands);
    running.push(host);
    await until(commands, () => {
      if (host.child.exitCode !== null) throw new Error(`${commands}: ended with\n${host.output()}`);
      return /Console: /.test(host.output()) ? true : undefined;
    });
  }

  async function run(commands: string, expected: string | undefined): Promise<void> {
    await until(`${commands} to show ${expected ?? 'no failure'}`, async () => {
      const command = start(commands);
      const code = await command.ended;
      lastOutput = command.output();
      if (code === 0 && isShownBy(expected ?? '', lastOutput)) return true;
      // What is shown on a page may take time. Other commands are not run twice.
      if (expected === undefined) throw new Error(`${commands}: ended with ${code}:\n${lastOutput}`);
      await sleep(AGAIN_MS);
      return undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${lastOutput}`);
    });
  }

  return {
    async follow(step) {
      const text = onThisMachine(step.text);
      if (step.kind === 'file') return writeFileSync(join(folder, step.name), text);
      const commands = withUid(text, lastOutput);
      if (/^npm start(?!.*--once)/m.test(commands)) return startHost(commands);
      // `… &` leaves it running, as a second terminal does.
      if (commands.trimEnd().endsWith('&')) {
        running.push(start(commands.trimEnd().slice(0, -1)));
        return;
      }
      await run(commands, step.expected === undefined ? undefined : onThisMachine(step.expected));
    },
    async end() {
      for (const left of running) await interrupt(left);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `npm ci` has nothing to do; `npm start` and `npm run …` are the command, from the folder of the reader. */
function npmScript(hostOptions: readonly string[]): string {
  const main = `${process.execPath} --disable-warning=ExperimentalWarning ${join(REPOSITORY, 'cli/main.ts')}`;
  return `#!/bin/bash
set -eu
words=()
for word in "$@"; do
  case "$word" in --|--silent) ;; *) words+=("$word") ;; esac
done
case "\${words[0]}" in
  ci) exit 0 ;;
  start) exec ${main} start "\${words[@]:1}" ${hostOptions.join(' ')} ;;
  run)
    case "\${words[1]}" in
      qure-dropoff) exec ${main} "\${words[@]:2}" ;;
    esac ;;
esac
echo "expected npm ci, npm start or npm run qure-dropoff, got: $*" >&2
exit 2
`;
}

/** `<seriesInstanceUid>`: the only UID of the output before, as a reader copies it. */
function withUid(commands: string, lastOutput: string): string {
  if (!commands.includes('<seriesInstanceUid>')) return commands;
  const [uid, ...others] = new Set(lastOutput.match(/\b2\.25\.\d+\b/g));
  if (uid === undefined || others.length > 0) throw new Error(`expected one UID, got:\n${lastOutput}`);
  return commands.replaceAll('<seriesInstanceUid>', uid);
}

interface Running {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

function follow(child: ChildProcess): Running {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { child, output: () => output, ended };
}

/** As Ctrl-C does in a terminal. */
async function interrupt({ child, ended }: Running): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  await ended;
}

function freePort(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
}
