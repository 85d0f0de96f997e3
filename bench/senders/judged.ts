import { judgePolicy, type Policy } from '@qure-dropoff/learned-quiet';
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
  const chance = new Chance(arrivals.length);
  return judgePolicy(arrivals, policy).map((one, nth) => ({
    nth,
    waitSeconds: one.waitSeconds,
    isPremature: one.earlyMs.length > 0,
    computations: one.computations,
    isPublishedIncomplete: one.earlyMs.some((atMs) => {
      const seconds = UPLOAD_SECONDS + chance.logNormal(COMPUTE_SECONDS[kind.modality], COMPUTE_SIGMA);
      const nextMs = Math.min(...one.arrivals.map((arrival) => arrival.atMs).filter((ms) => ms > atMs));
      return atMs + seconds * 1000 < nextMs;
    }),
  }));
}
