import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UsageError } from '../options/usage-error.ts';
import { findGenerations } from '../verify/generation-folders.ts';
import { scanHashes } from '../verify/scan-hashes.ts';
import { type Verification, verifyGeneration } from '../verify/verify-generation.ts';
import type { Command } from './run-command.ts';

const HELP = `npm run verify -- FOLDER... [options]

Checks downloaded results by their provenance.json. Nothing has to run, and nothing is sent.

  FOLDER       the folder of a generation, or any folder above it
  --scans DIR  the original DICOM files: every instance has to be among them
  --json       print JSON
  --help       print this

Exit: 0 all is as it was stored, 1 something differs, 2 wrong use`;

/** `npm run verify` */
export const verify: Command = async (argv, world) => {
  const { values, positionals } = readArguments(argv);
  if (values.help === true) {
    world.print(HELP);
    return 0;
  }
  const folders = positionals.flatMap((path) => findGenerations(path));
  if (folders.length === 0)
    throw new UsageError(['expected a folder with results, found none below the given paths']);
  const scans = values.scans === undefined ? undefined : await scanHashes(values.scans);
  const verifications: Verification[] = [];
  for (const folder of folders) verifications.push(await verifyGeneration(folder, scans));
  const isSound = verifications.every(({ problems }) => problems.length === 0);
  const lines =
    values.json === true ? [JSON.stringify({ generations: verifications })] : toText(verifications);
  for (const line of lines) world.print(line);
  return isSound ? 0 : 1;
};

/** @throws UsageError */
function readArguments(argv: readonly string[]) {
  const parsed = parse(argv);
  const { values, positionals } = parsed;
  if (values.help === true) return parsed;
  const problems = [
    ...(positionals.length === 0 ? ['expected a folder, got none; --help says more'] : []),
    ...[...positionals, ...(values.scans === undefined ? [] : [values.scans])]
      .filter((path) => !existsSync(path) || !statSync(path).isDirectory())
      .map((path) => `${path}: expected a folder`),
  ];
  if (problems.length > 0) throw new UsageError(problems);
  return parsed;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { scans: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError([`${message.split('. ')[0]}; --help lists the options`]);
  }
}

function toText(verifications: readonly Verification[]): string[] {
  const lines = verifications.flatMap(({ folder, problems, notes }) => [
    `${problems.length === 0 ? 'OK      ' : 'DIFFERS '} ${folder}`,
    ...problems.map(
      ({ kind, subject, detail }) =>
        `         ${kind}${subject === undefined ? '' : ` ${subject}`}: ${detail}`,
    ),
    ...notes.map((note) => `         note: ${note}`),
  ]);
  const differing = verifications.filter(({ problems }) => problems.length > 0).length;
  return [...lines, `${verifications.length} generation(s), ${differing} differ`];
}
