import type { Readable } from 'node:stream';
import type { Instant } from '../shared/time.ts';
import type { StoredObject } from './instance.ts';

export interface ListedObject {
  key: string;
  sizeBytes: number;
  etag: string;
  lastModified: Instant;
  /** In a storage class that S3 gives back only after hours: it is not read. */
  isArchived?: true;
}

/**
 * S3 refuses to give this one object: it is archived, or encrypted under a key that is not ours. A policy of the bucket, the key or
 * the role that was changed by mistake looks the same.
 */
export class ObjectUnreadableError extends Error {
  override name = 'ObjectUnreadableError';
  /** The code of S3, such as `AccessDenied`. */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`expected an object that S3 gives, got ${code}; see the cause object_unreadable`, options);
    this.code = code;
  }

  /** Only a person restores an archived object: trying again does not help. */
  get isArchived(): boolean {
    return this.code === 'InvalidObjectState';
  }
}

/** A content of a key. Without `versionId` it is there for as long as nothing has replaced it. */
export type ObjectContent = Pick<StoredObject, 'etag' | 'versionId'>;

/** The drop bucket, read only. Reading an object that S3 refuses throws `ObjectUnreadableError`. */
export interface DropBucket {
  /** A part of an object, or of this content of it; `missing` when there is none (any more). */
  readRange(key: string, startByte: number, endByte: number, content?: ObjectContent): Promise<RangeAnswer>;
  /**
   * A whole object that may be empty, of which S3 gives no range. Of one that has more than `maxBytes` it gives none of them,
   * and says how many there are.
   */
  readSmall(key: string, maxBytes: number): Promise<RangeAnswer>;
  /**
   * The exact content that was indexed; `missing` when it is gone or replaced. Of an entry of an archive: unpacked, and its end is
   * a `DamagedEntryError` where it is not what its archive says.
   */
  openInstance(object: StoredObject): Promise<{ kind: 'open'; body: Readable } | { kind: 'missing' }>;
  /** One page of up to 1,000 objects in key order. */
  list(prefix: string, startAfter?: string): Promise<{ objects: ListedObject[]; isLast: boolean }>;
}

export type RangeAnswer =
  | { kind: 'missing' }
  | {
      kind: 'range';
      bytes: Uint8Array;
      totalSizeBytes: number;
      etag: string;
      versionId?: string;
      lastModified: Instant;
    };
