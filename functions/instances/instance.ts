import { createHash } from 'node:crypto';
import type { DicomHeader } from '@qure-dropoff/dicom';
import { type ArchiveEntry, contentTagOf } from './archive-entry.ts';
import type { SeriesId } from './series-id.ts';

/** Where an instance lies in the drop bucket, and which content it is. */
export interface StoredObject {
  key: string;
  /** As S3 gives it, without quotes. */
  etag: string;
  /** Of the file: of an entry, what it has unpacked. */
  sizeBytes: number;
  /** The file is one entry of an archive: key, ETag, version and age are those of the archive. */
  entry?: ArchiveEntry;
  /** Of a versioned bucket: reads this very content even after the key was overwritten. */
  versionId?: string;
  /** The object's bytes are a gzip stream around the DICOM file. */
  isGzip: boolean;
  /**
   * When this content was dropped, to the second, as S3 tells it: of an upload in parts, when it began. Absent in rows that were written
   * before it was kept.
   */
  lastModified?: string;
}

type Dropped = Pick<StoredObject, 'key' | 'etag' | 'entry' | 'lastModified'>;

/**
 * Of two contents under one SOPInstanceUID the one that was dropped last stands, in whatever order their events come.
 * Dropped under two keys within one second, the key that sorts last: a choice that all runs make alike, else two
 * readers of one folder would overrule each other for ever.
 */
export function isOlder(one: Dropped, other: Dropped): boolean {
  if (one.lastModified === undefined || other.lastModified === undefined) return false;
  const isOneArchive =
    one.lastModified === other.lastModified && one.etag === other.etag && one.key === other.key;
  // Twice in one archive: the last entry stands, as it does where the archive is unpacked.
  if (isOneArchive && one.entry !== undefined && other.entry !== undefined)
    if (one.entry.offset !== other.entry.offset) return one.entry.offset < other.entry.offset;
  if (one.lastModified !== other.lastModified) return one.lastModified < other.lastModified;
  return one.key < other.key;
}

/** Uploaded in parts: then the ETag ends in their number. */
export function isMultipart({ etag }: Pick<StoredObject, 'etag'>): boolean {
  return etag.includes('-');
}

export type InstanceId = SeriesId & { sopInstanceUid: string };

/** One row per series and SOPInstanceUID. */
export interface Instance extends DicomHeader {
  source: string;
  object: StoredObject;
  /** See patient-hash.ts; absent where the header names no patient, and in rows that were written before it was kept. */
  patientHash?: string;
  /** ISO 8601 UTC. */
  indexedAt: string;
  /** From then on the row counts no more. Absent: it does not expire. */
  expiresAt?: string;
}

/**
 * Identifies a set of instances by content: equal exactly when the same SOPInstanceUIDs have the same objects'
 * contents. The order of the rows does not matter.
 */
export function fingerprintOf(instances: readonly Pick<Instance, 'sopInstanceUid' | 'object'>[]): string {
  const lines = instances
    .map((i) => `${i.sopInstanceUid} ${contentTagOf(i.object)} ${i.object.sizeBytes}`)
    .sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
}

export interface InstanceStore {
  /** Strongly consistent; missing ones are left out. */
  find(ids: readonly InstanceId[]): Promise<Instance[]>;
  put(instances: readonly Instance[]): Promise<void>;
  /** Strongly consistent, unless half the price is enough: of rows that were written long ago. */
  ofSeries(id: SeriesId, reading?: 'eventual'): Promise<Instance[]>;
  /** Whichever is first; strongly consistent. */
  anyOf(id: SeriesId): Promise<Instance | undefined>;
  /** Strongly consistent. */
  count(id: SeriesId): Promise<number>;
}
