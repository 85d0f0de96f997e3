import { Readable } from 'node:stream';

/** The body of an answer, as far as the adapters read bodies. Read once, as from the network. */
export class ObjectBody extends Readable {
  #bytes: Uint8Array | undefined;
  readonly #breaksOff: boolean;

  /** `breaksOff`: the connection ends half way, as Node tells it. */
  constructor(bytes: Uint8Array, breaksOff = false) {
    super();
    this.#bytes = bytes;
    this.#breaksOff = breaksOff;
  }

  async transformToByteArray(): Promise<Uint8Array> {
    if (this.#breaksOff) throw brokenOff();
    return this.#take();
  }

  async transformToString(): Promise<string> {
    return Buffer.from(await this.transformToByteArray()).toString('utf8');
  }

  override _read(): void {
    const bytes = this.#take();
    const sent = this.#breaksOff ? bytes.subarray(0, bytes.length / 2) : bytes;
    // A stream of no bytes yields nothing.
    if (sent.length > 0) this.push(sent);
    if (this.#breaksOff) this.destroy(brokenOff());
    else this.push(null);
  }

  /** A copy: whoever changes what it read does not change the object. */
  #take(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('expected a body that was not read before');
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes.slice();
  }
}

function brokenOff(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
