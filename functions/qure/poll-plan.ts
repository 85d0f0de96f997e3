/** When to ask for a result, by how long Qure has computed before. Knows nothing of the pipeline; all times are seconds. */

/**
 * How long Qure took for the last results of a product, oldest first. A negative one was there at the first poll, which came after so
 * many seconds: it took no longer, and how much less is not known.
 */
export type ComputingTimes = readonly number[];

export const POLL_BASES = ['learned', 'default'] as const;

/** A first poll, and then one after the other. */
export interface PollPlan {
  /** `default`: too few results are known. */
  basis: (typeof POLL_BASES)[number];
  /** Half of the results were there after so long, or are thought to be. */
  medianSeconds: number;
  /** The first likely moment. Polls before it are a minute apart. */
  firstSeconds: number;
  /** From which it was learned. */
  knownResults: number;
}

type PollTimes = Omit<PollPlan, 'knownResults'>;

/** More would follow a change too slowly, fewer would follow chance. */
const MAX_KNOWN = 50;
const MIN_KNOWN = 20;
/** Of the median. About one result in eight is there before that: an earlier poll would mostly be in vain. */
const FIRST_SHARE = 0.6;
/** Of the median, from one poll to the next. */
const STEP_SHARE = 0.12;
/** Where the median is a guess, which may be four times too long; then waits grow with the time since the start. */
const GUESSED_FIRST_SHARE = 0.25;
const GUESSED_STEP_SHARE = 0.15;
/** Of a result that was there at the first poll, as a share of that time: a middle one of those that it may be. */
const EARLY_SHARE = 0.7;
/** When more than so many of the last were there at the first poll, Qure has become faster than is known. */
const RECENT = 10;
const MOST_EARLY = 3;
const PULLED_FORWARD = 0.7;
const MIN_STEP_SECONDS = 3;
/** In medians; 99 of 100 results are there. From then on polls grow apart, by so much of the time since. */
const TAIL_MEDIANS = 3;
const TAIL_GROWTH = 0.3;
/** Also before the first likely moment: what is known may be of a bad hour, and Qure ten times as fast again. */
export const MAX_STEP_SECONDS = 60;
/** Waits differ by so much, so that a batch does not ask all at once. */
const JITTER = 0.1;
/** No poll comes within a second, and no result is waited for longer than a day: what says so was measured with a wrong clock. */
const MAX_SECONDS = 86_400;
/** A first poll that came later than planned by more than that tells nothing. */
const LATE_SHARE = 1.25;
const LATE_SECONDS = 5;
/** Polls so far apart, as after an outage, do not tell when the result was there. */
const MAX_GAP_SHARE = 0.5;
const MAX_GAP_SECONDS = 10;

/** @param usualSeconds the median where too few are known */
export function planPolls(times: ComputingTimes, usualSeconds: number): PollPlan {
  const basis = times.length < MIN_KNOWN ? 'default' : 'learned';
  const taken = times.map((time) => (time < 0 ? -time * EARLY_SHARE : time));
  const medianSeconds = basis === 'default' ? usualSeconds : median(taken);
  const early = times.slice(-RECENT).filter((time) => time < 0).length;
  const share = basis === 'default' ? GUESSED_FIRST_SHARE : FIRST_SHARE;
  const firstSeconds = medianSeconds * share * (early > MOST_EARLY ? PULLED_FORWARD : 1);
  return {
    basis,
    medianSeconds: rounded(medianSeconds),
    firstSeconds: rounded(Math.max(1, firstSeconds)),
    knownResults: times.length,
  };
}

/**
 * Whole seconds until the next poll.
 *
 * @param elapsedSeconds since Qure has accepted the series
 * @param random in [0, 1)
 */
export function nextPollSeconds(plan: PollTimes, elapsedSeconds: number, random: number): number {
  // Clocks of two functions differ.
  const elapsed = Math.max(0, elapsedSeconds);
  const step = stepSeconds(plan, elapsed);
  const leftSeconds = plan.firstSeconds - elapsed;
  const wait = Math.min(MAX_STEP_SECONDS, leftSeconds > step || elapsed === 0 ? leftSeconds : step);
  return Math.max(1, Math.round(wait * (1 - JITTER + 2 * JITTER * random)));
}

function stepSeconds({ basis, medianSeconds }: PollTimes, elapsed: number): number {
  const tailSeconds = Math.max(0, elapsed - medianSeconds * TAIL_MEDIANS);
  const step =
    basis === 'default'
      ? elapsed * GUESSED_STEP_SHARE
      : Math.max(MIN_STEP_SECONDS, medianSeconds * STEP_SHARE) + tailSeconds * TAIL_GROWTH;
  return Math.max(MIN_STEP_SECONDS, step);
}

/**
 * With a result that was seen at this poll; the same times where it tells nothing.
 *
 * @param notYetSeconds the poll before, at which it was not there; absent at the first one
 */
export function learnTime(
  times: ComputingTimes,
  { firstSeconds }: Pick<PollPlan, 'firstSeconds'>,
  seenSeconds: number,
  notYetSeconds: number | undefined,
): ComputingTimes {
  if (!(seenSeconds >= 1 && seenSeconds <= MAX_SECONDS)) return times;
  if (notYetSeconds === undefined) {
    const isLate = seenSeconds > firstSeconds * LATE_SHARE + LATE_SECONDS;
    return isLate ? times : append(times, -seenSeconds);
  }
  const gapSeconds = seenSeconds - notYetSeconds;
  const isTold =
    notYetSeconds >= 0 &&
    gapSeconds >= 0 &&
    gapSeconds <= Math.max(MAX_GAP_SECONDS, seenSeconds * MAX_GAP_SHARE);
  return isTold ? append(times, (seenSeconds + notYetSeconds) / 2) : times;
}

function append(times: ComputingTimes, seconds: number): ComputingTimes {
  return [...times, rounded(seconds)].slice(-MAX_KNOWN);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
