import type { FauxqsPersistence } from './fauxqs-internals.ts';

/** Writes that change messages. Each is one statement in fauxqs; here those of one turn are one transaction. */
const WRITES = [
  'insertQueue',
  'updateQueueAttributes',
  'insertMessage',
  'deleteMessage',
  'updateMessageInflight',
  'updateMessageReady',
  'deleteQueueMessages',
] as const;

/**
 * Makes the queues' SQLite file safe and quick to use:
 * - All writes of one turn of the event loop are committed together. So a move to a dead-letter queue, which
 *   fauxqs does as delete and insert, is atomic, and a burst of sends costs one commit.
 * - No fsync per commit (WAL, synchronous NORMAL): a killed process loses nothing that was committed; only a
 *   power cut may lose the last moment, as with the table beside it.
 * - `updateMessageReady` in fauxqs 2.4.1 writes NULL into a NOT NULL column, by which ChangeMessageVisibility 0
 *   fails and the message disappears until a restart; replaced.
 */
export class QueueJournal {
  readonly #persistence: FauxqsPersistence;
  #commit: Promise<void> | undefined;
  #isInTransaction = false;
  #isClosed = false;

  constructor(persistence: FauxqsPersistence) {
    this.#persistence = persistence;
    persistence.db.exec('PRAGMA synchronous = NORMAL');
    const makeReady = persistence.db.prepare(
      'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
    );
    persistence.updateMessageReady = (messageId) => {
      makeReady.run(messageId);
    };
    for (const name of WRITES) {
      const write = persistence[name].bind(persistence) as (...args: unknown[]) => void;
      persistence[name] = (...args: unknown[]) => {
        this.#begin();
        write(...args);
      };
    }
  }

  /** Resolves when all that was written so far would survive a kill; rejects when it could not be written. */
  async committed(): Promise<void> {
    await this.#commit;
  }

  /**
   * No consumer is alive when a host starts, so whatever was being worked on is visible at once. The receive
   * that the end of the host cut short does not count towards the dead-letter queue.
   */
  releaseInflight(nowMs: number): void {
    this.#persistence.db
      .prepare(
        `UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL,
           approximate_receive_count = MAX(0, approximate_receive_count - (visibility_deadline > ?))
         WHERE receipt_handle IS NOT NULL`,
      )
      .run(nowMs);
  }

  /** Queue URLs carry the port, which differs from start to start. */
  rebaseUrls(sqsUrl: string, accountId: string): void {
    this.#persistence.db
      .prepare("UPDATE sqs_queues SET url = ? || '/' || ? || '/' || name")
      .run(sqsUrl, accountId);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isInTransaction) this.#persistence.db.exec('COMMIT');
    this.#isInTransaction = false;
    this.#persistence.close();
  }

  #begin(): void {
    if (this.#isInTransaction) return;
    this.#persistence.db.exec('BEGIN');
    this.#isInTransaction = true;
    const commit = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#end();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // Whoever answers a request awaits `committed`; a failure that nobody awaits must not end the process.
    commit.catch(() => undefined);
    this.#commit = commit;
  }

  #end(): void {
    if (!this.#isInTransaction) return;
    this.#isInTransaction = false;
    try {
      this.#persistence.db.exec('COMMIT');
    } catch (cause) {
      // A full disk leaves the transaction open or already rolled back, depending on where it failed.
      if (this.#persistence.db.isTransaction) this.#persistence.db.exec('ROLLBACK');
      throw new Error('The queues could not be written to disk; check free space and rights', { cause });
    }
  }
}
