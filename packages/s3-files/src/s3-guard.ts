import type { IncomingMessage } from 'node:http';
import type { HttpProblem } from '@qure-dropoff/network-guard';
import { type GuardAnswer, type GuardRules, LARGE_BODY_BYTES } from '@qure-dropoff/network-guard';
import { errorDocument, newRequestId } from './exchange.ts';
import { S3Error } from './s3-error.ts';
import { isPresigned } from './signature.ts';

/**
 * The requests that the S3 server accepts. Signed links are opened from the console's page, which is another origin, and pages of
 * `origins` send requests by them.
 */
export function s3Guard(origins: () => readonly string[]): GuardRules {
  return {
    maxBodyBytes: LARGE_BODY_BYTES,
    body: 'streamed',
    takesSubdomains: true,
    mayBeLinked: (request) => isPresigned(queryOf(request)),
    mayBeAsked: (request) =>
      isPresigned(queryOf(request)) && origins().includes(request.headers.origin ?? ''),
    refusal,
  };
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

function refusal({ status, detail }: HttpProblem): GuardAnswer {
  const message = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  let error = new S3Error(403, 'AccessDenied', message);
  if (status === 413) error = new S3Error(400, 'EntityTooLarge', message);
  if (status === 500) error = new S3Error(500, 'InternalError', message);
  return {
    status: error.status,
    contentType: 'application/xml',
    body: errorDocument(error, newRequestId()),
  };
}
