/**
 * A streaming scanner of `multipart/form-data` (RFC 7578 over RFC 2046 section 5.1.1). It holds at most one chunk
 * and the head of a part; bodies are handed on as they come, wherever a chunk ends.
 */
export type MultipartEvent =
  | { kind: 'part'; headers: ReadonlyMap<string, string> }
  | { kind: 'data'; bytes: Buffer }
  | { kind: 'end' };

/** The body is not well-formed `multipart/form-data`. Everything read before it must be discarded. */
export class MultipartError extends Error {
  override name = 'MultipartError';
}

const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 16 * 1024;
/** RFC 2046 allows white space between a boundary and its line end; nobody sends much. */
const MAX_PADDING_BYTES = 128;
const DASH = 0x2d;

type State = 'preamble' | 'boundary' | 'head' | 'body' | 'closed';

export class MultipartScanner {
  readonly #delimiter: Buffer;
  #state: State = 'preamble';
  /** Starts with a line end, so that the first boundary looks like every other one. */
  #pending: Buffer = CRLF;
  /** While true, the line end before the body is still in `#pending`: an empty body shares it with its boundary. */
  #isBodyStart = false;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** Takes the next bytes. Throws `MultipartError`. */
  *push(chunk: Buffer): Generator<MultipartEvent> {
    if (this.#state === 'closed') return;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let before: State;
    do {
      before = this.#state;
      if (before === 'preamble') this.#readPreamble();
      else if (before === 'boundary') this.#readBoundaryLine();
      else if (before === 'head') yield* this.#readHead();
      else if (before === 'body') yield* this.#readBody();
    } while (this.#state !== before);
  }

  /** Says that the body is over. Throws `MultipartError` when the closing boundary has not come. */
  end(): void {
    if (this.#state !== 'closed') {
      throw new MultipartError(
        `expected the closing boundary, got the end of the body in the ${this.#state}`,
      );
    }
  }

  #readPreamble(): void {
    const at = this.#pending.indexOf(this.#delimiter);
    if (at >= 0) this.#advance(at + this.#delimiter.length, 'boundary');
    else this.#keepTail();
  }

  #readBoundaryLine(): void {
    if (this.#pending.length < 2) return;
    if (this.#pending[0] === DASH && this.#pending[1] === DASH) {
      this.#advance(this.#pending.length, 'closed');
      return;
    }
    const lineEnd = this.#pending.indexOf(CRLF);
    const padding = this.#pending.subarray(0, lineEnd >= 0 ? lineEnd : this.#pending.length - 1);
    if (padding.length > MAX_PADDING_BYTES || !/^[ \t]*$/.test(padding.toString('latin1'))) {
      throw new MultipartError('expected a line end or "--" after the boundary, got other bytes');
    }
    // The line end stays: a part without headers has only one more behind it.
    if (lineEnd >= 0) this.#advance(lineEnd, 'head');
  }

  *#readHead(): Generator<MultipartEvent> {
    const at = this.#pending.indexOf(HEAD_END);
    if (at > MAX_HEAD_BYTES || (at < 0 && this.#pending.length > MAX_HEAD_BYTES)) {
      throw new MultipartError(`expected part headers of at most ${MAX_HEAD_BYTES} bytes, got more`);
    }
    if (at < 0) return;
    const head = this.#pending.subarray(CRLF.length, Math.max(at, CRLF.length)).toString('utf8');
    const headers = parsePartHeaders(head);
    this.#advance(at + CRLF.length, 'body');
    this.#isBodyStart = true;
    yield { kind: 'part', headers };
  }

  *#readBody(): Generator<MultipartEvent> {
    const at = this.#pending.indexOf(this.#delimiter);
    const upTo = at >= 0 ? at : this.#pending.length - (this.#delimiter.length - 1);
    if (at < 0 && upTo <= 0) return;
    const from = this.#isBodyStart ? CRLF.length : 0;
    if (upTo > from) yield { kind: 'data', bytes: this.#pending.subarray(from, upTo) };
    if (at >= 0) {
      this.#isBodyStart = false;
      this.#advance(at + this.#delimiter.length, 'boundary');
      yield { kind: 'end' };
    } else if (upTo >= from) {
      this.#isBodyStart = false;
      this.#pending = this.#pending.subarray(upTo);
    }
  }

  #advance(bytes: number, state: State): void {
    this.#pending = this.#pending.subarray(bytes);
    this.#state = state;
  }

  #keepTail(): void {
    const keep = this.#delimiter.length - 1;
    if (this.#pending.length > keep) this.#pending = this.#pending.subarray(this.#pending.length - keep);
  }
}

function parsePartHeaders(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      throw new MultipartError('expected part headers of the form "Name: value", got another line');
    }
    headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}
