import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Message, MessageStore } from './message.ts';

/** `content` is the immutable part of a message, `standing` the part that receives change. Both are JSON. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL,
    content TEXT NOT NULL, standing TEXT NOT NULL
  ) STRICT;
`;

/**
 * Messages in an SQLite file. All writes of one turn of the event loop are committed together: a burst of sends costs
 * one commit. WAL with `synchronous=NORMAL`: a commit survives the death of the process; only a power failure can undo
 * the last ones.
 */
export class MessageFile implements MessageStore {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #update;
  readonly #delete;
  readonly #ofQueue;
  #commit: Promise<void> | undefined;
  #isInTransaction = false;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const database = new DatabaseSync(join(folder, 'messages.sqlite'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec(SCHEMA);
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO messages (id, queue, content, standing) VALUES (?, ?, ?, ?)',
    );
    this.#update = database.prepare('UPDATE messages SET queue = ?, standing = ? WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM messages WHERE id = ?');
    this.#ofQueue = database.prepare(
      'SELECT content, standing FROM messages WHERE queue = ? ORDER BY number',
    );
  }

  /** In the order of sending. */
  ofQueue(queueName: string): Message[] {
    return this.#ofQueue
      .all(queueName)
      .map(({ content, standing }) => ({ ...JSON.parse(String(content)), ...JSON.parse(String(standing)) }));
  }

  insert(queueName: string, message: Message): void {
    const { id, body, attributes, groupId, traceHeader, sentAtMs } = message;
    const content = JSON.stringify({ id, body, attributes, groupId, traceHeader, sentAtMs });
    this.#begin();
    this.#insert.run(id, queueName, content, standingOf(message));
  }

  update(queueName: string, message: Message): void {
    this.#begin();
    this.#update.run(queueName, standingOf(message), message.id);
  }

  delete({ id }: Message): void {
    this.#begin();
    this.#delete.run(id);
  }

  /** Resolves when all writes so far would survive a kill; rejects if they failed. */
  async committed(): Promise<void> {
    await this.#commit;
  }

  close(): void {
    if (!this.#database.isOpen) return;
    if (this.#isInTransaction) this.#end();
    this.#database.close();
  }

  #begin(): void {
    if (this.#isInTransaction) return;
    this.#database.exec('BEGIN');
    this.#isInTransaction = true;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    setImmediate(() => {
      try {
        if (this.#isInTransaction) this.#end();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
    // The code that answers a request awaits `committed`. A rejection without a handler must not end the process.
    promise.catch(() => undefined);
    this.#commit = promise;
  }

  #end(): void {
    this.#isInTransaction = false;
    try {
      this.#database.exec('COMMIT');
    } catch (cause) {
      // After "disk full" the transaction is open or already rolled back, depending on the statement that failed.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw new Error('The queues could not be written to disk; check free space and permissions', { cause });
    }
  }
}

function standingOf({ receiveCount, firstReceivedAtMs, receiptHandle, state, visibleAtMs }: Message): string {
  return JSON.stringify({ receiveCount, firstReceivedAtMs, receiptHandle, state, visibleAtMs });
}
