import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Segment } from './body-files.ts';
import type { Checksum } from './checksum.ts';
import { inTransaction } from './database.ts';
import type { Journal, ObjectCreated } from './journal.ts';
import { noSuchBucket } from './s3-error.ts';

export interface ObjectSummary {
  key: string;
  sizeBytes: number;
  /** Without quotes. */
  etag: string;
  /** Milliseconds since 1970, whole seconds, as HTTP dates are. */
  modifiedMs: number;
}

export interface ObjectRow extends ObjectSummary {
  /** Names this content: a new one with every write. */
  objectId: string;
  /** The headers that are returned with the object: `content-type`, `x-amz-meta-…`, names in lower case. */
  headers: Record<string, string>;
  checksum?: Checksum;
  /** The multipart upload that made it. */
  uploadId?: string;
}

export interface NewObject {
  bucket: string;
  key: string;
  etag: string;
  segments: readonly Segment[];
  headers: Record<string, string>;
  checksum?: Checksum;
  uploadId?: string;
  /** Of a multipart upload: S3 dates its object by it (Amazon S3 User Guide, "Working with object metadata"). */
  initiatedMs?: number;
  eventName: ObjectCreated['eventName'];
}

/** The replaced content of a write; its files can be removed. */
export interface ReplacedObject {
  objectId: string;
  segments: Segment[];
}

export interface Bucket {
  name: string;
  createdMs: number;
}

/** Buckets, objects and their segments. Every method is one transaction, and synchronous, so none can interleave. */
export class ObjectTable {
  readonly #database: DatabaseSync;
  readonly #journal: Journal;
  readonly #isNotified: (bucket: string) => boolean;
  readonly #statements;

