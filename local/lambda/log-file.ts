import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Together with the one older file, the log of a function has at most twice this size. */
const MAX_BYTES = 5 * 1024 * 1024;

/** Appends lines to a file of bounded size; the part before is in `<path>.1`. */
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

  /** After `close`, further output from the pipe of a killed process is dropped. */
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
