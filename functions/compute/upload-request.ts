import { Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { QureClient } from '../adapters/qure/client.ts';
import type { Instance } from '../core/instance.ts';
import type { DropBucket } from '../core/ports.ts';

type UploadFile = Parameters<QureClient['uploadInstances']>[1][number];

/** The object that an instance row stands for is gone, or holds other bytes by now. */
export class InstanceMissingError extends Error {
  override name = 'InstanceMissingError';
}

/** A gzip stream that unpacks to more than this is no scan. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;

/** The file of an instance as Qure takes it: opened when its turn comes, unpacked when it was dropped packed. */
export function toUploadFile(drop: DropBucket, instance: Instance): UploadFile {
  const { object, sopInstanceUid } = instance;
  return {
    fileName: `${sopInstanceUid}.dcm`,
    ...(object.isGzip ? {} : { sizeBytes: object.sizeBytes }),
    async open() {
      const opened = await drop.openInstance(object);
      if (opened.kind === 'missing') throw new InstanceMissingError('the dropped object is gone or replaced');
      if (!object.isGzip) return opened.body;
      const unpacked = createGunzip();
      const capped = unpacked.pipe(new ByteCap(MAX_UNPACKED_BYTES));
      // `pipe` does not carry errors on.
      opened.body.on('error', (error) => capped.destroy(error));
      unpacked.on('error', (error) => capped.destroy(error));
      capped.on('close', () => opened.body.destroy());
      opened.body.pipe(unpacked);
      return capped;
    },
  };
}

class ByteCap extends Transform {
  #seenBytes = 0;
  readonly #maxBytes: number;
  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#seenBytes += chunk.byteLength;
    if (this.#seenBytes > this.#maxBytes)
      done(new Error(`expected at most ${this.#maxBytes} bytes unpacked, got more`));
    else done(null, chunk);
  }
}
