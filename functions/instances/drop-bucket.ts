import type { Readable } from 'node:stream';
import type { Instant } from '../shared/time.ts';
import type { StoredObject } from './instance.ts';

export interface ListedObject {
  key: string;
  sizeBytes: number;
  etag: string;
  lastModified: Instant;
}

/** The drop bucket, read only. */
export interface DropBucket {
  /** A part of an object; `missing` when there is none under this key (any more). */
  readRange(key: string, startByte: number, endByte: number): Promise<RangeAnswer>;
  /** The exact content that was indexed; `missing` when it is gone or replaced. */
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
