import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Options } from '../options.ts';
import { UsageError } from './usage-error.ts';

/**
 * Checks every file and folder of the options before anything is started. Throws UsageError with one line for each that
 * cannot be used.
 */
export async function checkPaths(
  options: Pick<Options, 'paths' | 'jsonFile' | 'configFile' | 'dataDir'>,
): Promise<void> {
  const problems = await Promise.all([
    ...options.paths.map((path) => inputProblem(path)),
    options.configFile === undefined ? undefined : configProblem(options.configFile),
    options.jsonFile === undefined ? undefined : reportProblem(options.jsonFile),
    dataDirProblem(options.dataDir),
  ]);
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new UsageError(found);
}

async function inputProblem(path: string): Promise<string | undefined> {
  const shown = JSON.stringify(path);
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) await access(path, constants.R_OK | constants.X_OK);
    else if (stats.isFile()) await access(path, constants.R_OK);
    else
      return `${shown}: expected a file, a folder or a zip archive, got a device, pipe or socket: leave it out`;
    return undefined;
  } catch (error) {
    return `${shown}: expected a readable file, folder or zip archive, got ${causeOf(error)}: check the path and its permissions`;
  }
}

async function configProblem(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isFile()) return undefined;
    return `--config: expected a sources file, got a folder: name the file in it`;
  } catch (error) {
    return `--config ${JSON.stringify(path)}: expected a readable file, got ${causeOf(error)}: check the path and its permissions`;
  }
}

async function reportProblem(path: string): Promise<string | undefined> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) return `--json: expected a file name, got a folder: name a file in it`;
  try {
    await access(existing === undefined ? dirname(resolve(path)) : path, constants.W_OK);
    return undefined;
  } catch (error) {
    return `--json ${JSON.stringify(path)}: expected a writable place, got ${causeOf(error)}: choose a folder that exists and can be written`;
  }
}

/** The folder is created if it is missing, so the nearest existing one must be writable. */
async function dataDirProblem(path: string): Promise<string | undefined> {
  let nearest = resolve(path);
  for (;;) {
    const stats = await stat(nearest).catch(() => undefined);
    if (stats !== undefined) {
      if (!stats.isDirectory()) {
        return `--data-dir ${JSON.stringify(path)}: expected a folder, got a file in the path: choose another place`;
      }
      break;
    }
    if (dirname(nearest) === nearest) break;
    nearest = dirname(nearest);
  }
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `--data-dir ${JSON.stringify(path)}: expected a writable place, got ${causeOf(error)}: choose another folder`;
  }
}

const CAUSES: Record<string, string | undefined> = {
  ENOENT: 'no file or folder with this name',
  ENOTDIR: 'a file instead of a folder',
  EISDIR: 'a folder instead of a file',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'a full disk',
  EROFS: 'a read-only file system',
  ELOOP: 'a cycle of links',
  ENAMETOOLONG: 'a name that is too long',
};

/** A file system error as text for users. */
export function causeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  return CAUSES[code] ?? code;
}
