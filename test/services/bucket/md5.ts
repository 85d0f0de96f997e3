import { hash } from 'node:crypto';

/** In hexadecimal. S3's ETag of an object that came whole and is not encrypted with KMS. */
export function md5Of(bytes: Uint8Array): string {
  return hash('md5', bytes, 'hex');
}
