import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** An event as EventBridge delivers it. Source: EventBridge User Guide, "Event structure". */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601 UTC, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
  /** Not part of a delivered event; kept to distinguish buses. */
  eventBusName: string;
}

const NEWLINE = '\n';

/** A file with one event on each line. After `append` has returned, its event survives a kill and a power failure. */
export class EventLog {
  readonly #file: number;
  readonly #write: typeof writeSync;
  /** The host was killed, or lost its power, within the last line. */
  #isTorn: boolean;

  constructor(path: string, write = writeSync) {
    this.#file = openSync(path, 'a+', 0o600);
    this.#write = write;
    const { size } = fstatSync(this.#file);
    const last = Buffer.alloc(1);
    this.#isTorn =
      size > 0 && readSync(this.#file, last, 0, 1, size - 1) === 1 && last.toString() !== NEWLINE;
  }

  /** All of the events or none. @throws the system's error */
  append(events: readonly BusEvent[]): void {
    const { size } = fstatSync(this.#file);
    const lines = events.map((event) => `${JSON.stringify(event)}${NEWLINE}`).join('');
    try {
      let rest = Buffer.from(this.#isTorn ? NEWLINE + lines : lines);
      // write(2): on a disk that becomes full a part is written, without an error.
      while (rest.length > 0) rest = rest.subarray(this.#write(this.#file, rest));
      fdatasyncSync(this.#file);
    } catch (error) {
      ftruncateSync(this.#file, size);
      throw error;
    }
    this.#isTorn = false;
  }

  close(): void {
    closeSync(this.#file);
  }
}
