import type { Arrival } from './arrival.ts';
import { Places } from './position-holes.ts';

/** So many instances are likely a part, as a localizer or a first view: their senders' silences are counted apart. */
export const FEW = 2;

/** What of a series has come so far, and what can be said of it without knowing its sender. */
export class ArrivedSeries {
  #sops = new Set<string>();
  #numbers = new Set<number>();
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #areAllNumbered = true;
  #claims = new Set<number | undefined>();
  #places = new Places();
  #positionHole: { instances: number; isHole: boolean } | undefined;
  /** `undefined` before the first arrival. */
  lastMs: number | undefined;
  /** While one or two instances were there, and while more were. */
  longestGapMs = { few: 0, many: 0 };

  get instances(): number {
    return this.#sops.size;
  }

  has(sopInstanceUid: string): boolean {
    return this.#sops.has(sopInstanceUid);
  }

  /** Answers whether it is another instance than those before. A repeated one ends the silence all the same. */
  add(arrival: Arrival): boolean {
    const { atMs, sopInstanceUid, number, expected } = arrival;
    const state = this.instances <= FEW ? 'few' : 'many';
    const gapMs = atMs - (this.lastMs ?? atMs);
    this.longestGapMs[state] = Math.max(this.longestGapMs[state], gapMs);
    this.lastMs = Math.max(this.lastMs ?? atMs, atMs);
    if (this.#sops.has(sopInstanceUid)) return false;
    this.#sops.add(sopInstanceUid);
    this.#claims.add(isCount(expected) ? expected : undefined);
    this.#places.add(arrival);
    if (number !== undefined && Number.isSafeInteger(number)) {
      this.#numbers.add(number);
      this.#lowest = Math.min(this.#lowest, number);
      this.#highest = Math.max(this.#highest, number);
    } else {
      this.#areAllNumbered = false;
    }
    return true;
  }

  /** What every header claims alike; `undefined` where one claims something else, or nothing. */
  get expected(): number | undefined {
    const [claim] = this.#claims;
    return this.#claims.size === 1 ? claim : undefined;
  }

  /** Between the lowest and the highest number, one is left out. */
  get hasNumberHole(): boolean {
    return this.#areAllNumbered && this.#highest - this.#lowest + 1 > this.#numbers.size;
  }

  /** Between two neighbours along the normal there is room for one. */
  get hasPositionHole(): boolean {
    if (this.#positionHole?.instances !== this.instances)
      this.#positionHole = { instances: this.instances, isHole: this.#places.haveHole };
    return this.#positionHole.isHole;
  }
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}
