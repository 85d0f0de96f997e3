import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { storedAnswerDigest } from '../../functions/qure/stored-answer.ts';
import { hashFile } from '../verify/file-hash.ts';
import { NotWholeError } from './not-whole-error.ts';

/** What the provenance says of a file. */
export interface ExpectedFile {
  sizeBytes?: number | undefined;
  sha256?: string | undefined;
  answerDigest?: string | undefined;
}

/** The link has expired, or was never good: ask for new ones. */
export class LinkExpiredError extends Error {
  override name = 'LinkExpiredError';
}

export type FetchLink = (url: string, signal: AbortSignal) => Promise<Response>;

const NOT_WRITTEN = ': it is not written; run the command again, then see docs/provenance.md';

/** How the name of a file ends while it is downloaded. */
export const PART_FILE = /\.[0-9a-f]{8}\.part$/;

/** However long a file of some GB takes on a slow line; `fetch` itself ends it where nothing comes for five minutes. */
export const fetchLink: FetchLink = (url, signal) => fetch(url, { signal, redirect: 'error' });

/** Whether the file is there already, as it was stored. */
export async function isThere(path: string, expected: ExpectedFile): Promise<boolean> {
  if (expected.sha256 === undefined) return false;
  const found = await hashFile(path).catch(() => undefined);
  return found !== undefined && (await isAsStored(path, found, expected));
}

/**
 * Writes what the link gives to `path`: all of it or nothing, whatever ends this process. Only this user can read it.
 *
 * @returns its size
 * @throws LinkExpiredError, NotWholeError if it is not the file that was stored, or the system's error
 */
export async function downloadFile(
  { name, url, path, expected }: { name: string; url: string; path: string; expected: ExpectedFile },
  signal: AbortSignal,
  fetchLink: FetchLink,
): Promise<number> {
  const response = await fetchLink(url, signal);
  if (response.status === 403 || response.status === 400)
    throw new LinkExpiredError(`status ${response.status}`);
  if (!response.ok || response.body === null)
    throw new Error(`expected the file, got status ${response.status}`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // In the same folder, so that the rename is atomic; a name of its own, so that two commands do not share it.
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const found = await write(part, response.body);
    const told = response.headers.get('content-length');
    if (told !== null && Number(told) !== found.sizeBytes)
      throw new NotWholeError(`${name}: expected ${told} bytes, got ${found.sizeBytes}${NOT_WRITTEN}`);
    if (expected.sha256 !== undefined && !(await isAsStored(part, found, expected)))
      throw new NotWholeError(`${name}: expected the SHA-256 of provenance.json, got another${NOT_WRITTEN}`);
    await rename(part, path);
    return found.sizeBytes;
  } finally {
    await rm(part, { force: true });
  }
}

async function write(
  path: string,
  body: AsyncIterable<Uint8Array>,
): Promise<{ sizeBytes: number; sha256: string }> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      await file.writeFile(chunk);
    }
    // The rename must not reach the disk before the content.
    await file.sync();
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function isAsStored(
  path: string,
  found: { sizeBytes: number; sha256: string },
  { sizeBytes, sha256, answerDigest }: ExpectedFile,
): Promise<boolean> {
  if (found.sha256 === sha256) return sizeBytes === undefined || sizeBytes === found.sizeBytes;
  // A second run of a message may have stored the same answer with other links.
  return answerDigest !== undefined && storedAnswerDigest(await readFile(path)) === answerDigest;
}
