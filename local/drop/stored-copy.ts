import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

const MIN_PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;

/**
 * The size of the parts in which an object is uploaded. Depends on nothing else, so the ETag can be computed in
 * advance.
 */
export function partBytesFor(sizeBytes: number): number {
  return Math.max(MIN_PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
}

export interface StoredCopy {
  sizeBytes: number;
  /** Without quotes. */
  etag: string;
}

/** Whether any object exists below the prefix: without one, the keys need no separate requests. */
export async function hasObjects(s3: S3Client, bucket: string, prefix: string): Promise<boolean> {
  const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
  return (page.Contents?.length ?? 0) > 0;
}

/** The object that now has this key, or undefined. Throws the errors of S3, except for "not found". */
export async function findStoredCopy(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<StoredCopy | undefined> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    if (head.ETag === undefined || head.ContentLength === undefined) return undefined;
    return { sizeBytes: head.ContentLength, etag: head.ETag.replaceAll('"', '') };
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return undefined;
    throw error;
  }
}

/**
 * Whether the stored copy has exactly this content: same size and same MD5. The ETag is the MD5 of the object, or for a
 * multipart upload the MD5 of its parts' MD5s and their number. Any other form of ETag is no proof.
 */
export async function isSameContent(stored: StoredCopy, content: Readable): Promise<boolean> {
  const partBytes = partBytesFor(stored.sizeBytes);
  const whole = createHash('md5');
  const parts: Buffer[] = [];
  let part = createHash('md5');
  let partFill = 0;
  let sizeBytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    whole.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      if (partFill === partBytes) {
        parts.push(part.digest());
        part = createHash('md5');
        partFill = 0;
      }
      const piece = chunk.subarray(at, at + partBytes - partFill);
      part.update(piece);
      partFill += piece.length;
      at += piece.length;
    }
  }
  parts.push(part.digest());
  const ofParts = `${createHash('md5').update(Buffer.concat(parts)).digest('hex')}-${parts.length}`;
  return sizeBytes === stored.sizeBytes && (stored.etag === whole.digest('hex') || stored.etag === ofParts);
}
