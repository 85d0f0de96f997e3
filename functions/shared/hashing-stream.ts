import { createHash } from 'node:crypto';
import { PassThrough, pipeline, type Readable } from 'node:stream';

export interface HashingStream {
  /** The same bytes, and the same error where `body` breaks. */
  stream: Readable;
  /** Of all of it; `undefined` until the last byte has gone through. */
  facts(): { sizeBytes: number; sha256: string } | undefined;
}

/** Hashes what streams through. Whichever side is destroyed, the other one is too. */
export function hashingStream(body: Readable): HashingStream {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let facts: { sizeBytes: number; sha256: string } | undefined;
  const stream = new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      done(null, chunk);
    },
    flush(done) {
      facts = { sizeBytes, sha256: hash.digest('hex') };
      done();
    },
  });
  // Who reads `stream` gets the error; without this callback it would be thrown a second time.
  pipeline(body, stream, () => {});
  return { stream, facts: () => facts };
}
