import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isValidUid } from '@qure-dropoff/dicom';
import type { AssetOutcome } from '../../functions/qure/client/asset-download.ts';
import type { QureClient } from '../../functions/qure/client/client.ts';
import type { UploadFile } from '../../functions/qure/client/multipart.ts';
import type { UploadOutcome } from '../../functions/qure/client/upload-instances.ts';
import type { FaultKind } from './faults.ts';
import type { FunctionProcess, Request } from './function-process.ts';
import { findingsAsset } from './qure-findings.ts';
import type { QureModel } from './qure-model.ts';
import type { SentFile } from './qure-series.ts';
import { captureOf } from './scans.ts';

const HEADERS_TIMEOUT_MS = 60_000;

/** The client of `functions/qure/client/` over the model instead of the network. */
export function qureClientOf(model: QureModel, process: FunctionProcess): QureClient {
  const ask = <T>(
    operation: string,
    deadline: Date | undefined,
    execute: (fault?: FaultKind) => T,
  ): Promise<T | { kind: 'transient'; cause: string }> => {
    // The deadline is a time of the process's own clock.
    const limitMs = (deadline ?? new Date(process.clock().getTime() + HEADERS_TIMEOUT_MS)).getTime();
    const request: Request<T | { kind: 'transient'; cause: string }> = {
      service: 'qure',
      operation,
      execute,
      timedOut: (cause) => ({ kind: 'transient', cause }),
      deadlineMs: limitMs - process.skewMs,
    };
    return process.request(request);
  };
  return {
    async uploadInstances(credentials, files, { seriesInstanceUid, deadline, signal }) {
      const read: SentFile[] = [];
      const sentAtMs = process.clock().getTime() - process.skewMs;
      for (const [at, file] of files.entries()) {
        const content = await contentOf(process, file, at);
        if (typeof content !== 'string') return content;
        read.push({ sopInstanceUid: sopOf(file), content, sentAtMs });
      }
      if (signal?.aborted === true) return { kind: 'transient', cause: 'aborted' };
      const outcome = await ask('upload', deadline, (fault) =>
        model.upload(credentials, checkedUid(seriesInstanceUid), read, fault),
      );
      if (outcome.kind === 'receipt') {
        const series = model.seriesOf(credentials.source, seriesInstanceUid);
        series.receiptCount = Math.max(series.receiptCount, outcome.instancesAtQure ?? 0);
      }
      return outcome;
    },
    compute(credentials, uid, { recompute = false, deadline } = {}) {
      return ask('compute', deadline, (fault) =>
        model.compute(credentials, checkedUid(uid), recompute, fault),
      );
    },
    seriesResults: (credentials, uid, limits = {}) =>
      ask('results', limits.deadline, (fault) => model.seriesResults(credentials, checkedUid(uid), fault)),
    instanceResults: (credentials, uid, limits = {}) =>
      ask('instance-results', limits.deadline, (fault) =>
        model.instanceResults(credentials, checkedUid(uid), fault),
      ),
    fetchAsset: (url) => ask('asset', undefined, (fault) => fetchAsset(model, url, fault)),
    close: async () => {},
  };
}

function checkedUid(uid: string): string {
  if (!isValidUid(uid)) throw new TypeError('expected a UID in a call to Qure');
  return uid;
}

async function contentOf(
  process: FunctionProcess,
  file: UploadFile,
  at: number,
): Promise<string | UploadOutcome> {
  const fieldName = `file_${at}`;
  const hash = createHash('md5');
  let receivedBytes = 0;
  try {
    const body = await file.open();
    await process.read(sopOf(file), async () => {
      for await (const chunk of body) {
        hash.update(chunk as Uint8Array);
        receivedBytes += (chunk as Uint8Array).byteLength;
      }
    });
  } catch (error) {
    return { kind: 'source_failed', fieldName, error };
  }
  if (file.sizeBytes !== undefined && file.sizeBytes !== receivedBytes) {
    return { kind: 'source_changed', fieldName, expectedBytes: file.sizeBytes, receivedBytes };
  }
  return hash.digest('hex');
}

function sopOf({ fileName }: UploadFile): string {
  return fileName.replace(/\.dcm$/, '');
}

function fetchAsset(model: QureModel, url: string, fault: FaultKind | undefined): AssetOutcome {
  if (fault === 'asset_down' || fault === 'qure_down' || fault === 'qure_proxy') {
    return { kind: 'transient', cause: 'http_503' };
  }
  if (fault === 'qure_busy') return { kind: 'transient', cause: 'http_429', retryAfterMs: 30_000 };
  if (fault === 'asset_expired' || fault === 'qure_login_page' || model.linkState(url) === 'expired') {
    return { kind: 'expired', httpStatus: 403 };
  }
  const stream = Readable.from(fault === 'asset_broken' ? brokenBody() : [assetAt(model, url, fault)]);
  return { kind: 'asset', stream, contentType: 'application/pdf' };
}

/** The captures are DICOM files of the series, the others are none. */
function assetAt(model: QureModel, url: string, fault: FaultKind | undefined): Buffer {
  const { type, uid = '' } = /\/(?<type>[a-z_]+)\/(?<uid>[0-9.]+)\?/.exec(url)?.groups ?? {};
  if (fault === 'asset_foreign') return captureOf(uid, model.pickForeignOwner());
  return type === 'sc' ? captureOf(uid) : Buffer.from(assetText(url));
}

/** The asset under a link says of which computation, or content, it is. */
export function assetText(url: string): string {
  const of = new URL(url).searchParams.get('of') ?? '';
  const { uid } = /\/json\/(?<uid>[0-9.]+)\?/.exec(url)?.groups ?? {};
  return uid === undefined ? `an asset of ${of}` : findingsAsset(uid, of);
}

async function* brokenBody() {
  yield Buffer.from('half');
  throw new Error('cut off');
}
