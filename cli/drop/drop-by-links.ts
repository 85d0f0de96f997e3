import { Readable } from 'node:stream';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { DropItem, OnProblem } from '../../local/drop/drop-item.ts';
import { ApiCallError } from '../target/api-answer.ts';
import type { CallApi } from '../target/call-api.ts';
import { type LinkContent, putByLink, UnreadableContentError } from './put-by-link.ts';
import type { ScanTally } from './tally.ts';

const link = z.object({ url: z.string() });
const links = z.object({
  uploads: z.array(link),
  marker: z.optional(link),
  /** An API of an earlier version tells none: each request has a folder of its own there. */
  folder: z.optional(z.string()),
});

/** As many as one request makes. */
const LINKS_A_REQUEST = 1000;
/** A link is good for an hour: so much goes in a quarter of one on a line of 10 Mbit/s. */
const BYTES_A_REQUEST = 1024 ** 3;
const ATTEMPTS = 3;
/** S3 takes no more in one PUT. */
const MOST_BYTES = 5 * 1024 ** 3;

export interface LinkOptions {
  call: CallApi;
  source: string;
  tally: ScanTally;
  onProblem: OnProblem;
  onProgress(sums: { stored: number; unchanged: number; bytes: number }): void;
  signal: AbortSignal;
  concurrency: number;
}

/**
 * Uploads by links, for a caller who may call the API and not write the bucket. Its requests name one folder, so that one marker
 * covers everything. Where the API knows no folders, a series may be in two of them: no marker then, and the quiet period decides.
 *
 * @returns what was uploaded, and whether the marker was written
 */
export async function dropByLinks(
  items: AsyncIterable<DropItem>,
  options: LinkOptions,
  wantsMarker: () => boolean,
): Promise<{ stored: number; unchanged: number; bytes: number; hasMarker: boolean }> {
  const all: DropItem[] = [];
  for await (const item of items) all.push(item);
  const sums = { stored: 0, unchanged: 0, bytes: 0, hasMarker: false };
  try {
    let made: z.output<typeof links> | undefined;
    const ask = async (count: number) => {
      const request = { source: options.source, count, expiresInSeconds: 3600 };
      const body = { ...request, withMarker: true, ...defined({ folder: made?.folder }) };
      made = links.parse(await options.call({ method: 'POST', path: '/v1/uploads', body }));
      return made;
    };
    const parts = partsOf(all);
    for (const part of parts) {
      if (options.signal.aborted) break;
      const { uploads } = await ask(part.length);
      const pairs = part.map((item, index) => ({ item, url: uploads[index]?.url ?? '' }));
      await mapConcurrently(pairs, options.concurrency, async (pair) => {
        const size = await putOne(pair, options);
        if (size === undefined) return;
        sums.stored += 1;
        sums.bytes += size;
        options.onProgress(sums);
      });
    }
    const isInOneFolder = parts.length <= 1 || made?.folder !== undefined;
    if (wantsMarker() && isInOneFolder && made?.marker !== undefined && !options.signal.aborted) {
      // The last files may have taken longer than a link is good for.
      const { marker: link = made.marker } = made.folder === undefined ? made : await ask(1);
      const body = Buffer.from(options.tally.markerBody());
      const marker = {
        sizeBytes: body.length,
        open: async () => Readable.from([body], { objectMode: false }),
      };
      await put(link.url, marker, options.signal);
      sums.hasMarker = true;
    }
  } finally {
    for (const item of all) item.release();
  }
  return sums;
}

/** In order; each of at least one. */
function partsOf(items: readonly DropItem[]): DropItem[][] {
  const parts: DropItem[][] = [];
  let bytes = 0;
  for (const item of items) {
    const part = parts.at(-1);
    const isFull =
      part !== undefined && (part.length === LINKS_A_REQUEST || bytes + item.sizeBytes > BYTES_A_REQUEST);
    if (part === undefined || isFull) {
      parts.push([item]);
      bytes = item.sizeBytes;
    } else {
      part.push(item);
      bytes += item.sizeBytes;
    }
  }
  return parts;
}

async function putOne(
  { item, url }: { item: DropItem; url: string },
  { onProblem, signal }: LinkOptions,
): Promise<number | undefined> {
  if (item.sizeBytes > MOST_BYTES) {
    onProblem({ path: item.path, reason: 'expected at most 5 GiB for a link, got more: use --stack' });
    return undefined;
  }
  try {
    await put(url, item, signal);
    return item.sizeBytes;
  } catch (error) {
    if (!(error instanceof UnreadableContentError)) throw error;
    const reason = `expected to read it to its end, got: ${error.message}: not dropped`;
    onProblem({ path: item.path, reason });
    return undefined;
  }
}

/** The same bytes under the same key: to send them again changes nothing. */
async function put(url: string, content: LinkContent, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const status = await putByLink(url, content, signal).catch((error: unknown) => {
      if (error instanceof UnreadableContentError) throw error;
      if (attempt === ATTEMPTS || signal.aborted)
        throw new ApiCallError('expected S3 to take a file, and it was not reached: run the command again', {
          cause: error,
        });
      return undefined;
    });
    if (status !== undefined && status >= 200 && status < 300) return;
    if (status !== undefined && (status < 500 || attempt === ATTEMPTS))
      throw new ApiCallError(
        `expected S3 to take a file by its link, got status ${status}: a link ends with the session that signed it (docs/api.md); run the command again`,
      );
  }
}
