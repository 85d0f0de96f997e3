import { setTimeout as sleep } from 'node:timers/promises';
import { ApiCallError } from '../target/api-answer.ts';
import { type LinkContent, putByLink, UnreadableContentError } from './put-by-link.ts';

/** Where a content goes. */
export interface LinkSupply {
  url(): Promise<string>;
  /** After S3 has refused `url`. The same again if there is no other. */
  anew(url: string): Promise<string>;
}

const ATTEMPTS = 3;
/** After the first try; longer by as much after each further one. */
const WAIT_MS = 1000;

/**
 * Sends a content until S3 has it: the same bytes, so to send them again changes nothing. S3 answers 403 to a link that has
 * expired, 400 to one whose session has ended (ExpiredToken), and 400 also to a connection that stalls (RequestTimeout): both get a
 * new link. A new link that is answered with 403 will not get through.
 *
 * @throws UnreadableContentError, ApiCallError, or the signal's reason
 */
export async function putWithRetries(
  links: LinkSupply,
  content: LinkContent,
  signal: AbortSignal,
): Promise<void> {
  let url = await links.url();
  let isNew = false;
  for (let attempt = 1; ; attempt += 1) {
    const status = await putByLink(url, content, signal).catch((error: unknown) => {
      if (error instanceof UnreadableContentError) throw error;
      signal.throwIfAborted();
      if (attempt === ATTEMPTS)
        throw new ApiCallError('expected S3 to take a file, and it was not reached: run the command again', {
          cause: error,
        });
      return undefined;
    });
    if (status !== undefined && status >= 200 && status < 300) return;
    const isOfLink = status === 400 || status === 403;
    const mayPass = status === undefined || status >= 500 || status === 400 || (status === 403 && !isNew);
    if (!mayPass || attempt === ATTEMPTS)
      throw new ApiCallError(
        `expected S3 to take a file by its link, got status ${status}: see docs/api.md (upload links), then run the command again`,
      );
    await sleep(attempt * WAIT_MS, undefined, { signal });
    if (isOfLink) url = await links.anew(url);
    isNew = isOfLink;
  }
}
