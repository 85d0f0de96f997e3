import type { JudgedSeries } from './judged.ts';

/** A series that counts for so much of the whole. */
export interface Weighted extends JudgedSeries {
  weight: number;
}

export interface Summary {
  series: number;
  /** Seconds from the true last arrival to the decision. */
  p50: number;
  p95: number;
  premature: number;
  /** With 95 % confidence the share is not above it (Wilson). */
  prematureAtMost: number;
  publishedIncomplete: number;
  publishedAtMost: number;
  /** Of a series. */
  computations: number;
}

export function summarize(series: readonly Weighted[]): Summary {
  const total = sum(series.map(({ weight }) => weight));
  const meanOf = (value: (one: Weighted) => number) =>
    sum(series.map((one) => one.weight * value(one))) / total;
  // As many series of one weight would say as much (Kish).
  const worth = total ** 2 / sum(series.map(({ weight }) => weight ** 2));
  const premature = meanOf(({ isPremature }) => Number(isPremature));
  const publishedIncomplete = meanOf((one) => Number(one.isPublishedIncomplete));
  const sorted = series.toSorted((a, b) => a.waitSeconds - b.waitSeconds);
  return {
    series: series.length,
    p50: quantile(sorted, 0.5 * total),
    p95: quantile(sorted, 0.95 * total),
    premature,
    prematureAtMost: wilsonUpper(premature, worth),
    publishedIncomplete,
    publishedAtMost: wilsonUpper(publishedIncomplete, worth),
    computations: meanOf(({ computations }) => computations),
  };
}

/** The upper end of the 95 % interval of a share that was seen in so many cases. */
export function wilsonUpper(share: number, cases: number): number {
  const z = 1.96;
  const middle = share + z ** 2 / (2 * cases);
  const half = z * Math.sqrt((share * (1 - share)) / cases + z ** 2 / (4 * cases ** 2));
  return (middle + half) / (1 + z ** 2 / cases);
}

function quantile(sorted: readonly Weighted[], weight: number): number {
  let below = 0;
  for (const one of sorted) {
    below += one.weight;
    if (below >= weight) return one.waitSeconds;
  }
  return Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
