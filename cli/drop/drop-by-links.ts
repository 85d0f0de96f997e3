import { Readable } from 'node:stream';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { DropItem, OnProblem } from '../../local/drop/drop-item.ts';
import { counted } from '../output/counted.ts';
import { ApiCallError } from '../target/api-answer.ts';
import type { CallApi } from '../target/call-api.ts';
import { UnreadableContentError } from './put-by-link.ts';
import { type LinkSupply, putWithRetries } from './put-with-retries.ts';
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
 * @throws ApiCallError also where the signal has ended it before the last file and the marker were there
 */
export async function dropByLinks(
  items: AsyncIterable<DropItem>,
  options: LinkOptions,
  wantsMarker: () => boolean,
): Promise<{ stored: number; unchanged: number; bytes: number; hasMarker: boolean }> {
  const { signal } = options;
  const all: DropItem[] = [];
  const sums = { stored: 0, unchanged: 0, bytes: 0, hasMarker: false };
  try {
    for await (const item of items) {
      all.push(item);
      signal.throwIfAborted();
    }
    let made: z.output<typeof links> | undefined;
    let requests = 0;
    const ask = async (count: number) => {
      const request = { source: options.source, count, expiresInSeconds: 3600 };
      const body = { ...request, withMarker: true, ...defined({ folder: made?.folder }) };
      made = links.parse(await options.call({ method: 'POST', path: '/v1/uploads', body }));
      requests += 1;
      return made;
    };
    for (const part of partsOf(all)) {
      signal.throwIfAborted();
      const supplyOf = linksOf(part.length, ask);
      const pairs = part.map((item, at) => ({ item, supply: supplyOf(at) }));
      await mapConcurrently(pairs, options.concurrency, async (pair) => {
        const size = await putOne(pair, options);
        if (size === undefined) return;
        sums.stored += 1;
        sums.bytes += size;
        options.onProgress(sums);
      });
    }
    const { marker, folder } = made ?? {};
    if (wantsMarker() && marker !== undefined && (requests === 1 || folder !== undefined)) {
      signal.throwIfAborted();
      // The last files may have taken longer than a link is good for.
      const url = async () => (folder === undefined ? marker : ((await ask(1)).marker ?? marker)).url;
      const body = Buffer.from(options.tally.markerBody());
      const open = async () => Readable.from([body], { objectMode: false });
      await putWithRetries({ url, anew: url }, { sizeBytes: body.length, open }, signal);
      sums.hasMarker = true;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    const dropped = counted(sums.stored, 'file');
    throw new ApiCallError(
      `ended before it was done, with ${dropped} dropped and no marker; run it again: by links all are sent again`,
      { cause: error },
    );
  }
  return sums;
}

/** The links of one request end together: where one has, all are made anew, and those that wait use theirs. */
function linksOf(
  count: number,
  ask: (count: number) => Promise<z.output<typeof links>>,
): (at: number) => LinkSupply {
  let made: ReturnType<typeof ask> | undefined;
  const urlAt = async (at: number) => {
    made ??= ask(count);
    return (await made).uploads[at]?.url ?? '';
  };
  return (at) => ({
    url: () => urlAt(at),
    async anew(refused) {
      const earlier = made;
      // Several files at once may be refused.
      if ((await urlAt(at)) === refused && made === earlier) made = undefined;
      return urlAt(at);
    },
  });
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
  { item, supply }: { item: DropItem; supply: LinkSupply },
  { onProblem, signal }: LinkOptions,
): Promise<number | undefined> {
  if (item.sizeBytes > MOST_BYTES) {
    onProblem({ path: item.path, reason: 'expected at most 5 GiB for a link, got more: use --stack' });
    return undefined;
  }
  try {
    await putWithRetries(supply, item, signal);
    return item.sizeBytes;
  } catch (error) {
    if (!(error instanceof UnreadableContentError)) throw error;
    const reason = `expected to read it to its end, got: ${error.message}: not dropped`;
    onProblem({ path: item.path, reason });
    return undefined;
  }
}
