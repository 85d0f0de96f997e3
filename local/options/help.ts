import { OPTION_ROWS, type OptionRow } from './option-table.ts';

const BEFORE = `qure-dropoff: drop scans into a bucket; Qure.ai's findings come back automatically.

Usage: npm start -- [paths...] [options]

Starts an embedded cloud (S3, SQS, DynamoDB on 127.0.0.1), the pipeline and the console, and drops the given
files, folders and zip archives. Without a path it drops generated sample studies.

Options (--name VALUE or --name=VALUE; SECONDS may have decimals, 0.5 for half a second):`;

const AFTER = `Environment:
  QURE_BASE_URL, QURE_TOKEN, QURE_SOURCE   where and as whom to reach Qure; all three, or none.
                                           Without them a bundled simulator answers: its results mean nothing.

Exit codes: 0 stopped, or with --once everything dropped and all series DONE, SKIPPED or UNSUPPORTED
            1 with --once: a file was not dropped, or a series FAILED or was not finished
            2 wrong usage, an unreadable path, a port in use

Stopping it at any moment loses nothing: the next start with the same --data-dir resumes it.`;

const LEFT_COLUMN = 33;

/** What `--help` prints, without a final line feed; at most 110 characters a line. */
export function helpText(): string {
  return [BEFORE, ...OPTION_ROWS.map(helpLine), '', AFTER].join('\n');
}

function helpLine({ name, placeholder, help }: OptionRow): string {
  const left = placeholder === undefined ? `  --${name}` : `  --${name} ${placeholder}`;
  return left.length < LEFT_COLUMN
    ? `${left.padEnd(LEFT_COLUMN)} ${help}`
    : `${left}\n${' '.repeat(LEFT_COLUMN)} ${help}`;
}
