import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ConsoleRouteDeps } from '../../api/console-route.ts';

/** Beside the bundle of this function; `infra/console-bundle.ts` puts it there. */
const FOLDER = new URL('./console/', import.meta.url);

/**
 * Reads a file at its first request, so that the start of the function does not wait for it. Stored are `<name>.br` and
 * `<name>.gz`.
 *
 * @param folder ends with a slash
 */
export function createConsoleFiles(folder: URL = FOLDER): ConsoleRouteDeps['readConsoleFile'] {
  const reads = new Map<string, Promise<Buffer | undefined>>();
  return async (name, encoding) => {
    const file = `${name}${encoding === 'br' ? '.br' : '.gz'}`;
    const read = reads.get(file) ?? contentOf(new URL(file, folder));
    // What is not there is not remembered: names of it are endless.
    if ((await read) !== undefined) reads.set(file, read);
    const content = await read;
    return content === undefined || encoding !== 'identity' ? content : promisify(gunzip)(content);
  };
}

async function contentOf(file: URL): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
