import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const MAX_EXPIRES_SECONDS = 604_800;

const QUERY_OF_VERSION_4 = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
];
const QUERY_OF_VERSION_2 = ['AWSAccessKeyId', 'Expires', 'Signature'];

/** Whether a URL has all parts of a signature, by version 4 or 2. */
export function isPresigned(query: URLSearchParams): boolean {
  return [QUERY_OF_VERSION_4, QUERY_OF_VERSION_2].some((names) =>
    names.every((name) => (query.get(name) ?? '') !== ''),
  );
}

/** Whether a request has a signature in its URL or its header. No web page can send that header here. */
export function isSigned(query: URLSearchParams, { authorization }: IncomingHttpHeaders): boolean {
  return isPresigned(query) || /^AWS(?:4-HMAC-SHA256)? \S/.test(authorization ?? '');
}

/**
 * Refuses expired presigned URLs of signature version 4 or 2. Signatures are not verified: this server has no
 * credentials and listens on loopback only.
 * @param nowMs milliseconds since 1970
 */
export function requireUnexpired(query: URLSearchParams, nowMs: number): void {
  const expiresAtMs = expiryOfVersion4(query) ?? expiryOfVersion2(query);
  if (expiresAtMs !== undefined && nowMs > expiresAtMs) {
    throw new S3Error(403, 'AccessDenied', 'Request has expired', {
      Expires: new Date(expiresAtMs).toISOString(),
      ServerTime: new Date(nowMs).toISOString(),
    });
  }
}

function expiryOfVersion4(query: URLSearchParams): number | undefined {
  const date = query.get('X-Amz-Date');
  const expires = query.get('X-Amz-Expires');
  if (date === null && expires === null) return undefined;
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? '');
  const seconds = /^\d{1,7}$/.test(expires ?? '') ? Number(expires) : Number.NaN;
  if (parts === null || !(seconds >= 0 && seconds <= MAX_EXPIRES_SECONDS)) {
    throw new S3Error(
      400,
      'AuthorizationQueryParametersError',
      'Expected X-Amz-Date as yyyymmddThhmmssZ and X-Amz-Expires from 0 to 604800 seconds.',
    );
  }
  const [, year, month, day, hour, minute, second] = parts;
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(startMs)) {
    throw new S3Error(400, 'AuthorizationQueryParametersError', 'X-Amz-Date is not a date of the calendar.');
  }
  return startMs + seconds * 1000;
}

function expiryOfVersion2(query: URLSearchParams): number | undefined {
  const expires = query.get('Expires');
  if (expires === null || !query.has('Signature')) return undefined;
  if (!/^\d{1,12}$/.test(expires)) {
    throw new S3Error(403, 'AccessDenied', 'Invalid date (should be seconds since epoch)');
  }
  return Number(expires) * 1000;
}
