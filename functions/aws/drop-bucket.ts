import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
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
import { createDirectRequests, type DirectAnswer } from './direct-requests.ts';

/** Source: Amazon S3 User Guide, "Understanding and managing Amazon S3 storage classes". */
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

/** Reads a range of an object without the SDK. `undefined`: the SDK has to read it. */
export type ReadDirectly = (key: string, range: string) => Promise<DirectAnswer | undefined>;

const PARTIAL_CONTENT = 206;

/**
 * For who reads many headers: a GET for each instance is most of what indexing costs.
 *
 * @param client reads no other bucket
 */
export function createDirectReads(client: S3Client): ReadDirectly {
  // Not of a certain content: those are few, and have conditions.
  const isPattern = (name: string | undefined, { Range, IfMatch }: GetObjectCommandInput) =>
    name === 'GetObjectCommand' && Range !== undefined && IfMatch === undefined;
  const send = createDirectRequests(client, isPattern);
  return (key, range) =>
    send(
      ({ request: { path, headers }, input }) => {
        const known = encodeKey(input.Key ?? '');
        if (!path.endsWith(known)) throw new RangeError(`expected a path that ends in ${known}`);
        return { path: path.slice(0, -known.length) + encodeKey(key), headers: { ...headers, range } };
      },
      [PARTIAL_CONTENT],
    );
}

/** As the SDK does, by RFC 3986. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function createDropBucket(client: S3Client, bucket: string, readDirectly?: ReadDirectly): DropBucket {
  return {
    readRange: async (key, startByte, endByte, content) => {
      const range = `bytes=${startByte}-${endByte}`;
      const direct = content === undefined ? await readDirectly?.(key, range) : undefined;
      return direct === undefined ? readRange(client, bucket, key, range, content) : toRange(direct);
    },
    readSmall: (key, maxBytes) => readSmall(client, bucket, key, maxBytes),
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
  range: string,
  content: ObjectContent | undefined,
): Promise<RangeAnswer> {
  try {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: range,
        ...(content === undefined
          ? {}
          : { IfMatch: `"${content.etag}"`, ...defined({ VersionId: content.versionId }) }),
      }),
    );
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return rangeAnswer(bytes, totalSizeOf(answer.ContentRange) ?? answer.ContentLength, answer);
  } catch (error) {
    if (isMissing(error) || isReplaced(error)) return { kind: 'missing' };
    // 416: no byte of an empty object satisfies any range (Amazon S3 API Reference, GetObject).
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) {
      return readSmall(client, bucket, key, 0);
    }
    throw refusalOf(error);
  }
}

async function readSmall(
  client: S3Client,
  bucket: string,
  key: string,
  maxBytes: number,
): Promise<RangeAnswer> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const sizeBytes = answer.ContentLength ?? 0;
    if (sizeBytes > maxBytes) {
      (answer.Body as Readable).destroy();
      return rangeAnswer(new Uint8Array(), sizeBytes, answer);
    }
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    return rangeAnswer(bytes, bytes.length, answer);
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' };
    throw refusalOf(error);
  }
}

function toRange({ bytes, headers }: DirectAnswer): RangeAnswer {
  const modified = headers['last-modified'];
  const LastModified = modified === undefined ? undefined : new Date(modified);
  const described = { ETag: headers['etag'], VersionId: headers['x-amz-version-id'], LastModified };
  return rangeAnswer(bytes, totalSizeOf(headers['content-range']), described);
}

function rangeAnswer(
  bytes: Uint8Array,
  totalSizeBytes = bytes.length,
  { ETag, VersionId, LastModified }: Described,
): RangeAnswer {
  return {
    kind: 'range',
    bytes,
    totalSizeBytes,
    etag: withoutQuotes(ETag),
    ...versionOf(VersionId),
    lastModified: (LastModified ?? new Date(0)).toISOString(),
  };
}

interface Described {
  ETag?: string | undefined;
  VersionId?: string | undefined;
  LastModified?: Date | undefined;
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
