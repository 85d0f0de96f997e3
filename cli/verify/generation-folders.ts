import { type Dirent, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The downloaded folder of one generation. */
export interface GenerationFolder {
  path: string;
  /** Names of its files below it, with `/` between the parts, in order. */
  files: string[];
  /** An entry that is neither a file nor a folder, such as a link: never followed. */
  strange: string[];
}

const RESULT = /^(?:provenance|result(?:\.[0-9.]+)?|compute)\.json$/;

/** Every folder at or below `path` with a result. Links are not followed. */
export function findGenerations(path: string): GenerationFolder[] {
  const entries = readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const isGeneration = entries.some((entry) => !entry.isDirectory() && RESULT.test(entry.name));
  if (isGeneration) return [contentOf(path)];
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => findGenerations(join(path, entry.name)));
}

function contentOf(path: string): GenerationFolder {
  const entries = filesBelow(path);
  const named = (isFile: boolean) =>
    entries
      .filter((entry) => entry.isFile() === isFile)
      .map((entry) => nameOf(path, entry))
      .toSorted();
  return { path, files: named(true), strange: named(false) };
}

/** The name of everything below a folder but folders, with `/` between the parts. */
export function namesBelow(path: string): string[] {
  return filesBelow(path).map((entry) => nameOf(path, entry));
}

function nameOf(path: string, entry: Dirent): string {
  return relative(path, join(entry.parentPath, entry.name)).split(sep).join('/');
}

/** Everything below a folder, without folders. */
export function filesBelow(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [entry],
  );
}
