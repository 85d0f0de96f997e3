import { S3Error } from './s3-error.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

export interface RequestAddress {
  /** Absent: the service itself. */
  bucket?: string;
  /** Absent: the bucket itself. Never empty. */
  key?: string;
  query: URLSearchParams;
}

/**
 * Reads which bucket and key a request means, path-style (`/bucket/key`) or virtual-hosted
 * (`bucket.localhost`). Nothing is normalized: `a//b`, `..` and a `+` are part of the key.
 * @param target the request target of the HTTP request line
 * @param hostname of the Host header, without a port, in lower case
 */
export function parseRequestAddress(target: string, hostname: string): RequestAddress {
  if (!target.startsWith('/')) {
    throw new S3Error(400, 'InvalidURI', 'Expected a request path that begins with "/".');
  }
  const queryStart = target.indexOf('?');
  const path = queryStart < 0 ? target : target.slice(0, queryStart);
  const query = new URLSearchParams(queryStart < 0 ? '' : target.slice(queryStart + 1));

  let bucket = bucketOfHost(hostname);
  let rawKey = path.slice(1);
  if (bucket === undefined) {
    const slash = rawKey.indexOf('/');
    bucket = decodeComponent(slash < 0 ? rawKey : rawKey.slice(0, slash));
    rawKey = slash < 0 ? '' : rawKey.slice(slash + 1);
  }
  if (bucket === '') return { query };
  const key = decodeComponent(rawKey);
  if (key === '') return { bucket, query };
  checkKeyLength(key);
  return { bucket, key, query };
}

/** Throws KeyTooLongError above 1,024 bytes of UTF-8. */
export function checkKeyLength(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long', {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  }
}

/** Percent-decoding as UTF-8; a `+` stays a `+`. */
export function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

function bucketOfHost(hostname: string): string | undefined {
  const suffix = '.localhost';
  return hostname.endsWith(suffix) ? hostname.slice(0, -suffix.length) : undefined;
}
