import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unpackedBound } from '../instances/unpacked-bound.ts';

/** What the content of a gzip stream can be blamed for. Anything else, such as Z_MEM_ERROR, is ours. */
const CONTENT_ERRORS: ReadonlySet<unknown> = new Set(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT']);

/** The dropped file breaks, or unpacks to more than a scan has. Another try reads the same bytes. */
export class DamagedInstanceError extends Error {
  override name = 'DamagedInstanceError';
  readonly sopInstanceUid: string;

  constructor(sopInstanceUid: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.sopInstanceUid = sopInstanceUid;
  }
}

/**
 * The unpacked bytes of a gzip object. Zeros behind the stream, to the end of a block, are left out, as gzip does; anything else
 * there is damage.
 * The result ends in `DamagedInstanceError` for a file that is damaged, and in the error of `packed` where that breaks off.
 */
export function unpackInstance(
  packed: Readable,
  { sopInstanceUid, sizeBytes }: { sopInstanceUid: string; sizeBytes: number },
): Readable {
  const maxBytes = unpackedBound(sizeBytes);
  let packedBytes = 0;
  let unpackedBytes = 0;
  const damaged = (message: string, cause?: unknown) =>
    new DamagedInstanceError(sopInstanceUid, message, { cause });
  const unpacked = createGunzip();
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      unpackedBytes += chunk.byteLength;
      if (unpackedBytes > maxBytes) done(damaged(`expected at most ${maxBytes} bytes unpacked, got more`));
      else done(null, chunk);
    },
  });
  packed.on('data', (chunk: Buffer) => {
    packedBytes += chunk.byteLength;
  });
  // `pipe` does not carry errors on.
  packed.on('error', (error) => bounded.destroy(error));
  unpacked.on('error', (error: NodeJS.ErrnoException) => {
    // Fewer bytes than the object has are no word on the object: its answer was cut short.
    const isCut = error.code === 'Z_BUF_ERROR' && packedBytes < sizeBytes;
    const isDamaged = CONTENT_ERRORS.has(error.code) && !isCut;
    bounded.destroy(isDamaged ? damaged('expected a whole gzip stream, got a broken one', error) : error);
  });
  bounded.on('close', () => {
    packed.destroy();
    unpacked.destroy();
  });
  packed.pipe(unpacked).pipe(bounded);
  return bounded;
}
