import { type ArrivedSeries, FEW } from './arrived-series.ts';
import type { Dirt, SenderHistory } from './sender-history.ts';
import { exceededByAtMost, type Silences, shareAbove } from './silences.ts';

/** Seconds, each at least as long as the one before. */
export interface Limits {
  /** No silence that was learned is shorter. */
  floorSeconds: number;
  /** What a sender is given of which nothing is known. */
  quietSeconds: number;
  /** The most that a sender is given which often pauses for longer than that. */
  longestSeconds: number;
  /** The most that a hole is waited for. */
  holdSeconds: number;
}

/**
 * Why so long: `new_sender`: too few series are known. `few`: one or two instances of a CT or MR are likely a part. `distrusted`: a
 * guess was wrong of late. `often_wrong`: too many of the last 500 were. `learned`: from the longest silences of past series.
 * `claim`: the headers' count has come, and has always been right. `hole`, `claim_open`: something is still to come.
 */
export const WAIT_REASONS = [
  'new_sender',
  'few',
  'distrusted',
  'often_wrong',
  'learned',
  'claim',
  'hole',
  'claim_open',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export interface Wait {
  seconds: number;
  reason: WaitReason;
  /** Series of the sender from which it is known. */
  knownSeries: number;
  /** Of those, all but one in 200 were silent inside for no longer. */
  longestSilenceSeconds: number;
}

/** Series of a kind before anything is concluded. */
const NEW_SENDER_SERIES = 20;
/** Of these modalities so few instances are no volume. */
const SLICED: readonly string[] = ['CT', 'MR'];
/** A silence of this share of the quiet period is near to it; a sender with more such series than 2 % is given longer. */
const NEAR_QUIET = 2 / 3;
const OFTEN_SHARE = 0.02;
const OFTEN_SERIES = 10;
/** Above what it has needed at the most. */
const PAUSE_FACTOR = 1.25;
/** Of so many series, one may be silent for longer than what is learned from them. */
const SERIES_OF_ONE_WRONG = 200;
/** What is never less than twice the longest silence known. */
const LEAST_FACTOR = 2;
/** Above the longest gap of the series itself. */
const OWN_GAP_FACTOR = 4;
const TRUSTED_CLAIMS = 30;
/** After a wrong one. */
const TRUSTED_AGAIN_CLAIMS = 300;
/** Before that many series, numbers and positions of a sender may not mean what they seem to. */
const PROVEN_SERIES = 50;
const UNPROVEN_HOLD_SECONDS = 120;
/** A detector that calls more whole series than this holed is not heard. */
const MOST_DIRTY = 0.05;
const OFTEN_WRONG_SHARE = 0.005;
const OFTEN_WRONG_SERIES = 3;

/** How long after its last arrival the series is called complete, given that nothing comes. */
export function judgeSilence(
  arrived: ArrivedSeries,
  history: SenderHistory,
  limits: Limits,
  modality: string | undefined,
): Wait {
  const silences = arrived.instances <= FEW ? history.few : history.many;
  return {
    ...waitFor(arrived, history, limits, modality),
    knownSeries: Math.round(silences.series),
    longestSilenceSeconds: usualLongestSeconds(silences),
  };
}

function waitFor(
  arrived: ArrivedSeries,
  history: SenderHistory,
  limits: Limits,
  modality: string | undefined,
): Pick<Wait, 'seconds' | 'reason'> {
  const isFew = arrived.instances <= FEW;
  const silences = isFew ? history.few : history.many;
  const quiet = quietSecondsOf(silences, limits);
  const isNew = silences.series < NEW_SENDER_SERIES;
  const hold = holdOf(arrived, history);
  if (hold !== undefined && !isNew) {
    const most = silences.series >= PROVEN_SERIES ? limits.holdSeconds : UNPROVEN_HOLD_SECONDS;
    return { seconds: Math.max(quiet, Math.min(most, limits.holdSeconds)), reason: hold };
  }
  if (history.distrusted > 0) return { seconds: quiet, reason: 'distrusted' };
  if (isOftenWrong(history)) return { seconds: quiet, reason: 'often_wrong' };
  if (!isFew && trustsClaims(history) && arrived.instances === arrived.expected)
    return { seconds: limits.floorSeconds, reason: 'claim' };
  const isPart = isFew && SLICED.includes(modality ?? '');
  if (isNew) return { seconds: quiet, reason: 'new_sender' };
  if (isPart) return { seconds: quiet, reason: 'few' };
  const { few, many } = arrived.longestGapMs;
  // A series that has paused for longer than those before says that the habit may have changed.
  if ((isFew ? few : many) / 1000 > usualLongestSeconds(silences))
    return { seconds: quiet, reason: 'learned' };
  const ownSeconds = (OWN_GAP_FACTOR * Math.max(few, many)) / 1000;
  return {
    seconds: Math.min(Math.max(learnedSeconds(silences, limits), ownSeconds), quiet),
    reason: 'learned',
  };
}

/** The least that `judgeSilence` answers for any series of the sender: until then none of it has to be looked at. */
export function leastSeconds(history: SenderHistory, limits: Limits): number {
  const { quietSeconds } = limits;
  if (history.distrusted > 0 || isOftenWrong(history)) return quietSeconds;
  const claim = trustsClaims(history) ? limits.floorSeconds : quietSeconds;
  const learned = [history.few, history.many]
    .filter(({ series }) => series >= NEW_SENDER_SERIES)
    .map((silences) => learnedSeconds(silences, limits));
  return Math.min(quietSeconds, claim, ...learned);
}

/** Whether silence says nothing now: something is still to come. */
export function holdOf(arrived: ArrivedSeries, history: SenderHistory): 'hole' | 'claim_open' | undefined {
  if (isHeard(history.numbers) && arrived.hasNumberHole) return 'hole';
  if (isHeard(history.positions) && arrived.hasPositionHole) return 'hole';
  const { expected } = arrived;
  if (trustsClaims(history) && expected !== undefined && arrived.instances < expected) return 'claim_open';
  return undefined;
}

/** The whole quiet period: longer where this sender often needs longer. */
function quietSecondsOf(silences: Silences, { quietSeconds, longestSeconds }: Limits): number {
  const needsLonger =
    silences.series >= OFTEN_SERIES && shareAbove(silences, quietSeconds * NEAR_QUIET * 1000) > OFTEN_SHARE;
  if (!needsLonger) return quietSeconds;
  const needed = PAUSE_FACTOR * usualLongestSeconds(silences);
  return Math.min(Math.max(needed, quietSeconds), Math.max(longestSeconds, quietSeconds));
}

/**
 * The longest silence of `n` series is exceeded by the next one in one case of `n + 1`, and `c` times that silence in one of
 * `c * (n + 1)`, where long silences are as frequent as they may be (Pareto, exponent 1).
 */
function learnedSeconds(silences: Silences, { floorSeconds }: Limits): number {
  const factor = Math.max(LEAST_FACTOR, SERIES_OF_ONE_WRONG / silences.series);
  return Math.max(floorSeconds, usualLongestSeconds(silences) * factor);
}

function usualLongestSeconds(silences: Silences): number {
  return exceededByAtMost(silences, silences.series / SERIES_OF_ONE_WRONG) / 1000;
}

function trustsClaims({ claims }: SenderHistory): boolean {
  return claims.right >= (claims.wasWrong ? TRUSTED_AGAIN_CLAIMS : TRUSTED_CLAIMS);
}

function isHeard({ clean, holed }: Dirt): boolean {
  return holed <= clean * (MOST_DIRTY / (1 - MOST_DIRTY));
}

function isOftenWrong({ recent }: SenderHistory): boolean {
  return recent.premature >= OFTEN_WRONG_SERIES - 0.5 && recent.premature > recent.series * OFTEN_WRONG_SHARE;
}
