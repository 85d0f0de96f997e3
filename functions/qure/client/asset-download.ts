import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { defined } from '../../shared/defined.ts';
import type { Transient } from '../answer.ts';
import { assetHostsOf } from '../asset-hosts.ts';
import type { AssetRefusal, AssetUrlRules } from '../asset-url.ts';
import { checkAssetUrl } from '../asset-url.ts';
import type { QureNetwork } from '../network.ts';
import { parseRetryAfterMs } from '../retry-after.ts';
import type { Agents } from './agents.ts';
import { AssetStream } from './asset-stream.ts';
import type { HeldLimits } from './call-limits.ts';
import { holdLimits } from './call-limits.ts';
import type { Connections } from './connections.ts';
import { failureCauseOf } from './failure-cause.ts';
import { ForbiddenAddressError } from './guarded-lookup.ts';
import { request } from './request.ts';

export interface AssetDownloadOptions {
  connections: Connections;
  userAgent: string;
  headersTimeoutMs: number;
  /** Between two pieces of the asset. */
  bodyTimeoutMs: number;
  /** A larger asset is refused, or its stream ends in an error. */
  maxBytes: number;
  /** For the whole asset, redirects included. */
  maxDurationMs: number;
  now(): Date;
}

export type AssetOutcome =
  /** The stream ends in an error when it is cut short, too large or too slow: keep nothing of it then. */
  | { kind: 'asset'; stream: Readable; contentType?: string; sizeBytes?: number }
  /** Object storage refuses the link: fetch the results again for new ones. */
  | { kind: 'expired'; httpStatus: number }
  /** Not to be asked for at all; new links may be better ones. */
  | { kind: 'refused'; reason: AssetRefusal }
  | Transient;

export interface FetchAssetOptions {
  /** Only when Qure's own base URL is loopback (`isLoopbackBaseUrl`): then its assets may be too, also by plain http. */
  allowLoopbackHttp: boolean;
  /** Of the source. @default Qure and its assets are on the open internet */
  network?: QureNetwork;
  signal?: AbortSignal;
}

/** What object storage answers to a pre-signed link that has run out, by vendor. */
const EXPIRED_STATUSES = new Set([400, 401, 403, 404, 410]);
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 3;

export type FetchAsset = (url: string, options: FetchAssetOptions) => Promise<AssetOutcome>;

/**
 * Fetches assets from wherever Qure's links point, which is another party's host: without credentials, Source or cookies,
 * and only from public addresses, or those that the source names.
 */
export function createAssetDownloader(options: AssetDownloadOptions): FetchAsset {
  const { connections } = options;

  async function fetchAsset(
    text: string,
    { allowLoopbackHttp, network = {}, signal }: FetchAssetOptions,
  ): Promise<AssetOutcome> {
    const rules: AssetUrlRules = {
      allowLoopbackHttp: allowLoopbackHttp && connections.allowsLoopback,
      ...defined({ allowHttp: network.allowHttp }),
      assetHosts: assetHostsOf(network.assetHosts),
      isProxied: (url) => connections.isProxied(url, network),
    };
    const startedAt = options.now();
    const deadline = new Date(startedAt.getTime() + options.maxDurationMs);
    const limits = holdLimits({ deadline, ...defined({ signal }) }, startedAt);
    let outcome: AssetOutcome | undefined;
    try {
      outcome = await follow(text, rules, network, limits);
      return outcome;
    } finally {
      // The limits of an asset hold until its stream is through.
      if (outcome?.kind === 'asset') {
        outcome.stream.once('close', limits.release);
      } else {
        limits.release();
      }
    }
  }

  async function follow(
    text: string,
    rules: AssetUrlRules,
    network: QureNetwork,
    limits: HeldLimits,
  ): Promise<AssetOutcome> {
    let checked = checkAssetUrl(text, rules);
    try {
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        if (checked.kind === 'refused') {
          return checked;
        }
        const agents = connections.toAsset(checked.url, checked.reach, network);
        const response = await ask(checked.url, agents, limits.signal, options);
        const { location } = response.headers;
        if (!REDIRECT_STATUSES.has(response.statusCode ?? 0) || typeof location !== 'string') {
          return toOutcome(response, options);
        }
        response.destroy();
        checked = checkAssetUrl(location, rules, checked.url);
      }
      return { kind: 'refused', reason: 'too_many_redirects' };
    } catch (error) {
      if (error instanceof ForbiddenAddressError) {
        return { kind: 'refused', reason: 'forbidden_address' };
      }
      const cause = limits.firedCause() ?? failureCauseOf(error);
      if (cause === undefined) {
        throw error;
      }
      return { kind: 'transient', cause };
    }
  }

  return fetchAsset;
}

function ask(url: URL, agents: Agents, signal: AbortSignal, options: AssetDownloadOptions) {
  return request(url, {
    agents,
    method: 'GET',
    // Identity: the asset is stored as it lies, and its size is the one announced.
    headers: { 'User-Agent': options.userAgent, Accept: '*/*', 'Accept-Encoding': 'identity' },
    headersTimeoutMs: options.headersTimeoutMs,
    bodyTimeoutMs: options.bodyTimeoutMs,
    isRepeatable: true,
    signal,
  });
}

function toOutcome(response: IncomingMessage, options: AssetDownloadOptions): AssetOutcome {
  const { statusCode = 0, headers } = response;
  const announced = /^[0-9]{1,15}$/.exec(`${headers['content-length'] ?? ''}`)?.[0];
  const sizeBytes = announced === undefined ? undefined : Number(announced);
  if (statusCode === 200 && (sizeBytes === undefined || sizeBytes <= options.maxBytes)) {
    const contentType = headers['content-type'];
    return {
      kind: 'asset',
      stream: bounded(response, options),
      ...(typeof contentType === 'string' && /^[\x20-\x7e]{1,128}$/.test(contentType) ? { contentType } : {}),
      ...defined({ sizeBytes }),
    };
  }
  response.destroy();
  if (statusCode === 200) {
    return { kind: 'refused', reason: 'too_large' };
  }
  if (EXPIRED_STATUSES.has(statusCode)) {
    return { kind: 'expired', httpStatus: statusCode };
  }
  const retryAfterMs = parseRetryAfterMs(headers['retry-after'], options.now());
  return {
    kind: 'transient',
    cause: `http_${statusCode}`,
    ...defined({ retryAfterMs }),
  };
}

/** The pipeline destroys both ends; the reader of the asset sees the error there. */
function bounded(body: Readable, options: AssetDownloadOptions): Readable {
  const stream = new AssetStream(options);
  pipeline(body, stream, () => {});
  return stream;
}
