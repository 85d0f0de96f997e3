import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What goes by a link: read anew for each try. */
export interface LinkContent {
  sizeBytes: number;
  open(): Promise<Readable>;
}

/** The file could not be read, or is not as long as it was when it was listed. */
export class UnreadableContentError extends Error {
  override name = 'UnreadableContentError';
}

/** For each moment in which nothing goes on, not for the whole file: five GiB take hours on a slow line. */
const STALL_MS = 2 * 60_000;

/**
 * Sends a content as it is read, and never holds more of it than a chunk. Not by `fetch`, which gives a stream no length: S3 takes
 * nothing without one.
 *
 * @returns the status of the answer
 * @throws UnreadableContentError, or what the network says
 */
export async function putByLink(
  url: string,
  { sizeBytes, open }: LinkContent,
  signal: AbortSignal,
  stallMs = STALL_MS,
): Promise<number> {
  const opened = await open().catch(unreadable);
  const { request: send } = url.startsWith('https:') ? https : http;
  const headers = { 'content-length': sizeBytes };
  const request = send(url, { method: 'PUT', headers, signal, timeout: stallMs });
  request.once('timeout', () =>
    request.destroy(new Error(`expected a file to be taken on, got nothing for ${stallMs / 1000} s`)),
  );
  const answered = new Promise<number>((resolve, reject) => {
    request.once('response', (response) => {
      response.on('error', () => {}).resume();
      const { statusCode = 0 } = response;
      // A refusal may come before the last byte. A success that does is not S3's.
      if (statusCode >= 300 || request.writableEnded) return resolve(statusCode);
      const early = new Error(`expected an answer to the whole file, got ${statusCode} before its end`);
      request.destroy(early);
      return reject(early);
    });
    request.once('error', reject);
  });
  const content = Readable.from(exactly(opened, sizeBytes), { objectMode: false });
  const readError = pipeline(content, request).then(
    () => undefined,
    (error: unknown) => (error instanceof UnreadableContentError ? error : undefined),
  );
  try {
    return await answered;
  } catch (error) {
    // A file that gives nothing would not end its reading.
    opened.destroy();
    throw (await readError) ?? error;
  } finally {
    opened.destroy();
  }
}

/** The last chunk waits for the end of the file: a part of one that has grown must not pass for all of it. */
async function* exactly(content: Readable, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let last: Uint8Array | undefined;
  try {
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > sizeBytes) throw new Error(`expected ${sizeBytes} bytes, got more`);
      if (last !== undefined) yield last;
      last = chunk;
    }
  } catch (error) {
    unreadable(error);
  }
  if (bytes < sizeBytes) unreadable(new Error(`expected ${sizeBytes} bytes, got ${bytes}`));
  if (last !== undefined) yield last;
}

function unreadable(cause: unknown): never {
  throw new UnreadableContentError(cause instanceof Error ? cause.message : 'an unknown error', { cause });
}
