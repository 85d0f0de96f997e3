/** Objects an hour of a hospital's day, of 100 a day: scanners are busy from eight to six. */
const HOURS = [
  1.2, 1, 0.8, 0.7, 0.7, 1, 2, 4.5, 7.5, 9, 9.3, 9, 7.8, 7.5, 8, 7.5, 6.5, 5, 3.5, 2.8, 2.3, 1.9, 1.6, 1.4,
];
const HOURS_TOTAL = HOURS.reduce((sum, share) => sum + share);
const DAY_SECONDS = 86_400;
/** As when a scanner sends its day, or an archive is copied: twenty times the mean, in the busiest hour. */
const BURST = { factor: 20, fromSecond: 10 * 3600, forSeconds: 600 };

export interface Arrivals {
  mean: number;
  busyHour: number;
  burst: number;
  /** Objects in each second of two days: what the first one leaves is worked off in the second. */
  perSecond: Float64Array;
}

export function arrivalsOf(instancesADay: number): Arrivals {
  const mean = instancesADay / DAY_SECONDS;
  const rateIn = (hour: number) => ((HOURS[hour % 24] ?? 0) / HOURS_TOTAL / 3600) * instancesADay;
  const perSecond = Float64Array.from({ length: 2 * DAY_SECONDS }, (_second, at) => {
    const isBurst = at >= BURST.fromSecond && at < BURST.fromSecond + BURST.forSeconds;
    return rateIn(Math.floor(at / 3600)) + (isBurst ? BURST.factor * mean : 0);
  });
  const busyHour = Math.max(...HOURS.map((_share, hour) => rateIn(hour)));
  return { mean, busyHour, burst: busyHour + BURST.factor * mean, perSecond };
}

export interface QueueRun {
  /** Age of the oldest message at the worst moment. */
  oldestSeconds: number;
  /** The most in one second. */
  busiest: number;
  perSecond: Float64Array;
}

/** A queue, first-in, first-out, whose consumers take at most so many in a second; in steps of a second of virtual time. */
export function runQueue(arrivals: Float64Array, capacityPerSecond: number): QueueRun {
  const perSecond = new Float64Array(arrivals.length);
  let waiting = 0;
  /** The second whose arrivals come next, and what is left of them. */
  let head = 0;
  let left = arrivals[0] ?? 0;
  let oldestSeconds = 0;
  let busiest = 0;
  for (let second = 0; second < arrivals.length; second += 1) {
    waiting += arrivals[second] ?? 0;
    const taken = Math.min(waiting, capacityPerSecond);
    waiting -= taken;
    perSecond[second] = taken;
    busiest = Math.max(busiest, taken);
    let open = taken;
    while (head < second && open >= left) {
      open -= left;
      head += 1;
      left = arrivals[head] ?? 0;
    }
    left -= Math.min(open, left);
    if (waiting > 1) oldestSeconds = Math.max(oldestSeconds, second - head);
  }
  return { oldestSeconds, busiest, perSecond };
}
