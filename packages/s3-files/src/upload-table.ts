import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Segment } from './body-files.ts';
import { type Checksum, type ChecksumAlgorithm, parseAlgorithm } from './checksum.ts';
import { inTransaction } from './database.ts';
import { noSuchUpload } from './s3-error.ts';

export interface Upload {
  uploadId: string;
  bucket: string;
  key: string;
  /** Milliseconds since 1970. */
  initiatedMs: number;
  headers: Record<string, string>;
  checksum?: { algorithm: ChecksumAlgorithm; type: Checksum['type'] };
}

export interface Part {
  number: number;
  segment: Segment;
  /** Without quotes. */
  etag: string;
  /** Milliseconds since 1970, whole seconds. */
  modifiedMs: number;
  checksum?: Checksum;
}

/** Open multipart uploads. Synchronous, like `ObjectTable`. */
export class UploadTable {
  readonly #database: DatabaseSync;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = {
      add: database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?)'),
      find: database.prepare('SELECT * FROM uploads WHERE upload_id = ? AND bucket = ? AND key = ?'),
      page: database.prepare(
        `SELECT * FROM uploads
         WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND (key > ?2 OR upload_id > ?4)
         ORDER BY key, upload_id LIMIT ?5`,
      ),
      remove: database.prepare('DELETE FROM uploads WHERE upload_id = ?'),
      putPart: database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)'),
      parts: database.prepare(
        'SELECT * FROM parts WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?',
      ),
      part: database.prepare('SELECT * FROM parts WHERE upload_id = ? AND number = ?'),
      removeParts: database.prepare('DELETE FROM parts WHERE upload_id = ?'),
    };
  }

  /** Returns the id of the new upload; ids of one key sort by time. */
  add(upload: Omit<Upload, 'uploadId'>): string {
    const uploadId = upload.initiatedMs.toString(16).padStart(12, '0') + randomBytes(16).toString('hex');
    const { bucket, key, initiatedMs, headers, checksum } = upload;
    this.#statements.add.run(
      uploadId,
      bucket,
      Buffer.from(key),
      initiatedMs,
      JSON.stringify(headers),
      checksum?.algorithm ?? null,
      checksum?.type ?? null,
    );
    return uploadId;
  }

  find(bucket: string, key: string, uploadId: string): Upload | undefined {
    const row = this.#statements.find.get(uploadId, bucket, Buffer.from(key));
    return row === undefined ? undefined : asUpload(row);
  }

  /** Throws NoSuchUpload. */
  require(bucket: string, key: string, uploadId: string): Upload {
    const upload = this.find(bucket, key, uploadId);
    if (upload === undefined) throw noSuchUpload();
    return upload;
  }

  /** Uploads with `from` <= key < `before`; those of the key `from` only if their id is above `afterUploadId`. */
  page(bucket: string, from: Buffer, before: Buffer, afterUploadId: string, limit: number): Upload[] {
    return this.#statements.page.all(bucket, from, before, afterUploadId, limit).map(asUpload);
  }

  /** Stores a part, or replaces it. Throws NoSuchUpload when the upload has ended meanwhile. */
  putPart(upload: Upload, part: Part): Segment | undefined {
    return inTransaction(this.#database, () => {
      this.require(upload.bucket, upload.key, upload.uploadId);
      const replaced = this.#statements.part.get(upload.uploadId, part.number);
      this.#statements.putPart.run(
        upload.uploadId,
        part.number,
        part.segment.bodyId ?? null,
        part.segment.sizeBytes,
        part.etag,
        part.modifiedMs,
        part.checksum === undefined ? null : JSON.stringify(part.checksum),
      );
      return replaced === undefined ? undefined : asPart(replaced).segment;
    });
  }

  /** At most `limit` parts with a number above `after`, in their order. */
  parts(uploadId: string, after = 0, limit = -1): Part[] {
    return this.#statements.parts.all(uploadId, after, limit).map(asPart);
  }

  /** Ends an upload and returns the files of its parts. Within the caller's transaction, or in its own. */
  remove(uploadId: string): Segment[] {
    const work = () => {
      const segments = this.parts(uploadId).map((part) => part.segment);
      this.#statements.removeParts.run(uploadId);
      this.#statements.remove.run(uploadId);
      return segments;
    };
    return this.#database.isTransaction ? work() : inTransaction(this.#database, work);
  }
}

type Row = Record<string, unknown>;

function asUpload(row: Row): Upload {
  const algorithm = row.checksum_algorithm;
  return {
    uploadId: String(row.upload_id),
    bucket: String(row.bucket),
    key: Buffer.from(row.key as Uint8Array).toString('utf8'),
    initiatedMs: Number(row.initiated_ms),
    headers: JSON.parse(String(row.headers)) as Record<string, string>,
    ...(typeof algorithm === 'string'
      ? {
          checksum: {
            algorithm: parseAlgorithm(algorithm),
            type: row.checksum_type === 'FULL_OBJECT' ? ('FULL_OBJECT' as const) : ('COMPOSITE' as const),
          },
        }
      : {}),
  };
}

function asPart(row: Row): Part {
  return {
    number: Number(row.number),
    segment: {
      sizeBytes: Number(row.size_bytes),
      ...(typeof row.body_id === 'string' ? { bodyId: row.body_id } : {}),
    },
    etag: String(row.etag),
    modifiedMs: Number(row.modified_ms),
    ...(typeof row.checksum === 'string' ? { checksum: JSON.parse(row.checksum) as Checksum } : {}),
  };
}
