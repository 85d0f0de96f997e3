import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../../local/options/usage-error.ts';
import type { CommandSpec } from '../frame/command.ts';
import { counted } from '../output/counted.ts';
import { findGenerations } from '../verify/generation-folders.ts';
import { scanHashes } from '../verify/scan-hashes.ts';
import { type Verification, verifyGeneration } from '../verify/verify-generation.ts';

export const verify: CommandSpec = {
  name: 'verify',
  group: 'Results',
  summary: 'Checks downloaded results by their provenance.json',
  about: 'Nothing has to run, and nothing is sent. 0: all is as it was stored; 1: something differs.',
  operand: {
    name: 'FOLDER',
    help: 'the folder of a generation, or any folder above it',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    isPath: true,
  },
  options: [
    {
      name: 'scans',
      placeholder: 'DIR',
      value: { kind: 'text', what: 'the folder of the original DICOM files' },
      help: 'the original DICOM files: every instance has to be among them',
    },
  ],
  printsJson: true,
  check: (given) =>
    [...given.operands, ...given.all('scans')]
      .filter((path) => path !== '' && (!existsSync(path) || !statSync(path).isDirectory()))
      .map((path) => `${path}: expected a folder`),
  async run(given, world) {
    const folders = given.operands.flatMap((path) => findGenerations(path));
    if (folders.length === 0)
      throw new UsageError(['expected a folder with results, found none below the given paths']);
    const scansDir = given.text('scans');
    const scans = scansDir === undefined ? undefined : await scanHashes(scansDir);
    const verifications: Verification[] = [];
    for (const folder of folders) verifications.push(await verifyGeneration(folder, scans));
    const isSound = verifications.every(({ problems }) => problems.length === 0);
    const lines = given.has('json')
      ? [JSON.stringify({ generations: verifications })]
      : toText(verifications);
    for (const line of lines) world.print(line);
    return isSound ? 0 : 1;
  },
};

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
  return [
    ...lines,
    `${counted(verifications.length, 'generation')}, ${counted(differing, 'differs', 'differ')}`,
  ];
}
