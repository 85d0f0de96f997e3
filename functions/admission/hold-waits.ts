import type { HeldBack } from '../series/series.ts';
import type { StopReason } from '../series/series-facts.ts';
import { addSeconds, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { MAX_RETRY_SECONDS, retryAfterSeconds, type SlotDecision, WAIT_QUEUE_LENGTH } from './quota.ts';

/** Within so long after midnight those that waited for it ask again, the oldest first. */
const MORNING_SECONDS = 300;
const DAY_SECONDS = 86_400;

/** With the two minutes between two probes, a series goes on within five minutes after its source is mended, an urgent one within half of that. */
const LONGEST_STOP_SECONDS = { urgent: 30, routine: 180 };
const SHORTEST_STOP_SECONDS = 10;

export type Held =
  | Omit<Extract<SlotDecision, { reason: 'concurrency' }>, 'state'>
  | Omit<Extract<SlotDecision, { reason: 'daily_budget' }>, 'state'>
  | { kind: 'held_back'; reason: StopReason };

/**
 * When a series that is held back asks again, in whole seconds. For a slot: after as long as those before it in the queue take at
 * least; outside the line after a quarter of what it has waited, so that ten thousand ask a dozen times a second and not
 * hundreds. For the budget: soon after midnight UTC, in hops that a message can be delayed for. For a stopped source: after
 * half of what it has waited.
 */
export function holdSeconds(
  held: Held,
  { maxConcurrentSeries = 1 }: Pick<Source, 'maxConcurrentSeries'>,
  isUrgent: boolean,
  since: Instant,
  now: Instant,
  random: number,
): number {
  if (held.reason === 'daily_budget') {
    const waitedDays = secondsBetween(since, held.dayEndsAt) / DAY_SECONDS;
    // Halved by a day of waiting; the jitter only parts those that came together.
    const afterMidnight = (MORNING_SECONDS / (1 + Math.max(0, waitedDays))) * (0.9 + 0.1 * random);
    const seconds = Math.max(1, secondsBetween(now, held.dayEndsAt)) + afterMidnight;
    return Math.ceil(seconds / Math.ceil(seconds / MAX_RETRY_SECONDS));
  }
  if (held.reason !== 'concurrency') {
    const longest = LONGEST_STOP_SECONDS[isUrgent ? 'urgent' : 'routine'];
    return jittered(
      Math.min(longest, Math.max(SHORTEST_STOP_SECONDS, secondsBetween(since, now) / 2)),
      random,
    );
  }
  const inQueue = retryAfterSeconds(held.position, maxConcurrentSeries);
  const outside = Math.min(MAX_RETRY_SECONDS, secondsBetween(since, now) / 4);
  const ceiling = held.position < WAIT_QUEUE_LENGTH ? inQueue : Math.max(inQueue, outside);
  return jittered(ceiling, random);
}

function jittered(ceilingSeconds: number, random: number): number {
  return Math.ceil(ceilingSeconds / 2 + (ceilingSeconds / 2) * random);
}

/** What the row says of it. `since` stays that of the first hold, whatever the reason. */
export function toHeldBack(held: Held, since: Instant, now: Instant, waitSeconds: number): HeldBack {
  const until = held.reason === 'daily_budget' ? held.dayEndsAt : addSeconds(now, waitSeconds);
  return { reason: held.reason, since, until };
}
