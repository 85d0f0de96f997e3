/** One value for each round, of both contenders. */
export interface Rounds<T> {
  ours: T[];
  baseline: T[];
}

/**
 * Runs both contenders once a round, one after the other, each first in every second round: what the machine does
 * besides, and what the first run leaves behind, falls on both.
 */
export async function interleave<T>(
  rounds: number,
  ours: (round: number) => Promise<T>,
  baseline: (round: number) => Promise<T>,
): Promise<Rounds<T>> {
  const values: Rounds<T> = { ours: [], baseline: [] };
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => values.ours.push(await ours(round)),
      async () => values.baseline.push(await baseline(round)),
    ];
    if (round % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
  }
  return values;
}

/** Of an even number of values: the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Median of the rounds' own ratios, with the smallest and the largest: `4.1× (3.8–4.4)`. */
export function ratioText(numerators: readonly number[], denominators: readonly number[]): string {
  const ratios = numerators.map((value, round) => value / (denominators[round] ?? Number.NaN));
  const text = (ratio: number) => ratio.toPrecision(ratio < 100 ? 2 : 3).replace(/e\+\d+$/, '');
  return `${text(median(ratios))}× (${text(Math.min(...ratios))}–${text(Math.max(...ratios))})`;
}

/** Median with the smallest and the largest value. */
export function spreadText(values: readonly number[], digits = 0): string {
  const text = (value: number) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}
