import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** With the one older file that is kept, a function's log takes at most twice this. */
const MAX_BYTES = 5 * 1024 * 1024;

/** Appends lines to a file of bounded size; the part before is kept as `<path>.1`. */
export class LogFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number;
  #sizeBytes: number;
  #isClosed = false;

  constructor(path: string, maxBytes = MAX_BYTES) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#file = openSync(path, 'a', 0o600);
    this.#sizeBytes = fstatSync(this.#file).size;
  }

  /** After `close`, what still comes out of a killed process's pipe is dropped. */
  append(line: string): void {
    if (this.#isClosed) return;
    if (this.#sizeBytes >= this.#maxBytes) this.#turn();
    this.#sizeBytes += writeSync(this.#file, `${line}\n`);
  }

  close(): void {
    this.#isClosed = true;
    closeSync(this.#file);
  }

  #turn(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#sizeBytes = 0;
  }
}
