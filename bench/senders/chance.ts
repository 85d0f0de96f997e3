import { Random } from '../../test/simulation/random.ts';

/** Draws what a model of senders needs; the same seed draws the same. */
export class Chance extends Random {
  /** Evenly from `low` to `high`. */
  from(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  is(share: number): boolean {
    return this.next() < share;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Of a median and the standard deviation of its logarithm. */
  logNormal(median: number, sigma: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }

  /** At least `least`; the smaller `exponent`, the more often far above it. */
  pareto(least: number, exponent: number): number {
    return least * (1 - this.next()) ** (-1 / exponent);
  }

  one<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }
}
