import { Transform, type TransformCallback } from 'node:stream';
import { crc32 } from 'node:zlib';

/**
 * Passes an entry's bytes on, and fails if size or checksum differ from the archive's directory: yauzl does not compare
 * the checksum. Never passes more bytes than declared, also for a malicious archive.
 */
export class ZipEntryCheck extends Transform {
  readonly #expected: { crc32: number; uncompressedSize: number };
  #bytes = 0;
  #crc = 0;

  constructor(expected: { crc32: number; uncompressedSize: number }) {
    super();
    this.#expected = expected;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#expected.uncompressedSize) {
      done(new Error(`expected ${this.#expected.uncompressedSize} bytes in the entry, got more`));
      return;
    }
    this.#crc = crc32(chunk, this.#crc);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#bytes !== this.#expected.uncompressedSize) {
      done(new Error(`expected ${this.#expected.uncompressedSize} bytes in the entry, got ${this.#bytes}`));
    } else if (this.#crc !== this.#expected.crc32) {
      done(new Error('expected the checksum in the archive, got another one'));
    } else {
      done();
    }
  }
}
