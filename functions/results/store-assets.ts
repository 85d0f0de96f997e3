import type { AssetIdentity } from '../instances/identity.ts';
import type { LoadPatientHasher } from '../instances/patient-hash.ts';
import { storedContentType } from '../qure/asset-type.ts';
import type { AssetRefusal } from '../qure/asset-url.ts';
import { isLoopbackBaseUrl } from '../qure/base-url.ts';
import type { AssetOutcome } from '../qure/client/asset-download.ts';
import type { QureClient } from '../qure/client/client.ts';
import type { QureCredentials } from '../qure/credentials.ts';
import type { ReadyResult } from '../qure/results-answer.ts';
import { assetFile, mismatchFile } from '../series/result-keys.ts';
import type { ResultsBucket } from '../series/results-bucket.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import { type OpenedAsset, openAsset } from './open-asset.ts';

type FetchedAsset = Extract<AssetOutcome, { kind: 'asset' }>;

export interface AssetDeps {
  qure: Pick<QureClient, 'fetchAsset'>;
  results: ResultsBucket;
  loadPatientHasher: LoadPatientHasher;
  /** Fires after so many milliseconds: the download is given up then. */
  timeoutSignal(ms: number): AbortSignal;
}

export interface StoredAssets {
  /** Names below the generation's folder, those that were there before included. */
  stored: string[];
  /** Links that object storage refused: results fetched again bring new ones. */
  expired: string[];
  /** Links that must not be followed, and why. `isReachable`: one that was, and led nowhere in bounds. */
  refused: { file: string; reason: string; isReachable: boolean }[];
  /** DICOM files of another study or patient; they lie apart (`mismatchFile`). */
  foreign: string[];
  /** Downloads that broke; worth another try. */
  broken: { file: string; cause: string }[];
  isOutOfTime: boolean;
}

export interface AssetOptions {
  sopInstanceUid?: string;
  /** Whether a DICOM file among the assets is of none of the instances that the result was computed from. */
  isForeign(asset: AssetIdentity): Promise<boolean>;
  alreadyStored: ReadonlySet<string>;
  remainingMs(): number;
}

/** What is found only on following a link. */
const OUT_OF_BOUNDS: readonly AssetRefusal[] = ['too_large', 'too_many_redirects'];
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
  options: AssetOptions,
): Promise<StoredAssets> {
  const way = {
    allowLoopbackHttp: isLoopbackBaseUrl(credentials.baseUrl),
    ...defined({ network: credentials.network }),
  };
  const assets = result.files.flatMap(({ type, urls }) =>
    urls.map((url, index) => ({ url, file: assetFile(type, index, options.sopInstanceUid) })),
  );
  const outcome: StoredAssets = {
    stored: [],
    expired: [],
    refused: [],
    foreign: [],
    broken: [],
    isOutOfTime: false,
  };
  if (result.ignoredFiles > 0) {
    const file = `${result.ignoredFiles} entry or entries among the files`;
    outcome.refused.push({ file, reason: 'no http link', isReachable: false });
  }
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
    const fetched = await deps.qure.fetchAsset(url, { ...way, signal });
    switch (fetched.kind) {
      case 'asset': {
        const stored = await store(deps, folder, file, fetched, options);
        if (stored.kind === 'broken') outcome.broken.push({ file, cause: stored.cause });
        else outcome[stored.kind].push(file);
        return;
      }
      case 'expired':
        outcome.expired.push(file);
        return;
      case 'refused':
        outcome.refused.push({
          file,
          reason: fetched.reason,
          isReachable: OUT_OF_BOUNDS.includes(fetched.reason),
        });
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

type Stored = { kind: 'stored' } | { kind: 'foreign' } | { kind: 'broken'; cause: string };

/**
 * An asset is opened before it is stored: one of another patient never gets its own name. A body that breaks leaves
 * no object: S3 takes an upload whole or not at all.
 */
async function store(
  deps: AssetDeps,
  folder: string,
  file: string,
  { stream: body, contentType }: Pick<FetchedAsset, 'stream' | 'contentType'>,
  options: Pick<AssetOptions, 'isForeign'>,
): Promise<Stored> {
  let opened: OpenedAsset | undefined;
  try {
    opened = await openAsset(body);
    const isOther = await isOfOthers(deps, opened.identity, options);
    const key = folder + (isOther ? mismatchFile(file) : file);
    await deps.results.putStream(key, opened.stream, storedContentType(contentType));
    return { kind: isOther ? 'foreign' : 'stored' };
  } catch (error) {
    opened?.stream.destroy();
    body.destroy();
    return { kind: 'broken', cause: error instanceof Error ? error.name : 'unknown' };
  }
}

async function isOfOthers(
  deps: AssetDeps,
  identity: OpenedAsset['identity'],
  { isForeign }: Pick<AssetOptions, 'isForeign'>,
): Promise<boolean> {
  if (identity === undefined) return false;
  const { patient, studyInstanceUid } = identity;
  const patientHash = patient === undefined ? undefined : (await deps.loadPatientHasher())(patient);
  return isForeign(defined({ studyInstanceUid, patientHash }));
}
