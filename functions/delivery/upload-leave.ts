import type { UploadingSeries } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { type Clock, secondsBetween } from '../shared/time.ts';

/** How much longer this run may go on. */
export interface Budget {
  remainingMs(): number;
}

/** Left for the answer of a request and for what follows the upload. */
export const RESERVE_MS = 30_000;

/** An answer that took longer than this says what was so, not what is so. */
const MAX_ANSWER_SECONDS = 5;

export interface LeaveDeps {
  series: Pick<SeriesStore, 'load'>;
  clock: Clock;
}

/**
 * Whether a run may send. Qure holds of two contents the one that came last, so a run that is slower than a later generation
 * must not bring a replaced content back. Nothing can fence a request that is under way: the row is asked before each request,
 * and once more after the last one.
 */
export class UploadLeave {
  readonly #deps: LeaveDeps;
  readonly #series: UploadingSeries;
  readonly #budget: Budget;

  constructor(deps: LeaveDeps, series: UploadingSeries, budget: Budget) {
    this.#deps = deps;
    this.#series = series;
    this.#budget = budget;
  }

  /** Why no further request may go, if so. Asks again where the answer took too long. */
  async hindrance(): Promise<'out_of_time' | 'superseded' | undefined> {
    for (;;) {
      if (this.#budget.remainingMs() < 2 * RESERVE_MS) return 'out_of_time';
      const askedAt = this.#now();
      if (!(await this.isOurs())) return 'superseded';
      if (secondsBetween(askedAt, this.#now()) <= MAX_ANSWER_SECONDS) return undefined;
    }
  }

  /** Whether no later run has the series: what was sent until now came before anything of it. */
  async isOurs(): Promise<boolean> {
    const row = await this.#deps.series.load(this.#series);
    return row?.state === 'UPLOADING' && row.ticket === this.#series.ticket;
  }

  #now(): string {
    return this.#deps.clock().toISOString();
  }
}
