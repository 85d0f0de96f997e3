import type { IncomingHttpHeaders } from 'node:http';
import { invalidArgument, invalidRequest, S3Error } from './s3-error.ts';
import { isSigned } from './signature.ts';

const STORED = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
] as const;
const META = 'x-amz-meta-';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

/** The headers of a request that are stored with an object and returned with it. Throws MetadataTooLarge. */
export function headersToStore(headers: IncomingHttpHeaders): Record<string, string> {
  const stored: Record<string, string> = {};
  for (const name of STORED) {
    const value = headers[name];
    if (value !== undefined && value !== '') stored[name] = value;
  }
  // aws-chunked is an encoding of the request, not of the object.
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.toLowerCase() !== 'aws-chunked')
    .join(',');
  if (encoding !== '') stored['content-encoding'] = encoding;
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(META) || typeof value !== 'string') continue;
    // Node reads header bytes as Latin-1: one character, one byte.
    metadataBytes += name.length - META.length + value.length;
    stored[name] = value;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      {
        Size: String(metadataBytes),
        MaxSizeAllowed: String(MAX_METADATA_BYTES),
      },
    );
  }
  return stored;
}

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

/**
 * The `response-content-type=…` and other overrides of a GET's query: the signer decides how a browser shows an object.
 * Throws InvalidArgument, and InvalidRequest without a signature.
 */
export function responseOverrides(
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value === null) continue;
    if (!isSigned(query, headers)) {
      throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
      throw invalidArgument(`Expected response-${name} without control characters.`);
    }
    overrides[name] = Buffer.from(value, 'utf8').toString('latin1');
  }
  return overrides;
}
