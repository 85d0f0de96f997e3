import type { Readable } from 'node:stream';
import type { QureClient } from '../adapters/qure/client.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import type { ResultsBucket } from '../core/ports.ts';
import { storedContentType } from '../core/qure/asset-type.ts';
import { isLoopbackBaseUrl } from '../core/qure/base-url.ts';
import type { ReadyResult } from '../core/qure/results-answer.ts';
import { assetFile } from '../core/result-keys.ts';
import type { QureCredentials } from '../core/source.ts';

export interface AssetDeps {
  qure: Pick<QureClient, 'fetchAsset'>;
  results: ResultsBucket;
  /** Fires after so many milliseconds: the download is given up then. */
  timeoutSignal(ms: number): AbortSignal;
}

export interface StoredAssets {
  /** Names below the generation's folder, those that were there before included. */
  stored: string[];
  /** Links that object storage refused: results fetched again bring new ones. */
  expired: string[];
  /** Links that must not be fetched, and why. */
  refused: { file: string; reason: string }[];
  /** Downloads that broke; worth another try. */
  broken: { file: string; cause: string }[];
  isOutOfTime: boolean;
}

const DOWNLOADS_AT_ONCE = 4;
/** Less than this, and the rest is for the next run. */
const RESERVE_MS = 45_000;

/**
 * Downloads every asset of a result into the generation's folder, streaming. The links lie on another host: no header of ours
 * goes there (`fetchAsset`).
 */
export async function storeAssets(
  deps: AssetDeps,
  credentials: QureCredentials,
  folder: string,
  result: ReadyResult,
  options: { sopInstanceUid?: string; alreadyStored: ReadonlySet<string>; remainingMs(): number },
): Promise<StoredAssets> {
  const allowLoopbackHttp = isLoopbackBaseUrl(credentials.baseUrl);
  const assets = result.files.flatMap(({ type, urls }) =>
    urls.map((url, index) => ({ url, file: assetFile(type, index, options.sopInstanceUid) })),
  );
  const outcome: StoredAssets = { stored: [], expired: [], refused: [], broken: [], isOutOfTime: false };
  await mapConcurrently(assets, DOWNLOADS_AT_ONCE, async ({ url, file }) => {
    if (options.alreadyStored.has(folder + file)) {
      outcome.stored.push(file);
      return;
    }
    if (options.remainingMs() < RESERVE_MS) {
      outcome.isOutOfTime = true;
      return;
    }
    const signal = deps.timeoutSignal(options.remainingMs() - RESERVE_MS / 2);
    const fetched = await deps.qure.fetchAsset(url, { allowLoopbackHttp, signal });
    switch (fetched.kind) {
      case 'asset': {
        const cause = await put(
          deps.results,
          folder + file,
          fetched.stream,
          storedContentType(fetched.contentType),
        );
        if (cause === undefined) outcome.stored.push(file);
        else outcome.broken.push({ file, cause });
        return;
      }
      case 'expired':
        outcome.expired.push(file);
        return;
      case 'refused':
        outcome.refused.push({ file, reason: fetched.reason });
        return;
      case 'transient':
        outcome.broken.push({ file, cause: fetched.cause });
        return;
      default:
        return fetched satisfies never;
    }
  });
  outcome.stored.sort();
  return outcome;
}

/** What went wrong, if anything. A body that breaks leaves no object: S3 takes an upload whole or not at all. */
async function put(
  results: ResultsBucket,
  key: string,
  stream: Readable,
  contentType: string,
): Promise<string | undefined> {
  try {
    await results.putStream(key, stream, contentType);
    return undefined;
  } catch (error) {
    stream.destroy();
    return error instanceof Error ? error.name : 'unknown';
  }
}
