const ITEM_TAG = 0xe000fffe;
const SEQUENCE_DELIMITATION_TAG = 0xe0ddfffe;
const ITEM_HEAD_BYTES = 8;

/**
 * Walks encapsulated pixel data (DICOM PS3.5 section A.4) without keeping it: items of given length up to a sequence
 * delimitation item. Its absence shows that a file was cut off in compressed pixel data.
 */
export class FragmentWalker {
  isComplete = false;
  isBroken = false;
  #head = Buffer.alloc(0);
  #skipBytes = 0;

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.isComplete && !this.isBroken) {
      if (this.#skipBytes > 0) {
        const step = Math.min(this.#skipBytes, chunk.length - at);
        this.#skipBytes -= step;
        at += step;
        continue;
      }
      const taken = chunk.subarray(at, at + ITEM_HEAD_BYTES - this.#head.length);
      this.#head = Buffer.concat([this.#head, taken]);
      at += taken.length;
      if (this.#head.length === ITEM_HEAD_BYTES) this.#readItemHead();
    }
  }

  #readItemHead(): void {
    const tag = this.#head.readUInt32LE(0);
    if (tag === SEQUENCE_DELIMITATION_TAG) this.isComplete = true;
    else if (tag === ITEM_TAG) this.#skipBytes = this.#head.readUInt32LE(4);
    else this.isBroken = true;
    this.#head = Buffer.alloc(0);
  }
}
