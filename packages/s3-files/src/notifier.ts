import { setTimeout as wait } from 'node:timers/promises';
import type { Journal, JournalEntry, ObjectCreated } from './journal.ts';

const DELIVERIES_AT_ONCE = 16;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Delivers the journal, entries of an earlier run first, each at least once and in any order, like S3. An entry is
 * removed from the journal only after `notify` has resolved; a rejection is retried as long as the server runs.
 */
export class Notifier {
  readonly #journal: Journal;
  readonly #notify: (event: ObjectCreated) => Promise<void>;
  readonly #stopping = new AbortController();
  readonly #deliveries = new Set<Promise<void>>();
  #waiting: JournalEntry[] = [];
  #lastTaken = 0;

  constructor(journal: Journal, notify: (event: ObjectCreated) => Promise<void>) {
    this.#journal = journal;
    this.#notify = notify;
  }

  /** Call after every commit that added to the journal, and once at the start. */
  wake(): void {
    while (!this.#stopping.signal.aborted && this.#deliveries.size < DELIVERIES_AT_ONCE) {
      const entry = this.#next();
      if (entry === undefined) return;
      const delivery = this.#deliver(entry).finally(() => {
        this.#deliveries.delete(delivery);
        this.wake();
      });
      this.#deliveries.add(delivery);
    }
  }

  /** Ends after the open calls; the rest stays in the journal. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#deliveries);
  }

  #next(): JournalEntry | undefined {
    if (this.#waiting.length === 0)
      this.#waiting = this.#journal.after(this.#lastTaken, 4 * DELIVERIES_AT_ONCE);
    const entry = this.#waiting.shift();
    if (entry !== undefined) this.#lastTaken = entry.id;
    return entry;
  }

  async #deliver({ id, event }: JournalEntry): Promise<void> {
    const { signal } = this.#stopping;
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      try {
        await this.#notify(event);
        this.#journal.remove(id);
        return;
      } catch {
        // Nothing is lost: the journal still has the entry. stop() ends the wait.
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
