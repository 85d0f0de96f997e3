import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  type DropBucket,
  type ObjectContent,
  ObjectUnreadableError,
  type RangeAnswer,
} from '../instances/drop-bucket.ts';
import { entryContent } from '../instances/entry-content.ts';
import type { StoredObject } from '../instances/instance.ts';
import { causeOf } from '../shared/dead-letter-cause.ts';
import { defined } from '../shared/defined.ts';

/** Source: Amazon S3 User Guide, "Understanding and managing Amazon S3 storage classes". */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

/**
 * For a client that reads headers: a GET for each instance is most of what indexing costs. S3 has no checksum for a range of an
 * object.
 */
export const HEADER_READS = { cacheMiddleware: true, responseChecksumValidation: 'WHEN_REQUIRED' } as const;

export function createDropBucket(client: S3Client, bucket: string): DropBucket {
  return {
    readRange: (key, startByte, endByte, content) =>
      readRange(client, bucket, key, startByte, endByte, content),
    openInstance: (object) => openInstance(client, bucket, object),
    list: async (prefix, startAfter) => {
      const answer = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...defined({ StartAfter: startAfter }),
        }),
      );
      const objects = (answer.Contents ?? []).flatMap((entry) =>
        entry.Key === undefined
          ? []
          : [
              {
                key: entry.Key,
                sizeBytes: entry.Size ?? 0,
                etag: withoutQuotes(entry.ETag),
                lastModified: (entry.LastModified ?? new Date(0)).toISOString(),
                ...(ARCHIVES.includes(entry.StorageClass ?? '') ? { isArchived: true as const } : {}),
              },
            ],
      );
      return { objects, isLast: answer.IsTruncated !== true };
    },
  };
}

/** A range of an object tells its whole size, its ETag and its age besides: one request a header. */
async function readRange(
  client: S3Client,
  bucket: string,
  key: string,
  startByte: number,
  endByte: number,
  content: ObjectContent | undefined,
): Promise<RangeAnswer> {
  try {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: `bytes=${startByte}-${endByte}`,
        ...(content === undefined
          ? {}
          : { IfMatch: `"${content.etag}"`, ...defined({ VersionId: content.versionId }) }),
      }),
    );
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return {
      kind: 'range',
      bytes,
      totalSizeBytes: totalSizeOf(answer.ContentRange) ?? answer.ContentLength ?? bytes.length,
      etag: withoutQuotes(answer.ETag),
      ...versionOf(answer.VersionId),
      lastModified: (answer.LastModified ?? new Date(0)).toISOString(),
    };
  } catch (error) {
    if (isMissing(error) || isReplaced(error)) return { kind: 'missing' };
    // 416: no byte of an empty object satisfies any range (Amazon S3 API Reference, GetObject).
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) {
      return readEmpty(client, bucket, key);
    }
    throw refusalOf(error);
  }
}

async function readEmpty(client: S3Client, bucket: string, key: string): Promise<RangeAnswer> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return {
      kind: 'range',
      bytes,
      totalSizeBytes: bytes.length,
      etag: withoutQuotes(answer.ETag),
      ...versionOf(answer.VersionId),
      lastModified: (answer.LastModified ?? new Date(0)).toISOString(),
    };
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' };
    throw refusalOf(error);
  }
}

async function openInstance(client: S3Client, bucket: string, object: StoredObject) {
  const { entry } = object;
  try {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: object.key,
        // Never other bytes than those that were indexed, whatever has been dropped under the key since.
        IfMatch: `"${object.etag}"`,
        ...defined({ VersionId: object.versionId }),
        ...(entry === undefined
          ? {}
          : { Range: `bytes=${entry.offset}-${entry.offset + entry.storedBytes - 1}` }),
      }),
    );
    const body = answer.Body as Readable;
    return {
      kind: 'open' as const,
      body: entry === undefined ? body : entryContent(body, entry, object.sizeBytes),
    };
  } catch (error) {
    if (isMissing(error) || isReplaced(error)) return { kind: 'missing' as const };
    throw refusalOf(error);
  }
}

/**
 * Refusals that are about the object: AccessDenied also where KMS refuses its key, InvalidRequest where the sender has encrypted it
 * with a key that only the sender has (SSE-C). Source: Amazon S3 API Reference, "Error responses" and GetObject.
 */
const REFUSALS = /^(InvalidObjectState|AccessDenied|AllAccessDisabled|InvalidRequest|KMS\..+)$/;

/** Throttling and outages concern all objects, and are thrown as they are: they are retried. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof S3ServiceException) || !REFUSALS.test(error.name)) return error;
  const isPassing = ['throttled', 'service_unavailable'].includes(causeOf(error));
  return isPassing ? error : new ObjectUnreadableError(error.name, { cause: error });
}

function isMissing(error: unknown): boolean {
  if (error instanceof NoSuchKey) return true;
  return error instanceof S3ServiceException && (error.name === 'NoSuchVersion' || error.name === 'NotFound');
}

function isReplaced(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
}

/** `bytes 0-16383/524810` */
function totalSizeOf(contentRange: string | undefined): number | undefined {
  const total = contentRange?.split('/')[1];
  return total !== undefined && /^\d+$/.test(total) ? Number(total) : undefined;
}

/** S3 answers `null` for objects of an unversioned bucket. */
function versionOf(versionId: string | undefined): { versionId?: string } {
  return versionId === undefined || versionId === 'null' ? {} : { versionId };
}

function withoutQuotes(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
