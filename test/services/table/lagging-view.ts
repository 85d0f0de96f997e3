import { type Entry, SortedRows } from './sorted-rows.ts';

interface Change {
  /** One row of the table, whatever it is called in the view. */
  rowId: string;
  visibleAtMs: number;
  after: Entry | undefined;
}

/** So many writes wait at least before those that are due are taken over without being asked for. */
const MIN_TAKE_OVER = 256;

/**
 * What an eventually consistent reader sees: each write after a while, the writes of one row in their order, those of
 * different rows in any.
 */
export class LaggingView {
  readonly #rows = new SortedRows();
  /** Where the row stands in the view now. */
  readonly #shown = new Map<string, Entry>();
  #waiting: Change[] = [];
  /** When the last write of a row that waits is visible. */
  readonly #lastVisibleAtMs = new Map<string, number>();
  #takeOverAt = MIN_TAKE_OVER;

  write(rowId: string, after: Entry | undefined, nowMs: number, lagMs: number): void {
    const visibleAtMs = Math.max(nowMs + lagMs, this.#lastVisibleAtMs.get(rowId) ?? 0);
    if (this.#waiting.length === 0 && visibleAtMs <= nowMs) {
      this.#show(rowId, after);
      return;
    }
    this.#waiting.push({ rowId, visibleAtMs, after });
    this.#lastVisibleAtMs.set(rowId, visibleAtMs);
    if (this.#waiting.length < this.#takeOverAt) return;
    this.#takeOver(nowMs);
    this.#takeOverAt = Math.max(MIN_TAKE_OVER, 2 * this.#waiting.length);
  }

  at(nowMs: number): SortedRows {
    if (this.#waiting.length > 0) this.#takeOver(nowMs);
    return this.#rows;
  }

  #takeOver(nowMs: number): void {
    const later: Change[] = [];
    for (const change of this.#waiting) {
      if (change.visibleAtMs > nowMs) {
        later.push(change);
        continue;
      }
      this.#show(change.rowId, change.after);
      if (this.#lastVisibleAtMs.get(change.rowId) === change.visibleAtMs) {
        this.#lastVisibleAtMs.delete(change.rowId);
      }
    }
    this.#waiting = later;
  }

  #show(rowId: string, after: Entry | undefined): void {
    const before = this.#shown.get(rowId);
    if (before !== undefined && (before.partition !== after?.partition || before.id !== after.id)) {
      this.#rows.delete(before.partition, before.id);
    }
    if (after === undefined) this.#shown.delete(rowId);
    else {
      this.#shown.set(rowId, after);
      this.#rows.set(after);
    }
  }
}
