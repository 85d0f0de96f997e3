import { Readable } from 'node:stream';
import type { AssetOutcome } from '../../../functions/qure/client/asset-download.ts';
import type { ComputeOutcome, ResultsOutcome } from '../../../functions/qure/client/client.ts';
import type { UploadOutcome } from '../../../functions/qure/client/upload-instances.ts';
import { readComputeAnswer } from '../../../functions/qure/compute-answer.ts';
import { isReady, readResultsAnswer } from '../../../functions/qure/results-answer.ts';
import type { UploadCall } from './qure-script.ts';

const AT = new Date('2026-03-01T08:30:00.000Z');

function httpAnswer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const bodyText = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, bodyText, receivedAt: AT };
}

/** The compute call answered by this status, read as the client reads it. */
export function computeAnswer(
  status: number,
  headers: Record<string, string> = {},
  body?: unknown,
): ComputeOutcome {
  const bodies: Record<number, unknown> = {
    200: { success: true, authenticated: true, message: 'Pushed for computation' },
    404: { sucess: false, message: 'Series not found' },
  };
  return readComputeAnswer(httpAnswer(status, body ?? bodies[status], headers));
}

/** A results call answered by this status, read as the client reads it. */
export function resultsAnswer(
  status: number,
  body: unknown = undefined,
  headers: Record<string, string> = {},
): ResultsOutcome {
  const read = readResultsAnswer(httpAnswer(status, body, headers));
  return isReady(read) ? { ...read, rawBody: Buffer.from(JSON.stringify(body)) } : read;
}

/** The JSON of a result with these assets. */
export function resultBody(files: Record<string, string[]> = {}, triage?: string) {
  return {
    success: true,
    ...(triage === undefined ? {} : { triage_status: triage }),
    result: { report: ['Finding'], files },
  };
}

/** Every file of a request registered; Qure holds what it has ever seen of the series. */
export function receivingQure(): (call: UploadCall) => UploadOutcome {
  const seen = new Set<string>();
  return ({ files }) => {
    for (const { fileName } of files) seen.add(fileName);
    return receipt(files.length, seen.size);
  };
}

/** So many files registered; `instancesAtQure` as the receipt tells it. */
export function receipt(files: number, instancesAtQure?: number): UploadOutcome {
  return {
    kind: 'receipt',
    registered: Array.from({ length: files }, (_, at) => `file_${at}`),
    notRegistered: [],
    licenseExpired: false,
    ...(instancesAtQure === undefined ? {} : { instancesAtQure }),
  };
}

/** A receipt that says of its one file that it was not taken. */
export function refusedFile(
  reason: 'refused' | 'unclear' | 'license_expired',
  instancesAtQure = 0,
): UploadOutcome {
  return {
    kind: 'receipt',
    registered: [],
    notRegistered: [{ fieldName: 'file_0', reason, message: 'not registered' }],
    licenseExpired: reason === 'license_expired',
    instancesAtQure,
  };
}

export function asset(body: string, contentType = 'application/pdf'): AssetOutcome {
  return { kind: 'asset', stream: Readable.from([Buffer.from(body)]), contentType };
}

/** An asset whose download breaks off after some bytes. */
export function brokenAsset(): AssetOutcome {
  async function* body() {
    yield Buffer.from('half');
    throw new Error('cut off');
  }
  return { kind: 'asset', stream: Readable.from(body()) };
}
