import type { Instant } from '../../../functions/shared/time.ts';

/** The one clock of a world. It stands still until somebody moves it, and never goes back. */
export class VirtualClock {
  #ms: number;

  constructor(start: Instant) {
    this.#ms = Date.parse(start);
  }

  readonly now = (): Date => new Date(this.#ms);
  readonly nowMs = (): number => this.#ms;

  instant(): Instant {
    return this.now().toISOString();
  }

  advance(seconds: number): void {
    if (!(seconds >= 0)) throw new RangeError(`expected seconds of at least 0, got ${seconds}`);
    this.#ms += Math.round(seconds * 1000);
  }

  /** Does nothing where `instant` has passed. */
  advanceTo(instant: Instant): void {
    this.#ms = Math.max(this.#ms, Date.parse(instant));
  }
}
