import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SANDBOX_HEADERS } from '@qure-dropoff/network-guard';
import type { BodyFiles } from './body-files.ts';
import { checksumHeader } from './checksum.ts';
import type { Notifier } from './notifier.ts';
import type { ObjectRow, ObjectTable } from './object-table.ts';
import type { S3Error } from './s3-error.ts';
import type { UploadTable } from './upload-table.ts';
import { leaf, xmlErrorDocument } from './xml-writer.ts';

/** The inputs of every operation. */
export interface S3Services {
  objects: ObjectTable;
  uploads: UploadTable;
  bodies: BodyFiles;
  notifier?: Notifier;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** One request to a bucket, with its open answer. */
export interface BucketExchange {
  bucket: string;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

/** One request to an object. */
export interface ObjectExchange extends BucketExchange {
  key: string;
}

export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}

export function sendXml(response: ServerResponse, document: string): void {
  const body = Buffer.from(document);
  response.setHeader('content-type', 'application/xml');
  response.setHeader('content-length', body.length);
  response.end(body);
}

export function sendEmpty(response: ServerResponse, status: 200 | 204): void {
  response.statusCode = status;
  if (status === 200) response.setHeader('content-length', 0);
  response.end();
}

/** Sends the error document; an answer that has begun can only be aborted. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: S3Error): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) {
    const isOfEveryAnswer =
      name === 'x-amz-request-id' || name === 'vary' || name.startsWith('access-control-');
    if (!isOfEveryAnswer && !Object.hasOwn(SANDBOX_HEADERS, name)) response.removeHeader(name);
  }
  response.statusCode = error.status;
  // The rest of a refused body is read and discarded, so the client can read the answer.
  request.resume();
  if (request.method === 'HEAD' || error.status === 304) {
    response.end();
    return;
  }
  sendXml(response, errorDocument(error, String(response.getHeader('x-amz-request-id') ?? '')));
}

export function errorDocument(error: S3Error, requestId: string): string {
  const details = Object.entries(error.details).map(([name, value]) => leaf(name, value));
  return xmlErrorDocument(
    leaf('Code', error.code),
    leaf('Message', error.message),
    ...details,
    leaf('RequestId', requestId),
    leaf('HostId', 'localhost'),
  );
}

export function setEtag(response: ServerResponse, etag: string): void {
  response.setHeader('etag', `"${etag}"`);
}

export function setChecksum(response: ServerResponse, checksum: ObjectRow['checksum']): void {
  if (checksum === undefined) return;
  response.setHeader(checksumHeader(checksum.algorithm), checksum.value);
  response.setHeader('x-amz-checksum-type', checksum.type);
}
