import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Provenance } from '../../functions/results/provenance-schema.ts';
import { COMPUTE_FILE } from '../../functions/series/result-keys.ts';
import { namesBelow } from '../verify/generation-folders.ts';
import { PART_FILE } from './download-file.ts';
import { NotWholeError } from './not-whole-error.ts';

/** An asset of another study or patient: the API never lists it. */
const HELD_APART = /^mismatch\//;
const NAMED_AT_MOST = 3;

/**
 * Compares the names below a downloaded folder with those of its provenance. `besides`: the name of the provenance there.
 *
 * @throws NotWholeError with what is missing, and what is of something else
 */
export async function checkFolder(folder: string, { files }: Provenance, besides: string): Promise<void> {
  const there = await withoutParts(folder);
  const listed = new Set(files.map(({ name }) => name));
  const missing = [...listed].filter(
    (name) => !there.includes(name) && !HELD_APART.test(name) && name !== COMPUTE_FILE,
  );
  if (missing.length > 0)
    throw new NotWholeError(
      `expected every file of provenance.json, ${shown(missing)} not in the list of the API: copy the folder from the results bucket`,
    );
  // An operating system adds its own hidden files to a folder that is looked at.
  const strange = there.filter(
    (name) => !listed.has(name) && name !== besides && !basename(name).startsWith('.'),
  );
  if (strange.length > 0)
    throw new NotWholeError(
      `expected only the files of provenance.json in ${folder}, ${shown(strange)} not among them: move what is of something else away, or choose another --out`,
    );
}

/** Removes what a download that was killed left. One that still runs begins its file again. */
async function withoutParts(folder: string): Promise<string[]> {
  const names = namesBelow(folder);
  const parts = names.filter((name) => PART_FILE.test(name));
  for (const part of parts) await rm(join(folder, ...part.split('/')), { force: true });
  return names.filter((name) => !PART_FILE.test(name));
}

/** `files/pdf/0 is`, or `files/pdf/0, files/pdf/1, files/pdf/2 and 5 more are` */
function shown(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  const text = names.slice(0, NAMED_AT_MOST).join(', ');
  return `${text}${more > 0 ? ` and ${more} more` : ''} ${names.length === 1 ? 'is' : 'are'}`;
}
