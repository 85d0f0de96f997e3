import type { Readable } from 'node:stream';
import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';

/** One DICOM file to send. */
export interface UploadFile {
  /** @default `file_<position>` */
  fieldName?: string;
  /** `<SOPInstanceUID>.dcm`; letters, digits, dots, `_` and `-` only. */
  fileName: string;
  /** Leave it out when it is not known beforehand, as when decompressing. */
  sizeBytes?: number;
  /** Called once, when its turn comes or is next. The stream is destroyed when the request ends early, however it ends. */
  open(): Promise<Readable>;
}

export interface Part extends UploadFile {
  fieldName: string;
}

/** Happens when a part's stream cannot be opened or breaks: the fault is on our side of the request. */
export class PartSourceError extends Error {
  readonly fieldName: string;
  constructor(fieldName: string, cause: unknown) {
    super(`Expected to read the file of part ${fieldName} to its end, and its source failed.`, { cause });
    this.fieldName = fieldName;
  }
}

/** Happens when a part's stream yields another number of bytes than was announced: the object has been replaced. */
export class PartSizeError extends Error {
  readonly fieldName: string;
  readonly expectedBytes: number;
  readonly receivedBytes: number;
  constructor(fieldName: string, expectedBytes: number, receivedBytes: number) {
    super(`Expected ${expectedBytes} bytes in part ${fieldName}, got ${receivedBytes} or more.`);
    this.fieldName = fieldName;
    this.expectedBytes = expectedBytes;
    this.receivedBytes = receivedBytes;
  }
}

/**
 * The next file waits open for as long as this one takes, and S3 need not keep an answer that nobody reads: 20 s where a request gets
 * 50 KiB a second. Beside a larger file the time of an answer is short.
 */
const MAX_SMALL_BYTES = 1024 * 1024;

/**
 * A multipart/form-data body (RFC 7578) that is produced as it is sent: nothing is held but the chunk on its way. The next file is
 * opened while a small one is sent, which hides the time that S3 takes to answer. A file that breaks or has another size than announced
 * ends the body with an error before its part is closed, so that no server can take half a file for a whole one.
 */
export class MultipartBody {
  readonly #parts: readonly Part[];
  readonly #boundary: string;
  readonly #opened = new Set<Readable>();
  #isClosed = false;
  #isHandedOver = false;
  #failure: PartSourceError | PartSizeError | undefined;

  constructor(parts: readonly Part[], boundary: string) {
    this.#parts = parts;
    this.#boundary = boundary;
  }

  get contentType(): string {
    return `multipart/form-data; boundary=${this.#boundary}`;
  }

  /** The size of the whole body; undefined unless every file's size is known. */
  get contentLengthBytes(): number | undefined {
    let total = this.#closing().byteLength;
    for (const [index, part] of this.#parts.entries()) {
      if (part.sizeBytes === undefined) {
        return undefined;
      }
      total += this.#heading(part, index).byteLength + part.sizeBytes;
    }
    return total;
  }

  /** Every byte but the closing boundary has been sent: no server can have taken the whole request before. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  /** Why the body ended on our side, if it did. A request that fails for another reason leaves it undefined. */
  get failure(): PartSourceError | PartSizeError | undefined {
    return this.#failure;
  }

  /** Destroys the files that are open, also one that is still being opened. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#opened) stream.destroy();
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    let opening: Promise<Readable> | undefined;
    for (const [index, part] of this.#parts.entries()) {
      yield this.#heading(part, index);
      try {
        const stream = await (opening ?? this.#open(part));
        opening = this.#openAhead(part, this.#parts[index + 1]);
        yield* this.#contents(part, stream);
      } catch (error) {
        // A source that breaks because the request has ended is no fault of the source's.
        if (!this.#isClosed && (error instanceof PartSourceError || error instanceof PartSizeError)) {
          this.#failure = error;
        }
        throw error;
      }
    }
    this.#isHandedOver = true;
    yield this.#closing();
  }

  async *#contents(part: Part, stream: Readable): AsyncGenerator<Uint8Array, void> {
    let sentBytes = 0;
    const chunks = stream[Symbol.asyncIterator]();
    try {
      while (true) {
        const next = await readNext(chunks, part.fieldName);
        if (next === undefined) {
          break;
        }
        sentBytes += next.byteLength;
        if (part.sizeBytes !== undefined && sentBytes > part.sizeBytes) {
          throw new PartSizeError(part.fieldName, part.sizeBytes, sentBytes);
        }
        // A server that refuses early closes the connection behind its answer. Reading comes before writing only in a new
        // turn of the event loop; without it, a fast source makes the next write fail and the answer is lost with it.
        await nextEventLoopTurn();
        yield next;
      }
    } finally {
      stream.destroy();
      this.#opened.delete(stream);
    }
    if (part.sizeBytes !== undefined && sentBytes !== part.sizeBytes) {
      throw new PartSizeError(part.fieldName, part.sizeBytes, sentBytes);
    }
  }

  #openAhead({ sizeBytes = Number.POSITIVE_INFINITY }: Part, next: Part | undefined) {
    if (next === undefined || sizeBytes > MAX_SMALL_BYTES) return undefined;
    const opening = this.#open(next);
    // Its error is seen when its turn comes.
    opening.catch(() => {});
    return opening;
  }

  async #open(part: Part): Promise<Readable> {
    let stream: Readable;
    try {
      stream = await part.open();
    } catch (error) {
      throw new PartSourceError(part.fieldName, error);
    }
    // Errors are seen where the stream is read; without a listener, one that comes after the end would end the process.
    stream.on('error', () => {});
    this.#opened.add(stream);
    if (this.#isClosed) {
      stream.destroy();
    }
    return stream;
  }

  #heading(part: Part, index: number): Uint8Array {
    return Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${this.#boundary}\r\n` +
        `Content-Disposition: form-data; name="${part.fieldName}"; filename="${part.fileName}"\r\n` +
        'Content-Type: application/dicom\r\n\r\n',
    );
  }

  #closing(): Uint8Array {
    return Buffer.from(`\r\n--${this.#boundary}--\r\n`);
  }
}

async function readNext(chunks: AsyncIterator<unknown>, fieldName: string): Promise<Uint8Array | undefined> {
  let next: IteratorResult<unknown>;
  try {
    next = await chunks.next();
  } catch (error) {
    throw new PartSourceError(fieldName, error);
  }
  if (next.done) {
    return undefined;
  }
  if (!(next.value instanceof Uint8Array)) {
    throw new PartSourceError(
      fieldName,
      new TypeError(`Expected chunks of bytes, got ${typeof next.value}.`),
    );
  }
  return next.value;
}
