import { createHash } from 'node:crypto';
import type { Series } from '../series/series.ts';
import { STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import type { Slot, SourceState, Waiter } from './source-state.ts';

/** The limits of a source; an absent limit is none. */
export type QuotaLimits = Pick<Source, 'maxConcurrentSeries' | 'dailyBudget'>;

/** Longer than a run of the compute stage (900 s) and the longest wait that keeps its slot (60 s). */
const SLOT_SECONDS = 1_200;
/** A run must not outlive its slot: one with less time left than this renews it. */
const RUN_SECONDS = 960;
/** The length of the wait queue; 100 waiters are less than 10 KB. */
export const WAIT_QUEUE_LENGTH = 100;
/** A series of more than a few instances holds its slot for longer than this. */
const SLOT_USE_SECONDS = 5;
/** The longest delay of a message. Source: Amazon SQS API reference, "SendMessage". */
export const MAX_RETRY_SECONDS = 900;
/** The longest time until a waiter expires. */
const WAITER_SECONDS = 2 * (MAX_RETRY_SECONDS + STAGE_GRACE_SECONDS);
/** The number of first waiters that may take a free slot: not the first alone, which may never come back. */
const ELIGIBLE_WAITERS = 8;
/**
 * Urgent series are admitted beyond the budget; more than this many are not recorded, or the row would exceed the 400 KB of an
 * item. A budget is at most 20,000.
 */
const MAX_UNITS = 25_000;

/**
 * Urgent series are admitted beyond the slots too, and runs that throw keep theirs until the lease expires: more than this many
 * are not recorded, for the same reason.
 */
const MAX_SLOTS = 500;

/** The request of a series for a slot. */
export interface SlotRequest {
  /** `quotaIdOf` its generation. */
  id: string;
  ticket: number;
  isUrgent: boolean;
  /** Its admission begins a computation, unlike that of a series that is under way or that Qure has accepted. */
  takesUnit: boolean;
  /** Orders the wait queue: since when it is held back, or now. */
  since: Instant;
}

export type SlotDecision =
  | { kind: 'admitted'; state: SourceState }
  /** `position`: how many wait before it; `WAIT_QUEUE_LENGTH` for one that waits outside the queue. */
  | { kind: 'held_back'; reason: 'concurrency'; state: SourceState; position: number }
  | { kind: 'held_back'; reason: 'daily_budget'; state: SourceState; dayEndsAt: Instant };

/**
 * The id of a series generation, 12 characters. If two of one day had the same id (72 bits), one more series than the budget
 * would be computed.
 */
export function quotaIdOf({
  seriesInstanceUid,
  generation,
}: Pick<Series, 'seriesInstanceUid' | 'generation'>) {
  const digest = createHash('sha256').update(`${seriesInstanceUid}#${generation}`).digest('base64url');
  return digest.slice(0, 12);
}

/**
 * Whether a series may be sent to Qure now: a semaphore with leases, and a daily budget. It is idempotent: the same generation
 * takes no second unit of a day, and reenters its own slot. An urgent series is counted and never held back. If nothing has to
 * be written, the decision has the same `state` object.
 */
export function acquireSlot(
  standing: SourceState,
  limits: QuotaLimits,
  request: SlotRequest,
  now: Instant,
): SlotDecision {
  const { maxConcurrentSeries, dailyBudget } = limits;
  const state = onDay(standing, now);
  const { id, isUrgent } = request;
  const isNewUnit = dailyBudget !== undefined && request.takesUnit && !state.admitted.includes(id);
  if (isNewUnit && !isUrgent && state.admitted.length >= dailyBudget) {
    // It must not delay others in the wait queue meanwhile.
    const isWaiting = state.waitQueue.some((waiter) => waiter.id === id);
    const left = isWaiting ? { ...state, waitQueue: withoutId(state.waitQueue, id) } : standing;
    return { kind: 'held_back', reason: 'daily_budget', state: left, dayEndsAt: endOf(state.day) };
  }
  const slots = state.slots.filter(({ until }) => isRunning(until, SLOT_SECONDS, now));
  const own = slots.find((slot) => slot.id === id);
  if (maxConcurrentSeries !== undefined && own === undefined && !isUrgent) {
    const held = waitForSlot(standing, { ...state, slots }, maxConcurrentSeries, request, now);
    if (held !== undefined) return held;
  }
  const isSlotKept =
    maxConcurrentSeries === undefined ||
    (own?.ticket === request.ticket && own.until >= addSeconds(now, RUN_SECONDS));
  if (isSlotKept && !isNewUnit) return { kind: 'admitted', state: standing };
  const slot: Slot = { id, ticket: request.ticket, until: addSeconds(now, SLOT_SECONDS) };
  const isUnitWritten = isNewUnit && state.admitted.length < MAX_UNITS;
  const others = withoutId(slots, id);
  const isSlotWritten = !isSlotKept && others.length < MAX_SLOTS;
  return {
    kind: 'admitted',
    state: {
      ...state,
      slots: isSlotWritten ? [...others, slot] : slots,
      waitQueue: withoutId(state.waitQueue, id),
      admitted: isUnitWritten ? [...state.admitted, id] : state.admitted,
    },
  };
}

/**
 * `undefined`: a slot is free for this series. A new series takes no slot that is due to waiters, and a waiter far behind none
 * that is due to the first ones.
 */
function waitForSlot(
  standing: SourceState,
  state: SourceState,
  maxConcurrentSeries: number,
  { id, since }: SlotRequest,
  now: Instant,
): SlotDecision | undefined {
  const free = maxConcurrentSeries - state.slots.length;
  const waitQueue = state.waitQueue.filter(({ until }) => isRunning(until, WAITER_SECONDS, now));
  const waiter = waitQueue.find((one) => one.id === id);
  const position = waitQueue.filter((one) => one.id !== id && one.since <= since).length;
  const overtaken = waiter === undefined ? 0 : Math.max(ELIGIBLE_WAITERS, 2 * maxConcurrentSeries);
  if (free > 0 && position < free + overtaken) return undefined;
  const held = { kind: 'held_back', reason: 'concurrency' } as const;
  // A waiter outlives its next request, and the sweep's repetition of a lost message.
  const waiterSeconds = retryAfterSeconds(position, maxConcurrentSeries) + STAGE_GRACE_SECONDS;
  if (waiter !== undefined && waiter.until >= addSeconds(now, waiterSeconds))
    return { ...held, state: standing, position };
  if (position >= WAIT_QUEUE_LENGTH) return { ...held, state: standing, position: WAIT_QUEUE_LENGTH };
  const taken: Waiter = { id, since, until: addSeconds(now, 2 * waiterSeconds) };
  const others = withoutId(waitQueue, id);
  const longer = [...others.slice(0, position), taken, ...others.slice(position)];
  return { ...held, state: { ...state, waitQueue: longer.slice(0, WAIT_QUEUE_LENGTH) }, position };
}

/** The time after which a waiter at this position asks again: earlier its turn cannot have come. */
export function retryAfterSeconds(position: number, maxConcurrentSeries: number): number {
  return Math.min(MAX_RETRY_SECONDS, SLOT_USE_SECONDS * (1 + Math.floor(position / maxConcurrentSeries)));
}

/** Releases the slot of a series that has left the compute stage, or waits long. The same `state` if it holds none. */
export function releaseSlot(state: SourceState, id: string, ticket: number): SourceState {
  const isHeld = state.slots.some((slot) => slot.id === id && slot.ticket === ticket);
  return isHeld ? { ...state, slots: withoutId(state.slots, id) } : state;
}

/**
 * What of the limits is in use. Urgent series are admitted beyond them. `waiting`: of those that wait for a slot, at most
 * `WAIT_QUEUE_LENGTH`.
 */
export function usageOf(standing: SourceState, now: Instant) {
  const { slots, waitQueue, admitted, day } = onDay(standing, now);
  return {
    slots: slots.filter(({ until }) => isRunning(until, SLOT_SECONDS, now)).length,
    waiting: waitQueue.filter(({ until }) => isRunning(until, WAITER_SECONDS, now)).length,
    units: admitted.length,
    dayEndsAt: endOf(day),
  };
}

function endOf(day: string): Instant {
  return addSeconds(`${day}T00:00:00.000Z`, 86_400);
}

/** Clocks differ by seconds; a day further ahead was written with a wrong clock. */
function onDay(state: SourceState, now: Instant): SourceState {
  const today = dayOf(now);
  const isCurrent = state.day >= today && state.day <= dayOf(addSeconds(now, 86_400));
  return isCurrent ? state : { ...state, day: today, admitted: [] };
}

function dayOf(now: Instant): string {
  return now.slice(0, 10);
}

/** A lease that ends much later than a new one would was written with a wrong clock. */
function isRunning(until: Instant, leaseSeconds: number, now: Instant): boolean {
  return until > now && until <= addSeconds(now, 2 * leaseSeconds);
}

function withoutId<T extends { id: string }>(entries: readonly T[], id: string): T[] {
  return entries.filter((entry) => entry.id !== id);
}
