import { type Policy, replay, type TracedArrival } from './replay.ts';

/** What a policy did with one series of a trace. */
export interface JudgedSeries {
  series: string;
  sender: string;
  arrivals: readonly TracedArrival[];
  /** From the last arrival to the decision after it. */
  waitSeconds: number;
  /** When it was called complete before its last arrival: each time too early. */
  earlyMs: readonly number[];
  /** How often it was called complete: so often Qure would have been asked. */
  computations: number;
}

/** Every series of a trace, in the order of its lines, by one policy. */
export function judgePolicy<Evidence>(
  trace: readonly TracedArrival[],
  policy: Policy<Evidence>,
): JudgedSeries[] {
  const decisions = Map.groupBy(replay(trace, policy), ({ series }) => series);
  return [...Map.groupBy(trace, ({ series }) => series)].map(([series, arrivals]) => {
    const made = (decisions.get(series) ?? []).map(({ atMs }) => atMs);
    const lastMs = lastOf(arrivals);
    // What is decided in the millisecond of an arrival was decided without it.
    const decidedMs = made.find((atMs) => atMs > lastMs) ?? Number.NaN;
    return {
      series,
      sender: arrivals[0]?.sender ?? '',
      arrivals,
      waitSeconds: (decidedMs - lastMs) / 1000,
      earlyMs: made.filter((atMs) => atMs <= lastMs),
      computations: made.length,
    };
  });
}

/** When the last of its instances came first: a repeated one changes nothing. */
function lastOf(arrivals: readonly TracedArrival[]): number {
  const firstMs = new Map<string, number>();
  for (const { sopInstanceUid, atMs } of arrivals)
    firstMs.set(sopInstanceUid, Math.min(atMs, firstMs.get(sopInstanceUid) ?? atMs));
  return firstMs.values().reduce((last, atMs) => Math.max(last, atMs), Number.NEGATIVE_INFINITY);
}
