/** The body of an answer, as far as the adapters read bodies. Read once, as from the network. */
export class ObjectBody {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async transformToByteArray(): Promise<Uint8Array> {
    return this.#take();
  }

  async transformToString(): Promise<string> {
    return Buffer.from(this.#take()).toString('utf8');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const bytes = this.#take();
    // A stream of no bytes yields nothing.
    if (bytes.length > 0) yield Buffer.from(bytes);
  }

  /** As of a stream that is not wanted any more. */
  destroy(): this {
    this.#bytes = new Uint8Array();
    return this;
  }

  /** A copy: whoever changes what it read does not change the object. */
  #take(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('expected a body that was not read before');
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes.slice();
  }
}
