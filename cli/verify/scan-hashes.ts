import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, hashUnpacked } from './file-hash.ts';
import { filesBelow } from './generation-folders.ts';

/** The SHA-256 of every file below a folder of original scans; for a gzip file also that of its content. */
export async function scanHashes(folder: string): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  for (const entry of filesBelow(folder)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hashes.add((await hashFile(path)).sha256);
    const unpacked = isGzip(path) ? await hashUnpacked(path) : undefined;
    if (unpacked !== undefined) hashes.add(unpacked.sha256);
  }
  return hashes;
}

/** By its first two bytes (RFC 1952); names are ignored. */
function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(file, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}
