import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface FileHash {
  sizeBytes: number;
  sha256: string;
}

export function hashFile(path: string): Promise<FileHash> {
  return hashOf(createReadStream(path));
}

export function hashOfBytes(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Of the content of a gzip file; `undefined` if it is damaged, or no gzip file. */
export async function hashUnpacked(path: string): Promise<FileHash | undefined> {
  const packed = createReadStream(path);
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error));
  try {
    return await hashOf(packed.pipe(unpacked));
  } catch {
    return undefined;
  } finally {
    packed.destroy();
  }
}

async function hashOf(stream: Readable): Promise<FileHash> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    hash.update(bytes);
    sizeBytes += bytes.length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}
