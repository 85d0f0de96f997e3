import {
  type AbortMultipartUploadCommandInput,
  type CompleteMultipartUploadCommandInput,
  type CreateMultipartUploadCommandInput,
  type DeleteObjectCommandInput,
  type GetObjectCommandInput,
  type GetObjectTaggingCommandInput,
  type HeadObjectCommandInput,
  type ListObjectsV2CommandInput,
  NoSuchBucket,
  type PutObjectCommandInput,
  type PutObjectTaggingCommandInput,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from '../command.ts';
import { s3Error } from '../service-errors.ts';
import { eventBodyOf } from './event-body.ts';
import { md5Of } from './md5.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { getObjectTagging, putObjectTagging } from './object-tags.ts';
import type { SimulatedBucketOptions } from './options.ts';
import { getObject, headObject } from './read-object.ts';
import { bytesOf } from './request-body.ts';
import { type ObjectVersion, StoredObjects } from './stored-objects.ts';

const PUT_INPUT = new Set(['Bucket', 'Key', 'Body', 'ContentType']);
const LIST_INPUT = new Set(['Bucket', 'Prefix', 'StartAfter', 'ContinuationToken', 'MaxKeys']);
const DELETE_INPUT = new Set(['Bucket', 'Key', 'VersionId']);
/** Amazon S3 User Guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1024;
/** Amazon S3 API Reference, ListObjectsV2. */
const MAX_PAGE_KEYS = 1000;
/** What `Upload` of lib-storage asks an S3 client for. */
export const S3_CLIENT_CONFIG = {
  requestHandler: {},
  forcePathStyle: true,
  endpoint: async () => ({ protocol: 'https:', hostname: 's3.simulated.invalid', path: '/' }),
  requestChecksumCalculation: async () => 'WHEN_REQUIRED',
};
const OK = { $metadata: { httpStatusCode: 200 } };

/** One bucket of S3: strongly consistent, and each created object makes an event. */
export class SimulatedBucket {
  readonly service = 's3';
  readonly config = S3_CLIENT_CONFIG;
  readonly #options: SimulatedBucketOptions;
  readonly #objects = new StoredObjects();
  readonly #uploads = new MultipartUploads();
  readonly #archived = new Set<string>();
  #hiddenPrefix: string | undefined;
  #versions = 0;
  #events = 0;

  constructor(options: SimulatedBucketOptions) {
    this.#options = options;
  }

  /** A lifecycle rule has moved the object to an archive: it is listed, and not given. */
  archive(key: string): void {
    this.#archived.add(key);
  }

  /** Objects below the prefix are not listed: an upload that is under way, with the time at which it began. */
  hide(prefix: string | undefined): void {
    this.#hiddenPrefix = prefix;
  }

  /** What lies under a key now, for checks. */
  contentOf(key: string): Uint8Array | undefined {
    return this.#objects.newest(key)?.bytes;
  }

  /** The same, with its ETag and its times. */
  objectAt(key: string): ObjectVersion | undefined {
    return this.contentOf(key) === undefined ? undefined : this.#objects.newest(key);
  }

  /** The calls of the adapters and of droppers, those of a multipart upload included. @throws what S3 throws */
  execute(command: SimulatedCommand): object {
    const operation = operationOf(command);
    const input = command.input as { Bucket?: string; Key?: string };
    if (input.Bucket !== this.#options.bucket) {
      throw new NoSuchBucket({ message: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } });
    }
    if (Buffer.byteLength(input.Key ?? '') > MAX_KEY_BYTES) throw s3Error('KeyTooLongError', 400);
    switch (operation) {
      case 'PutObject':
        return this.#put(command.input as PutObjectCommandInput);
      case 'GetObject':
        if (this.#archived.has(input.Key ?? '')) throw s3Error('InvalidObjectState', 403);
        return getObject(
          this.#objects,
          command.input as GetObjectCommandInput,
          this.#options.breaksOff?.() ?? false,
        );
      case 'HeadObject':
        return headObject(this.#objects, command.input as HeadObjectCommandInput);
      case 'ListObjectsV2':
        return this.#list(command.input as ListObjectsV2CommandInput);
      case 'PutObjectTagging':
        return putObjectTagging(this.#objects, command.input as PutObjectTaggingCommandInput);
      case 'GetObjectTagging':
        return getObjectTagging(this.#objects, command.input as GetObjectTaggingCommandInput);
      case 'DeleteObject':
        return this.#delete(command.input as DeleteObjectCommandInput);
      case 'CreateMultipartUpload':
        return {
          ...OK,
          ...this.#uploads.create(command.input as CreateMultipartUploadCommandInput, this.#options.now()),
        };
      case 'UploadPart':
        return { ...OK, ...this.#uploads.putPart(command.input as UploadPartCommandInput) };
      case 'CompleteMultipartUpload':
        return this.#complete(command.input as CompleteMultipartUploadCommandInput);
      case 'AbortMultipartUpload':
        this.#uploads.abort(command.input as AbortMultipartUploadCommandInput);
        return { $metadata: { httpStatusCode: 204 } };
      default:
        throw new NotSimulatedError(operation);
    }
  }

  /** Every object as it is now, in the order of the keys, for invariants. */
  objects(): Iterable<ObjectVersion> {
    return this.#objects;
  }

  get pendingUploads(): number {
    return this.#uploads.pending;
  }

  #put(input: PutObjectCommandInput): object {
    assertKnownInput('PutObject', input, PUT_INPUT);
    const { now, etagOf } = this.#options;
    const bytes = bytesOf(input.Body);
    const etag = etagOf?.(bytes) ?? md5Of(bytes);
    const { Key: key = '', ContentType: contentType } = input;
    return this.#store({ key, bytes, contentType, etag, beganMs: now() }, 'ObjectCreated:Put');
  }

  #complete(input: CompleteMultipartUploadCommandInput): object {
    const { tag, parts, ...whole } = this.#uploads.complete(input);
    const etag = `${this.#options.etagOf?.(whole.bytes) ?? tag}-${parts}`;
    const object = { key: input.Key ?? '', ...whole, etag };
    return this.#store(object, 'ObjectCreated:CompleteMultipartUpload');
  }

  /**
   * Amazon S3 User Guide, "Working with object metadata", Last-Modified: an upload in parts is dated by its initiation. The event
   * tells when S3 finished the request ("Event message structure").
   */
  #store(
    {
      beganMs,
      ...created
    }: Pick<ObjectVersion, 'key' | 'contentType' | 'etag'> & {
      bytes: Uint8Array;
      beganMs: number;
    },
    eventName: string,
  ): object {
    const { bucket, isVersioned, now, onCreated } = this.#options;
    const object: ObjectVersion = {
      ...created,
      versionId: isVersioned ? this.#nextVersion() : undefined,
      lastModified: wholeSecond(beganMs),
      completedAt: new Date(now()),
    };
    this.#objects.add(object, isVersioned);
    this.#events += 1;
    onCreated?.(eventBodyOf(object, bucket, eventName, this.#events), object.key);
    return {
      ...OK,
      ETag: `"${object.etag}"`,
      ...(object.versionId === undefined ? {} : { VersionId: object.versionId }),
    };
  }

  #list(input: ListObjectsV2CommandInput): object {
    assertKnownInput('ListObjectsV2', input, LIST_INPUT);
    const limit = Math.min(
      input.MaxKeys ?? MAX_PAGE_KEYS,
      this.#options.pageKeys ?? MAX_PAGE_KEYS,
      MAX_PAGE_KEYS,
    );
    // A token is opaque to clients; it says where the page before ended. It wins over StartAfter.
    const after =
      input.ContinuationToken === undefined ? (input.StartAfter ?? '') : keyOfToken(input.ContinuationToken);
    const isListed = ({ key }: ObjectVersion) =>
      this.#hiddenPrefix === undefined || !key.startsWith(this.#hiddenPrefix);
    const found = this.#objects.list(input.Prefix ?? '', after, limit + 1).filter(isListed);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const isTruncated = found.length > page.length && last !== undefined;
    return {
      ...OK,
      IsTruncated: isTruncated,
      KeyCount: page.length,
      ...(page.length === 0
        ? {}
        : {
            Contents: page.map(({ key, bytes, etag, lastModified }) => ({
              Key: key,
              Size: bytes?.length ?? 0,
              ETag: `"${etag}"`,
              LastModified: lastModified,
              ...storageClassOf(key, this.#archived),
            })),
          }),
      ...(isTruncated ? { NextContinuationToken: tokenOfKey(last.key) } : {}),
    };
  }

  /** Without a version, a versioned bucket puts a delete marker over the object. */
  #delete(input: DeleteObjectCommandInput): object {
    assertKnownInput('DeleteObject', input, DELETE_INPUT);
    const key = input.Key ?? '';
    if (this.#options.isVersioned && input.VersionId === undefined) {
      const versionId = this.#nextVersion();
      const completedAt = new Date(this.#options.now());
      const times = { lastModified: wholeSecond(this.#options.now()), completedAt };
      this.#objects.add(
        { key, versionId, bytes: undefined, etag: '', contentType: undefined, ...times },
        true,
      );
      return { $metadata: { httpStatusCode: 204 }, DeleteMarker: true, VersionId: versionId };
    }
    this.#objects.remove(key, input.VersionId);
    return { $metadata: { httpStatusCode: 204 } };
  }

  #nextVersion(): string {
    this.#versions += 1;
    return `v${String(this.#versions).padStart(8, '0')}`;
  }
}

function storageClassOf(key: string, archived: ReadonlySet<string>) {
  return archived.has(key) ? { StorageClass: 'DEEP_ARCHIVE' as const } : {};
}

/** S3 tells times in whole seconds. */
function wholeSecond(nowMs: number): Date {
  return new Date(Math.floor(nowMs / 1000) * 1000);
}

function tokenOfKey(key: string): string {
  return Buffer.from(`after ${key}`).toString('base64url');
}

function keyOfToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('after ')) throw s3Error('InvalidArgument', 400);
  return text.slice('after '.length);
}
