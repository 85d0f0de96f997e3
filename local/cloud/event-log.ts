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
  /** Not part of a delivered event; kept to distinguish buses. */
  eventBusName: string;
}

/** A file with one event on each line. After `append` has returned, its event survives a kill and a power failure. */
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
