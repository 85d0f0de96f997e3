const TICK_MS = 500;
/** Shorter than the quiet period of one machine, longer than a busy process is late. */
const MAX_GAP_MS = 3_000;

export interface PauseWatchOptions {
  /** What a pause asks for. Repeated until it does not fail. */
  afterPause(): Promise<unknown>;
  onProblem(message: string): void;
  /** Milliseconds since 1970. */
  now?(): number;
}

/**
 * Notices that this process did not run, as on a laptop that sleeps, or that its clock was set: for so long nothing could be
 * dropped, which is no silence.
 */
export class PauseWatch {
  readonly #options: PauseWatchOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #seenMs: number;
  #isDue = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PauseWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#seenMs = this.#now();
    this.#timer = setInterval(() => {
      this.handled().catch((error: unknown) =>
        options.onProblem(`after a pause: ${error instanceof Error ? error.message : String(error)}`),
      );
    }, TICK_MS).unref();
  }

  /** Resolves when every pause until now has been handled. Rejects if that failed; the next call tries again. */
  handled(): Promise<unknown> {
    const nowMs = this.#now();
    if (Math.abs(nowMs - this.#seenMs) > MAX_GAP_MS) this.#isDue = true;
    this.#seenMs = nowMs;
    if (this.#isDue) {
      this.#isDue = false;
      this.#last = this.#last.catch(() => undefined).then(() => this.#handle());
    }
    return this.#last;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #handle(): Promise<void> {
    try {
      await this.#options.afterPause();
    } catch (error) {
      this.#isDue = true;
      throw error;
    }
  }
}
