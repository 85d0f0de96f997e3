import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePrivateFolder } from './private-folder.ts';

/** Another host uses this data directory. */
export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

/** A host that was just stopped needs some time to end. */
export const LOCK_WAIT_MS = 6_000;

/**
 * Allows one host at a time on a data directory. It is a lock of the operating system on an SQLite file, so it ends
 * with the process in every case. A process id in a file could belong to another process by now. Waits up to `waitMs`
 * for another host to end.
 * @returns a function that releases the directory
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string, waitMs = 0): Promise<() => void> {
  makePrivateFolder(dataDir);
  const endsAt = Date.now() + waitMs;
  for (;;) {
    try {
      return lockNow(dataDir);
    } catch (error) {
      if (!(error instanceof DataDirInUseError) || Date.now() >= endsAt) throw error;
      await sleep(LOOK_MS);
    }
  }
}

const LOOK_MS = 200;

function lockNow(dataDir: string): () => void {
  const database = new DatabaseSync(join(dataDir, 'host.lock'), { timeout: 0 });
  const pidFile = join(dataDir, 'host.pid');
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new DataDirInUseError(
      `The data directory ${dataDir} is in use by ${holder(pidFile)}; stop it or choose another --data-dir`,
      { cause },
    );
  }
  writeFileSync(pidFile, String(process.pid));
  return () => database.close();
}

const SQLITE_BUSY = 5;

function holder(pidFile: string): string {
  try {
    return `process ${Number(readFileSync(pidFile, 'utf8'))}`;
  } catch {
    return 'another process';
  }
}
