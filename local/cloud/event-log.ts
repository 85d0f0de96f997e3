import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

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
  /** Not part of a delivered event; kept to tell buses apart. */
  eventBusName: string;
}

/** A file with one event per line; what `append` has returned from survives a kill and a power cut. */
export class EventLog {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  append(events: readonly BusEvent[]): void {
    writeSync(this.#file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
