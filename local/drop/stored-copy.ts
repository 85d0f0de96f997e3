import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

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
  /** In base64, of a multipart upload followed by `-` and the number of parts. Absent: it was uploaded without. */
  sha256?: string;
}

/** Whether any object exists below the prefix. */
export async function hasObjects(s3: S3Client, bucket: string, prefix: string): Promise<boolean> {
  const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
  return (page.Contents?.length ?? 0) > 0;
}

/** The keys below the prefix as they were at first use: one list for each folder directly below it. */
export class StoredKeys {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #ofFolder = new Map<string, Promise<ReadonlySet<string>>>();

  constructor({ s3, bucket, prefix }: { s3: S3Client; bucket: string; prefix: string }) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async has(key: string): Promise<boolean> {
    const end = key.indexOf('/', this.#prefix.length);
    const folder = end < 0 ? key : key.slice(0, end + 1);
    const keys = this.#ofFolder.get(folder) ?? this.#list(folder);
    this.#ofFolder.set(folder, keys);
    return (await keys).has(key);
  }

  async #list(folder: string): Promise<ReadonlySet<string>> {
    const keys = new Set<string>();
    const pages = paginateListObjectsV2({ client: this.#s3 }, { Bucket: this.#bucket, Prefix: folder });
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) if (Key !== undefined) keys.add(Key);
    }
    return keys;
  }
}

/** The object that now has this key, or undefined. Throws the errors of S3, except for "not found". */
export async function findStoredCopy(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<StoredCopy | undefined> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    if (head.ETag === undefined || head.ContentLength === undefined) return undefined;
    const sha256 = head.ChecksumSHA256;
    return {
      sizeBytes: head.ContentLength,
      etag: head.ETag.replaceAll('"', ''),
      ...(sha256 === undefined ? {} : { sha256 }),
    };
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return undefined;
    throw error;
  }
}

/**
 * Whether the stored copy has exactly this content: same size, and same SHA-256 or else the same MD5. The ETag is the MD5 of
 * the object, or for a multipart upload the MD5 of its parts' MD5s and their number; the SHA-256 is made alike. Any other form
 * of ETag is no proof, as that of an object that KMS encrypts.
 */
export async function isSameContent(stored: StoredCopy, content: Readable): Promise<boolean> {
  const partBytes = partBytesFor(stored.sizeBytes);
  const algorithm = stored.sha256 === undefined ? 'md5' : 'sha256';
  const whole = createHash(algorithm);
  const parts: Buffer[] = [];
  let part = createHash(algorithm);
  let partFill = 0;
  let sizeBytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    whole.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      if (partFill === partBytes) {
        parts.push(part.digest());
        part = createHash(algorithm);
        partFill = 0;
      }
      const piece = chunk.subarray(at, at + partBytes - partFill);
      part.update(piece);
      partFill += piece.length;
      at += piece.length;
    }
  }
  parts.push(part.digest());
  const encoding = stored.sha256 === undefined ? 'hex' : 'base64';
  const ofParts = `${createHash(algorithm).update(Buffer.concat(parts)).digest(encoding)}-${parts.length}`;
  const expected = stored.sha256 ?? stored.etag;
  return sizeBytes === stored.sizeBytes && (expected === whole.digest(encoding) || expected === ofParts);
}
