import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A piece of an object's content: one for a plain put, one per part for a multipart upload. */
export interface Segment {
  /** Names the file; absent for an empty segment, which has none. */
  bodyId?: string;
  sizeBytes: number;
}

const READ_CHUNK_BYTES = 256 * 1024;

/**
 * The contents of objects, one file per segment, named by a random id and never by a key. A file is an orphan until a
 * database row names it; `removeOrphans` deletes the orphans of a crash at the start.
 *
 * Files are not fsynced: a write that has returned is in the kernel's page cache and survives the death of this
 * process, by whatever signal. It may be lost in a power failure; this is the cost of its speed.
 */
export class BodyFiles {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  /** Replaced while being read: removed after the last reader. */
  readonly #unwanted = new Map<string, readonly Segment[]>();

  constructor(directory: string) {
    this.#directory = directory;
    for (let byte = 0; byte < 256; byte++) mkdirSync(join(directory, hexByte(byte)), { recursive: true });
  }

  /** Writes what `source` yields to a new file. If `source` or the disk fails, the file is removed. */
  async write(source: AsyncIterable<Uint8Array>): Promise<Segment> {
    let bodyId: string | undefined;
    let file: FileHandle | undefined;
    let sizeBytes = 0;
    try {
      for await (const chunk of source) {
        if (chunk.length === 0) continue;
        if (file === undefined) {
          bodyId = randomBytes(16).toString('hex');
          file = await open(this.#path(bodyId), 'wx');
        }
        await writeWhole(file, chunk);
        sizeBytes += chunk.length;
      }
      await file?.close();
    } catch (error) {
      await file?.close().catch(() => undefined);
      if (bodyId !== undefined) await this.remove([{ bodyId, sizeBytes }]);
      throw error;
    }
    return bodyId === undefined ? { sizeBytes } : { bodyId, sizeBytes };
  }

  /**
   * Yields `lengthBytes` bytes from `startByte` of an object. The caller holds a lease (`lease`) meanwhile.
   * Throws when a file is shorter than its row says.
   */
  async *read(segments: readonly Segment[], startByte: number, lengthBytes: number): AsyncGenerator<Buffer> {
    let skip = startByte;
    let left = lengthBytes;
    for (const { bodyId, sizeBytes } of segments) {
      if (left === 0) return;
      if (bodyId === undefined || skip >= sizeBytes) {
        skip -= sizeBytes;
        continue;
      }
      const file = await open(this.#path(bodyId), 'r');
      try {
        let position = skip;
        let leftHere = Math.min(left, sizeBytes - skip);
        left -= leftHere;
        while (leftHere > 0) {
          const buffer = Buffer.allocUnsafe(Math.min(leftHere, READ_CHUNK_BYTES));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
          if (bytesRead === 0)
            throw new Error('Expected more bytes in a body file: it was cut off from outside.');
          position += bytesRead;
          leftHere -= bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
      skip = 0;
    }
    if (left > 0) throw new Error('Expected the segments to hold the whole range that was asked for.');
  }

  /** Keeps the files of an object from being removed until the returned function is called, once. */
  lease(objectId: string): () => void {
    this.#readers.set(objectId, (this.#readers.get(objectId) ?? 0) + 1);
    return () => {
      const others = (this.#readers.get(objectId) ?? 1) - 1;
      if (others > 0) {
        this.#readers.set(objectId, others);
        return;
      }
      this.#readers.delete(objectId);
      const segments = this.#unwanted.get(objectId);
      this.#unwanted.delete(objectId);
      if (segments !== undefined) void this.remove(segments);
    };
  }

  /** Removes the files of an object without a row, as soon as they have no reader. */
  async retire(objectId: string, segments: readonly Segment[]): Promise<void> {
    if (this.#readers.has(objectId)) this.#unwanted.set(objectId, segments);
    else await this.remove(segments);
  }

  /** A file that cannot be removed now is an orphan for the next start; the request does not fail. */
  async remove(segments: readonly Segment[]): Promise<void> {
    for (const { bodyId } of segments) {
      if (bodyId !== undefined) await unlink(this.#path(bodyId)).catch(() => undefined);
    }
  }

  /** Removes every file that is not in `wanted`. Only at the start, while nothing is being written. */
  removeOrphans(wanted: ReadonlySet<string>): void {
    for (let byte = 0; byte < 256; byte++) {
      const directory = join(this.#directory, hexByte(byte));
      for (const name of readdirSync(directory)) {
        if (!wanted.has(name)) rmSync(join(directory, name), { force: true, recursive: true });
      }
    }
  }

  #path(bodyId: string): string {
    return join(this.#directory, bodyId.slice(0, 2), bodyId);
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.length) {
    const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset);
    offset += bytesWritten;
  }
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
