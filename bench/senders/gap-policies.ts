import type { Arrival, Policy } from '@qure-dropoff/learned-quiet';

/** Two rules that look at the gaps of the running series alone, and know nothing of its sender. */

const CEILING_SECONDS = 60;

/** Akka's PhiAccrualFailureDetector with its defaults; without its allowance for pauses, which would be a fixed wait. */
const LEAST_DEVIATION_SECONDS = 0.1;
const FIRST_ESTIMATE_SECONDS = 1;
/** Where Akka's approximation of the normal distribution makes phi the threshold of 8. */
const DEVIATIONS_OF_PHI_8 = 5.226;

export function phiAccrual(): Policy<string> {
  return byGaps((gaps) => {
    const estimates = [0.75 * FIRST_ESTIMATE_SECONDS, 1.25 * FIRST_ESTIMATE_SECONDS, ...gaps];
    const mean = estimates.reduce((sum, gap) => sum + gap) / estimates.length;
    const variance = estimates.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / estimates.length;
    return mean + DEVIATIONS_OF_PHI_8 * Math.max(Math.sqrt(variance), LEAST_DEVIATION_SECONDS);
  });
}

/** The retransmission timer of TCP, RFC 6298 section 2, with a floor of 3 s. */
const RTO_FLOOR_SECONDS = 3;

export function retransmissionTimer(): Policy<string> {
  return byGaps(([first, ...gaps]) => {
    if (first === undefined) return RTO_FLOOR_SECONDS;
    let smoothed = first;
    let variation = first / 2;
    for (const gap of gaps) {
      variation = 0.75 * variation + 0.25 * Math.abs(smoothed - gap);
      smoothed = 0.875 * smoothed + 0.125 * gap;
    }
    return Math.max(RTO_FLOOR_SECONDS, smoothed + 4 * variation);
  });
}

function byGaps(secondsAfter: (gapsSeconds: readonly number[]) => number): Policy<string> {
  return {
    judge: (_arrived, _sender, _modality, arrivals) => ({
      seconds: Math.min(secondsAfter(gapsOf(arrivals)), CEILING_SECONDS),
      evidence: 'gaps',
    }),
    wasLate: () => {},
    hasEnded: () => {},
  };
}

function gapsOf(arrivals: readonly Arrival[]): number[] {
  return arrivals.slice(1).map(({ atMs }, at) => (atMs - (arrivals[at]?.atMs ?? atMs)) / 1000);
}