  constructor(database: DatabaseSync, journal: Journal, isNotified: (bucket: string) => boolean) {
    this.#database = database;
    this.#journal = journal;
    this.#isNotified = isNotified;
    const columns = 'key, object_id, size_bytes, etag, modified_ms, headers, checksum, upload_id';
    this.#statements = {
      addBucket: database.prepare('INSERT OR IGNORE INTO buckets VALUES (?, ?)'),
      bucket: database.prepare('SELECT 1 FROM buckets WHERE name = ?'),
      buckets: database.prepare('SELECT name, created_ms FROM buckets ORDER BY name'),
      object: database.prepare(`SELECT ${columns} FROM objects WHERE bucket = ? AND key = ?`),
      putObject: database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      setHeaders: database.prepare('UPDATE objects SET headers = ? WHERE bucket = ? AND key = ?'),
      deleteObject: database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?'),
      page: database.prepare(
        `SELECT key, size_bytes, etag, modified_ms FROM objects
         WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
      ),
      segments: database.prepare(
        'SELECT body_id, size_bytes FROM segments WHERE object_id = ? ORDER BY number',
      ),
      addSegment: database.prepare('INSERT INTO segments VALUES (?, ?, ?, ?)'),
      deleteSegments: database.prepare('DELETE FROM segments WHERE object_id = ?'),
      bodyIds: database.prepare(
        'SELECT body_id FROM segments WHERE body_id NOT NULL UNION ALL SELECT body_id FROM parts WHERE body_id NOT NULL',
      ),
    };
  }

  addBucket(name: string, nowMs: number): void {
    this.#statements.addBucket.run(name, nowMs);
  }

  listBuckets(): Bucket[] {
    return this.#statements.buckets
      .all()
      .map((row) => ({ name: String(row.name), createdMs: Number(row.created_ms) }));
  }

  /** Throws NoSuchBucket. */
  requireBucket(name: string): void {
    if (this.#statements.bucket.get(name) === undefined) throw noSuchBucket();
  }

  find(bucket: string, key: string): ObjectRow | undefined {
    const row = this.#statements.object.get(bucket, Buffer.from(key));
    if (row === undefined) return undefined;
    return {
      key,
      objectId: String(row.object_id),
      sizeBytes: Number(row.size_bytes),
      etag: String(row.etag),
      modifiedMs: Number(row.modified_ms),
      headers: JSON.parse(String(row.headers)) as Record<string, string>,
      ...(row.checksum === null ? {} : { checksum: JSON.parse(String(row.checksum)) as Checksum }),
      ...(row.upload_id === null ? {} : { uploadId: String(row.upload_id) }),
    };
  }

  /** Changes the metadata; the content stays, and there is no notification. False if there is no object. */
  changeHeaders(
    bucket: string,
    key: string,
    change: (headers: Record<string, string>) => Record<string, string>,
  ): boolean {
    return inTransaction(this.#database, () => {
      const found = this.find(bucket, key);
      if (found === undefined) return false;
      const headers = JSON.stringify(change(found.headers));
      this.#statements.setHeaders.run(headers, bucket, Buffer.from(key));
      return true;
    });
  }

  segmentsOf(objectId: string): Segment[] {
    return this.#statements.segments.all(objectId).map((row) => ({
      sizeBytes: Number(row.size_bytes),
      ...(row.body_id === null ? {} : { bodyId: String(row.body_id) }),
    }));
  }

  /**
   * Stores the object and its notification in one transaction.
   * @param check gets the present object and throws to refuse the write
   * @param alongside more writes of the same transaction
   */
  put(
    object: NewObject,
    nowMs: number,
    check: (current: ObjectRow | undefined) => void,
    alongside: () => void = () => undefined,
  ): { row: ObjectRow; replaced?: ReplacedObject } {
    const { bucket, key, etag, segments, headers, checksum, uploadId, eventName } = object;
    const { initiatedMs = nowMs } = object;
    return inTransaction(this.#database, () => {
      this.requireBucket(bucket);
      check(this.find(bucket, key));
      const replaced = this.#take(bucket, key);
      const row: ObjectRow = {
        key,
        objectId: randomBytes(12).toString('hex'),
        sizeBytes: segments.reduce((sum, segment) => sum + segment.sizeBytes, 0),
        etag,
        modifiedMs: initiatedMs - (initiatedMs % 1000),
        headers,
        ...(checksum === undefined ? {} : { checksum }),
        ...(uploadId === undefined ? {} : { uploadId }),
      };
      this.#statements.putObject.run(
        bucket,
        Buffer.from(key),
        row.objectId,
        row.sizeBytes,
        etag,
        row.modifiedMs,
        JSON.stringify(headers),
        checksum === undefined ? null : JSON.stringify(checksum),
        uploadId ?? null,
      );
      segments.forEach((segment, index) => {
        this.#statements.addSegment.run(row.objectId, index + 1, segment.bodyId ?? null, segment.sizeBytes);
      });
      alongside();
      if (this.#isNotified(bucket)) {
        const eventTime = new Date(nowMs).toISOString();
        this.#journal.add({ bucket, key, sizeBytes: row.sizeBytes, etag, eventName, eventTime });
      }
      return replaced === undefined ? { row } : { row, replaced };
    });
  }

  /** Deletes all of `keys`; those that do not exist count as deleted, as in S3. */
  delete(
    bucket: string,
    keys: readonly string[],
    check: (current: ObjectRow | undefined) => void,
  ): ReplacedObject[] {
    return inTransaction(this.#database, () => {
      this.requireBucket(bucket);
      return keys.flatMap((key) => {
        check(this.find(bucket, key));
        const taken = this.#take(bucket, key);
        return taken === undefined ? [] : [taken];
      });
    });
  }

  /** At most `limit` objects with `from` <= key < `before`, in the order of their UTF-8 bytes. */
  page(bucket: string, from: Buffer, before: Buffer, limit: number): ObjectSummary[] {
    return this.#statements.page.all(bucket, from, before, limit).map((row) => ({
      key: Buffer.from(row.key as Uint8Array).toString('utf8'),
      sizeBytes: Number(row.size_bytes),
      etag: String(row.etag),
      modifiedMs: Number(row.modified_ms),
    }));
  }

  /** Every file of an object or of a part of an open upload. */
  bodyIds(): Set<string> {
    const ids = new Set<string>();
    for (const row of this.#statements.bodyIds.iterate()) ids.add(String(row.body_id));
    return ids;
  }

  #take(bucket: string, key: string): ReplacedObject | undefined {
    const current = this.#statements.object.get(bucket, Buffer.from(key));
    if (current === undefined) return undefined;
    const objectId = String(current.object_id);
    const segments = this.segmentsOf(objectId);
    this.#statements.deleteObject.run(bucket, Buffer.from(key));
    this.#statements.deleteSegments.run(objectId);
    return { objectId, segments };
  }
}
