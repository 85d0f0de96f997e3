import { type Policy, replay, type TracedArrival } from '@qure-dropoff/learned-quiet';
import { Chance } from './chance.ts';
import type { SenderTrace } from './mix.ts';

/** What a policy did with one series. */
export interface JudgedSeries {
  /** The how manieth series of its source, from 0. */
  nth: number;
  /** From the true last arrival to the first decision after it. */
  waitSeconds: number;
  /** A decision came before the true last arrival. */
  isPremature: boolean;
  /** Computations that Qure was asked for. */
  computations: number;
  /** A result of fewer instances than came in the end was stored before the next one arrived. */
  isPublishedIncomplete: boolean;
}

/** Upload and computing, median seconds: a late instance stops what is not stored yet. The computing time is log-normal. */
const UPLOAD_SECONDS = 4;
const COMPUTE_SECONDS = { CT: 120, MR: 150, DX: 15 };
const COMPUTE_SIGMA = 0.45;

export function judgeTrace<Evidence>(
  { kind, arrivals }: SenderTrace,
  policy: Policy<Evidence>,
): JudgedSeries[] {
  const decisions = Map.groupBy(replay(arrivals, policy), ({ series }) => series);
  const series = Map.groupBy(arrivals, (arrival) => arrival.series);
  const chance = new Chance(arrivals.length);
  return [...series].map(([id, own], nth) => {
    const lastMs = lastOf(own);
    const made = decisions.get(id) ?? [];
    const final = made.find(({ atMs }) => atMs >= lastMs);
    const early = made.filter(({ atMs }) => atMs < lastMs);
    const isPublishedIncomplete = early.some(({ atMs }) => {
      const seconds = UPLOAD_SECONDS + chance.logNormal(COMPUTE_SECONDS[kind.modality], COMPUTE_SIGMA);
      const nextMs = Math.min(...own.map((arrival) => arrival.atMs).filter((ms) => ms > atMs));
      return atMs + seconds * 1000 < nextMs;
    });
    return {
      nth,
      waitSeconds: ((final?.atMs ?? Number.NaN) - lastMs) / 1000,
      isPremature: early.length > 0,
      computations: made.length,
      isPublishedIncomplete,
    };
  });
}

function lastOf(arrivals: readonly TracedArrival[]): number {
  return arrivals.reduce((last, { atMs }) => Math.max(last, atMs), 0);
}
