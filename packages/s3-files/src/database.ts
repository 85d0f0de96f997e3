import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA_VERSION = 1;
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Keys are BLOBs of UTF-8, so SQLite orders them as S3 does: byte by byte. `journal` has the notifications that are not
 * delivered yet, written with their object.
 */
const SCHEMA = `
  CREATE TABLE buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE objects (
    bucket TEXT NOT NULL, key BLOB NOT NULL, object_id TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, upload_id TEXT,
    PRIMARY KEY (bucket, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE segments (
    object_id TEXT NOT NULL, number INTEGER NOT NULL, body_id TEXT, size_bytes INTEGER NOT NULL,
    PRIMARY KEY (object_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, initiated_ms INTEGER NOT NULL,
    headers TEXT NOT NULL, checksum_algorithm TEXT, checksum_type TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX uploads_by_key ON uploads (bucket, key, upload_id);
  CREATE TABLE parts (
    upload_id TEXT NOT NULL, number INTEGER NOT NULL, body_id TEXT, size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, checksum TEXT,
    PRIMARY KEY (upload_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;
  CREATE TABLE sequence (last INTEGER NOT NULL) STRICT;
  INSERT INTO sequence VALUES (0);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Another process uses the same data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
  readonly code = 'EBUSY';
}

/**
 * Opens or creates the metadata. The lock lasts as long as the process: a second server on the same data would delete
 * the first one's unfinished uploads as orphans.
 *
 * WAL with `synchronous=NORMAL`: a commit survives the death of the process; only a power failure can undo the last.
 * @throws DataDirectoryInUseError
 */
export function openDatabase(directory: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, 's3.sqlite'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    inTransaction(database, () => {
      const version = database.prepare('PRAGMA user_version').get()?.user_version;
      if (version === 0) database.exec(SCHEMA);
      else if (version !== SCHEMA_VERSION) {
        throw new Error(
          `Expected S3 data of version ${SCHEMA_VERSION}, found version ${String(version)}. Use another data directory.`,
        );
      }
    });
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new DataDirectoryInUseError(
        'The data directory is in use by another process. End that one, or choose another data directory.',
        { cause: error },
      );
    }
    throw error;
  }
  return database;
}

/** Runs `work` as one transaction: rolled back if it throws. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back after some failures, for example a full disk.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
