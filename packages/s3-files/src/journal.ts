import type { DatabaseSync } from 'node:sqlite';

/** The content of a bucket notification. */
export interface ObjectCreated {
  bucket: string;
  /** Not URL-encoded. */
  key: string;
  sizeBytes: number;
  /** Without quotes. */
  etag: string;
  eventName: 'ObjectCreated:Put' | 'ObjectCreated:Copy' | 'ObjectCreated:CompleteMultipartUpload';
  /** ISO 8601 UTC. */
  eventTime: string;
  /** Sixteen hexadecimal digits; of two events for one key, the later has the greater. */
  sequencer: string;
}

export interface JournalEntry {
  id: number;
  event: ObjectCreated;
}

/** Pending notifications, from the commit of their object until their delivery. */
export class Journal {
  readonly #sequence;
  readonly #insert;
  readonly #after;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#sequence = database.prepare('UPDATE sequence SET last = last + 1 RETURNING last');
    this.#insert = database.prepare('INSERT INTO journal (event) VALUES (?)');
    this.#after = database.prepare('SELECT id, event FROM journal WHERE id > ? ORDER BY id LIMIT ?');
    this.#remove = database.prepare('DELETE FROM journal WHERE id = ?');
  }

  /** Only within the transaction that stores the object. */
  add(event: Omit<ObjectCreated, 'sequencer'>): void {
    const number = Number(this.#sequence.get()?.last);
    const sequencer = number.toString(16).toUpperCase().padStart(16, '0');
    this.#insert.run(JSON.stringify({ ...event, sequencer } satisfies ObjectCreated));
  }

  /** The oldest `limit` entries with an id greater than `id`. */
  after(id: number, limit: number): JournalEntry[] {
    return this.#after
      .all(id, limit)
      .map((row) => ({ id: Number(row.id), event: JSON.parse(String(row.event)) as ObjectCreated }));
  }

  remove(id: number): void {
    this.#remove.run(id);
  }
}
