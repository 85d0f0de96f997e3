import { Transform, type TransformCallback } from 'node:stream';

/** So much comes in each window, or the download is given up: one byte now and then would hold its run for ten minutes. */
const WINDOW_MS = 30_000;
const MIN_BYTES_PER_WINDOW = 64 * 1024;

/** Happens when an asset without an announced size turns out larger than the cap. */
export class AssetTooLargeError extends Error {
  override name = 'AssetTooLargeError';
  constructor(maxBytes: number) {
    super(`Expected an asset of at most ${maxBytes} bytes, got more.`);
  }
}

/** Happens when the host of an asset sends so little that a run would wait for it instead of working. */
export class AssetTooSlowError extends Error {
  override name = 'AssetTooSlowError';
  constructor() {
    super(`Expected at least ${MIN_BYTES_PER_WINDOW} bytes of an asset in ${WINDOW_MS / 1000} s, got fewer.`);
  }
}

/**
 * Passes an asset on as long as it is neither too large nor too slow. Time in which the reader pauses is not the host's; where
 * nothing comes at all, the client's own time-out ends the download.
 */
export class AssetStream extends Transform {
  readonly #maxBytes: number;
  readonly #nowMs: () => number;
  #seenBytes = 0;
  #windowStartMs: number;
  #windowBytes = 0;
  /** Since when what has come waits for its reader. */
  #fullSinceMs: number | undefined;

  constructor({ maxBytes, now }: { maxBytes: number; now(): Date }) {
    super();
    this.#maxBytes = maxBytes;
    this.#nowMs = () => now().getTime();
    this.#windowStartMs = this.#nowMs();
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#seenBytes += chunk.byteLength;
    this.#windowBytes += chunk.byteLength;
    if (this.#seenBytes > this.#maxBytes) {
      done(new AssetTooLargeError(this.#maxBytes));
    } else if (this.#isTooSlow()) {
      done(new AssetTooSlowError());
    } else {
      if (!this.push(chunk)) this.#fullSinceMs ??= this.#nowMs();
      done();
    }
  }

  override _read(sizeBytes: number): void {
    if (this.#fullSinceMs !== undefined) {
      this.#windowStartMs += this.#nowMs() - this.#fullSinceMs;
      this.#fullSinceMs = undefined;
    }
    super._read(sizeBytes);
  }

  #isTooSlow(): boolean {
    if (this.#nowMs() - this.#windowStartMs < WINDOW_MS) return false;
    const isTooSlow = this.#windowBytes < MIN_BYTES_PER_WINDOW;
    this.#windowStartMs = this.#nowMs();
    this.#windowBytes = 0;
    return isTooSlow;
  }
}
