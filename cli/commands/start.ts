import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../local/options/usage-error.ts';
import type { CommandSpec } from '../frame/command.ts';
import { START_ROWS } from '../start/option-rows.ts';
import { startOptions, startProblems } from '../start/start-options.ts';

/** The host runs the functions of this repository, with Node's own SQLite: it is not in the package. */
const HOST = new URL('../start/run-start.ts', import.meta.url);
const LEAST_NODE = 24;

export const start: CommandSpec = {
  name: 'start',
  group: 'Scans',
  summary: 'Starts everything on this machine, and drops scans',
  about: `Starts an embedded cloud (S3, SQS, DynamoDB on 127.0.0.1), the pipeline and the console, and drops the given
files, folders and zip archives. Without a path it drops generated sample studies. npm start is short for it.
--name VALUE or --name=VALUE; SECONDS may have decimals, 0.5 for half a second.

Environment:
  QURE_BASE_URL, QURE_TOKEN, QURE_SOURCE: where and as whom to reach Qure; all three, or none. Without them a
  bundled simulator answers: its results mean nothing.

With --once: 0 everything dropped and all series DONE, SKIPPED or UNSUPPORTED; 1 a file was not dropped, or a
series FAILED or was not finished. An unreadable path or a port in use: 2.

Stopping it at any moment loses nothing: the next start with the same --data-dir resumes it.`,
  operand: {
    name: 'PATH',
    help: 'files, folders and zip archives to drop',
    least: 0,
    most: Number.POSITIVE_INFINITY,
    isPath: true,
  },
  options: START_ROWS,
  check: startProblems,
  async run(given, { env }) {
    const options = startOptions(given, env);
    if (!existsSync(HOST)) {
      throw new UsageError([
        'the host is not in the npm package: run npm ci and npm start in a clone of its repository',
      ]);
    }
    if (Number.parseInt(process.versions.node, 10) < LEAST_NODE) {
      throw new UsageError([
        `the host needs Node.js ${LEAST_NODE}, got ${process.versions.node}: run npm start in ${fileURLToPath(new URL('../..', import.meta.url))}, which has it`,
      ]);
    }
    const { runStart } = (await import(HOST.href)) as typeof import('../start/run-start.ts');
    return runStart(options);
  },
};
