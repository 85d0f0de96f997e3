import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { type ArchiveEntry, DamagedEntryError } from './archive-entry.ts';

/** What the content of a deflated stream can be blamed for. Anything else, such as Z_MEM_ERROR, is ours. */
const CONTENT_ERRORS: ReadonlySet<unknown> = new Set(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT']);

export function crc32Text(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

/**
 * The file of an entry. Its size and its CRC-32 are compared at the end: the result ends in `DamagedEntryError` where they are others
 * than the archive says, and in the error of `stored` where that breaks off. Never gives more bytes than `sizeBytes`.
 */
export function entryContent(stored: Readable, entry: ArchiveEntry, sizeBytes: number): Readable {
  let storedBytes = 0;
  let bytes = 0;
  let checksum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      bytes += chunk.byteLength;
      if (bytes > sizeBytes)
        return done(new DamagedEntryError(`expected an entry of ${sizeBytes} bytes, got more`));
      checksum = crc32(chunk, checksum);
      done(null, chunk);
    },
    flush(done: TransformCallback) {
      // A deflated stream that has ended is whole.
      if (entry.method === 'stored' && storedBytes < entry.storedBytes) done(cutShort());
      else if (bytes === sizeBytes && crc32Text(checksum) === entry.crc32) done();
      else done(new DamagedEntryError(`expected ${sizeBytes} bytes with their CRC-32, got others`));
    },
  });
  /** No word on the entry: the answer of S3 has fewer bytes. */
  const cutShort = () => new Error(`expected ${entry.storedBytes} bytes of an archive, got ${storedBytes}`);
  stored.on('data', (chunk: Buffer) => {
    storedBytes += chunk.byteLength;
  });
  // `pipe` does not carry errors on.
  stored.on('error', (error) => check.destroy(error));
  if (entry.method === 'stored') {
    check.on('close', () => stored.destroy());
    return stored.pipe(check);
  }
  const inflated = createInflateRaw();
  inflated.on('error', (error: NodeJS.ErrnoException) => {
    if (!CONTENT_ERRORS.has(error.code)) check.destroy(error);
    else if (error.code === 'Z_BUF_ERROR' && storedBytes < entry.storedBytes) check.destroy(cutShort());
    else check.destroy(new DamagedEntryError('expected a whole deflated stream', { cause: error }));
  });
  check.on('close', () => {
    stored.destroy();
    inflated.destroy();
  });
  return stored.pipe(inflated).pipe(check);
}
