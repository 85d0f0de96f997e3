import { createHash } from 'node:crypto';
import type { Instant } from '../shared/time.ts';

/** Why an object cannot be indexed. An open list; each reason is explained in docs/operations.md. */
export type QuarantineReason =
  | 'not_dicom'
  | 'truncated'
  | 'missing_uid'
  | 'invalid_uid'
  | 'too_large_header'
  | 'empty_object'
  | 'object_missing'
  | 'instances_expired'
  | 'no_source'
  | 'invalid_marker'
  | 'bad_archive'
  | 'bad_entries';

/** An object that no instance row stands for. The object itself stays in the drop bucket, untouched. */
export interface QuarantinedObject {
  id: string;
  key: string;
  /** Absent where no source's prefix covers the key. */
  source?: string;
  reason: QuarantineReason;
  /** For people; never holds anything read from the object. */
  detail: string;
  etag?: string;
  sizeBytes?: number;
  at: Instant;
  /** Of the row. Absent: never, and on what is read back. */
  expiresAt?: Instant;
}

/** One row per key: dropping the key again replaces it, or removes it when the new content can be indexed. */
export function quarantineIdOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

export interface QuarantineStore {
  find(keys: readonly string[]): Promise<QuarantinedObject[]>;
  put(objects: readonly QuarantinedObject[]): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  list(query: { limit: number; cursor?: string }): Promise<{ items: QuarantinedObject[]; cursor?: string }>;
}
