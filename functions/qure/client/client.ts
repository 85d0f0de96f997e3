import { isValidUid } from '@qure-dropoff/dicom';
import { defined } from '../../shared/defined.ts';
import type { Transient } from '../answer.ts';
import type { ComputeAnswer } from '../compute-answer.ts';
import { readComputeAnswer } from '../compute-answer.ts';
import type { QureCredentials } from '../credentials.ts';
import type { ProxyEnvironment } from '../network.ts';
import type { ReadyResult, ResultsAnswer } from '../results-answer.ts';
import { isReady, readResultsAnswer } from '../results-answer.ts';
import type { FetchAsset } from './asset-download.ts';
import { createAssetDownloader } from './asset-download.ts';
import type { CallLimits } from './call-limits.ts';
import { createConnections } from './connections.ts';
import type { Misconfigured, QureTransport } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { ResolveHost } from './guarded-lookup.ts';
import type { UploadFile } from './multipart.ts';
import type { UploadOptions, UploadOutcome } from './upload-instances.ts';
import { uploadInstances } from './upload-instances.ts';

export interface QureClientOptions {
  /** `qure-dropoff/<version>` */
  userAgent: string;
  /** Whether this is a function in the cloud, where no Qure is on loopback. @default false */
  isInCloud?: boolean;
  /** For sources without a proxy of their own. @default none */
  proxyEnvironment?: ProxyEnvironment;
  /** @default 10_000 */
  connectTimeoutMs?: number;
  /** From request to the answer's headers, uploads aside. @default 60_000 */
  headersTimeoutMs?: number;
  /** The same for uploads, which Qure reads and registers before it answers. @default 180_000 */
  uploadHeadersTimeoutMs?: number;
  /** Between two pieces of a body. @default 60_000 */
  bodyTimeoutMs?: number;
  /** @default 2 GiB */
  maxAssetBytes?: number;
  /** For one whole asset; below the 15 minutes of a Lambda. @default 600_000 */
  maxAssetDurationMs?: number;
  /** @default the system's clock */
  now?: () => Date;
  /** @default the system's resolver */
  resolveHost?: ResolveHost;
}

export type ComputeOutcome = ComputeAnswer | Transient | Misconfigured;

/** A result that is ready comes with the answer's bytes, to be stored verbatim: only our token is taken out. */
export type ResultsOutcome =
  | Exclude<ResultsAnswer, ReadyResult>
  | (ReadyResult & { rawBody: Uint8Array })
  | Misconfigured;

export interface QureClient {
  fetchAsset: FetchAsset;
  close(): void;
  /** Uploads the files as one request; see `uploadInstances`. */
  uploadInstances(
    credentials: QureCredentials,
    files: readonly UploadFile[],
    options: UploadOptions,
  ): Promise<UploadOutcome>;
  /** `recompute`: compute a series again that Qure has computed before. */
  compute(
    credentials: QureCredentials,
    seriesInstanceUid: string,
    options?: CallLimits & { recompute?: boolean },
  ): Promise<ComputeOutcome>;
  /** qER, qCT. */
  seriesResults(
    credentials: QureCredentials,
    seriesInstanceUid: string,
    limits?: CallLimits,
  ): Promise<ResultsOutcome>;
  /** qXR, qMSK (v2). */
  instanceResults(
    credentials: QureCredentials,
    sopInstanceUid: string,
    limits?: CallLimits,
  ): Promise<ResultsOutcome>;
}

const MAX_COMPUTE_ANSWER_BYTES = 1024 * 1024;
const MAX_RESULTS_BYTES = 16 * 1024 * 1024;

/**
 * Qure's API (version 3.1) over the wire. Whatever Qure, a proxy or the network does comes back as an outcome; methods throw
 * only for a caller's mistake, such as an invalid UID. `close` ends the connections that the client opened.
 */
export function createQureClient(options: QureClientOptions): QureClient {
  const now = options.now ?? (() => new Date());
  const { resolveHost, isInCloud, proxyEnvironment } = options;
  const connections = createConnections({
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    now,
    ...defined({ resolveHost, isInCloud, proxyEnvironment }),
  });
  const transport: QureTransport = {
    toQure: connections.toQure,
    allowsLoopback: connections.allowsLoopback,
    userAgent: options.userAgent,
    headersTimeoutMs: options.headersTimeoutMs ?? 60_000,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 60_000,
    now,
  };
  const fetchAsset = createAssetDownloader({
    connections,
    userAgent: options.userAgent,
    headersTimeoutMs: transport.headersTimeoutMs,
    bodyTimeoutMs: transport.bodyTimeoutMs,
    maxBytes: options.maxAssetBytes ?? 2 * 1024 ** 3,
    maxDurationMs: options.maxAssetDurationMs ?? 600_000,
    now,
  });

  async function results(
    credentials: QureCredentials,
    path: string,
    limits: CallLimits,
  ): Promise<ResultsOutcome> {
    const exchanged = await exchange(transport, credentials, {
      ...limits,
      method: 'GET',
      path,
      maxAnswerBytes: MAX_RESULTS_BYTES,
      isRepeatable: true,
    });
    if (exchanged.kind !== 'answer') {
      return exchanged;
    }
    const read = readResultsAnswer(exchanged.answer);
    return isReady(read) ? { ...read, rawBody: exchanged.rawBody } : read;
  }

  return {
    uploadInstances: (credentials, files, uploadOptions) =>
      uploadInstances(
        transport,
        credentials,
        files,
        uploadOptions,
        options.uploadHeadersTimeoutMs ?? 180_000,
      ),
    compute: async (credentials, seriesInstanceUid, { recompute = false, ...limits } = {}) => {
      const exchanged = await exchange(transport, credentials, {
        ...limits,
        method: 'GET',
        path: `/compute/${segment(seriesInstanceUid)}`,
        // Qure documents a JSON body on this GET.
        ...(recompute
          ? { headers: { 'Content-Type': 'application/json' }, body: '{"recompute": true}' }
          : {}),
        maxAnswerBytes: MAX_COMPUTE_ANSWER_BYTES,
      });
      return exchanged.kind === 'answer' ? readComputeAnswer(exchanged.answer) : exchanged;
    },
    seriesResults: (credentials, uid, limits = {}) =>
      results(credentials, `/results/${segment(uid)}`, limits),
    instanceResults: (credentials, uid, limits = {}) =>
      results(credentials, `/results/v2/${segment(uid)}`, limits),
    fetchAsset,
    close: connections.close,
  };
}

function segment(uid: string): string {
  if (!isValidUid(uid)) {
    throw new TypeError(
      'Expected a DICOM UID of digits and dots, got something else. Check it when it is indexed.',
    );
  }
  return encodeURIComponent(uid);
}
