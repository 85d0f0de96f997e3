import { DataDirInUseError } from '../../local/cloud/data-dir-lock.ts';
import { DropError } from '../../local/drop/put-items.ts';
import { startHost } from '../../local/host/host.ts';
import { runHost } from '../../local/host/run.ts';
import { SynthesisError } from '../../local/host/synthesize.ts';
import { watchAncestors } from '../../local/host/watch-ancestors.ts';
import { watchQure } from '../../local/host/watch-qure.ts';
import { checkPaths } from '../../local/options/check-paths.ts';
import { type Options, UsageError } from '../../local/options.ts';
import { createProgress } from '../../local/progress/create-progress.ts';

const EXIT_USAGE = 2;

/** Runs the whole pipeline on this machine until it is stopped, or with `once` until all is final; then ends this process. */
export async function runStart(options: Options): Promise<never> {
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  try {
    await checkPaths(options);
    // Scans and results: only the user of this process may read what it and its children write, also the files of SQLite
    // and LevelDB.
    process.umask(0o077);
    process.exit(await run(options));
  } catch (error) {
    fail(error);
  }
}

async function run(options: Options): Promise<number> {
  const ending = new AbortController();
  let endedBy: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      endedBy = signal;
      ending.abort();
    });
  }
  watchAncestors(process.env, (how) => {
    if (how === 'grandparent_killed') process.exit(1);
    endedBy = 'SIGTERM';
    ending.abort();
  });
  const progress = createProgress({ stream: process.stdout, env: process.env, now: () => new Date() });
  for (const note of options.notes) progress.note(note);
  const host = await startHost(options, process.env, (line) => progress.note(line));
  try {
    progress.note(
      host.qure === 'simulator'
        ? 'Qure:     SIMULATOR. Results are simulated and mean nothing. Set QURE_BASE_URL, QURE_TOKEN and QURE_SOURCE for the real one.'
        : `Qure:     ${host.qure}`,
    );
    if (host.qure !== 'simulator' && host.simulatedSources.size > 0) {
      const names = [...host.simulatedSources].join(', ');
      progress.note(`Qure:     SIMULATOR for ${names}. Their results are simulated and mean nothing.`);
    }
    void watchQure({
      sources: host.sources,
      env: process.env,
      note: (line) => progress.note(line),
      isAtQure: () => host.watch.views().some(({ state }) => state === 'UPLOADING' || state === 'COMPUTING'),
      signal: ending.signal,
    });
    progress.note(`Console:  ${host.console.url}`);
    if (!options.once) void askFirst(host.console.url);
    progress.note(
      `Drop:     aws --endpoint-url ${host.cloud.endpoints.s3} s3 cp scan/ ${host.dropUrl} --recursive`,
    );
    const exitCode = await runHost(host, options, progress, ending.signal);
    if (endedBy === undefined) return exitCode;
    // A running host ends regularly in this way; a run with `--once` was interrupted.
    return options.once ? 1 : 0;
  } finally {
    progress.stop();
    await host.stop();
  }
}

/**
 * What the page asks first, before a person opens it: the function of the API starts meanwhile, which takes half a second. What goes
 * wrong is told when somebody asks.
 */
async function askFirst(url: string): Promise<void> {
  try {
    await (await fetch(new URL('v1/studies?triage=critical&limit=20', url))).body?.cancel();
  } catch {}
}

/** Mistakes that a user can correct have one line each; any other error is a bug and shows its stack. */
function explain(error: unknown): string[] | undefined {
  if (error instanceof UsageError) return [...error.problems];
  if (error instanceof DataDirInUseError || error instanceof DropError || error instanceof SynthesisError) {
    return [error.message];
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EADDRINUSE':
      return [
        `a port is in use (${portOf(error)}): stop the other program, or choose others by --port and --s3-port`,
      ];
    case 'EACCES':
      return [`no permission (${portOf(error)}): choose another port or folder`];
    case 'ENOSPC':
      return ['the disk is full: free some space; the next start with the same --data-dir resumes the work'];
    default:
      return undefined;
  }
}

function portOf(error: unknown): string {
  return error instanceof Error && 'port' in error ? `127.0.0.1:${String(error.port)}` : String(error);
}

function fail(error: unknown): never {
  const lines = explain(error);
  if (lines === undefined) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  else process.stderr.write(lines.map((line) => `qure-dropoff: ${line}\n`).join(''));
  process.exit(EXIT_USAGE);
}
