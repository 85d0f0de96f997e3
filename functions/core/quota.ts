import { createHash } from 'node:crypto';
import type { Series } from './series.ts';
import { STAGE_GRACE_SECONDS } from './series-parts.ts';
import type { Source } from './source.ts';
import type { Place, Slot, SourceState } from './source-state.ts';
import { addSeconds, type Instant } from './time.ts';

/** What a source may have of Qure; a limit that is absent bounds nothing. */
export type QuotaLimits = Pick<Source, 'maxConcurrentSeries' | 'dailyBudget'>;

/** Longer than a run of the compute stage (900 s) and the longest wait that keeps its slot (60 s). */
const SLOT_SECONDS = 1_200;
/** A run must not outlive its slot: one with less time left than this renews it. */
const RUN_SECONDS = 960;
/** So many wait in the line; 100 places are less than 10 KB. */
export const LINE_LENGTH = 100;
/** A slot is taken for longer than this by a series of more than a few instances. */
const TURN_SECONDS = 5;
/** The longest delay of a message. Source: Amazon SQS API reference, "SendMessage". */
export const MAX_LOOK_SECONDS = 900;
/** The longest that a place in the line lasts. */
const PLACE_SECONDS = 2 * (MAX_LOOK_SECONDS + STAGE_GRACE_SECONDS);
/** Of those in line so many at least may take a slot that is free: not the first alone, who may be gone. */
const NEXT_IN_LINE = 8;
/**
 * Urgent series are admitted over the budget; beyond this many they are not written down any more, or the row would not fit
 * the 400 KB of an item. A budget is at most 20,000.
 */
const MAX_UNITS = 25_000;

/**
 * Urgent series are admitted over the slots too, and runs that throw keep theirs for the lease: beyond so many, which no limit
 * comes near, they are not written down, for the same reason.
 */
const MAX_SLOTS = 500;

/** What a series asks for. */
export interface Request {
  /** `quotaIdOf` its generation. */
  id: string;
  ticket: number;
  isUrgent: boolean;
  /** Admitting it begins a computation. Not so for one that is under way, or that Qure has accepted as it is. */
  takesUnit: boolean;
  /** Orders the line: since when it is held back, or now. */
  since: Instant;
}

export type Answer =
  | { kind: 'admitted'; state: SourceState }
  /** `rank`: how many wait before it; `LINE_LENGTH` for one that waits outside the line. */
  | { kind: 'held_back'; reason: 'concurrency'; state: SourceState; rank: number }
  | { kind: 'held_back'; reason: 'daily_budget'; state: SourceState; dayEndsAt: Instant };

/**
 * Names a series generation in 12 characters. Should two of one day ever share a name (72 bits), a series would be computed
 * beyond the budget.
 */
export function quotaIdOf({
  seriesInstanceUid,
  generation,
}: Pick<Series, 'seriesInstanceUid' | 'generation'>) {
  const digest = createHash('sha256').update(`${seriesInstanceUid}#${generation}`).digest('base64url');
  return digest.slice(0, 12);
}

/**
 * Whether a series may be brought to Qure now. Asking twice gives what the first time gave: the same generation takes no second
 * unit of a day, and enters its own slot again. An urgent series is counted and never held back. The answer has
 * the very `state` that came where nothing is to be written.
 */
export function askForRoom(
  standing: SourceState,
  limits: QuotaLimits,
  request: Request,
  now: Instant,
): Answer {
  const { maxConcurrentSeries, dailyBudget } = limits;
  const state = onDay(standing, now);
  const { id, isUrgent } = request;
  const isNewUnit = dailyBudget !== undefined && request.takesUnit && !state.admitted.includes(id);
  if (isNewUnit && !isUrgent && state.admitted.length >= dailyBudget) {
    // It must not stand before others in the line meanwhile.
    const isInLine = state.line.some((place) => place.id === id);
    const left = isInLine ? { ...state, line: withoutId(state.line, id) } : standing;
    const dayEndsAt = addSeconds(`${state.day}T00:00:00.000Z`, 86_400);
    return { kind: 'held_back', reason: 'daily_budget', state: left, dayEndsAt };
  }
  const slots = state.slots.filter(({ until }) => isRunning(until, SLOT_SECONDS, now));
  const own = slots.find((slot) => slot.id === id);
  if (maxConcurrentSeries !== undefined && own === undefined && !isUrgent) {
    const held = heldInLine(standing, { ...state, slots }, maxConcurrentSeries, request, now);
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
      line: withoutId(state.line, id),
      admitted: isUnitWritten ? [...state.admitted, id] : state.admitted,
    },
  };
}

/**
 * `undefined`: a slot is free, and not for another one. Who comes anew takes none that is due to those in line, and who stands
 * far behind in it none that is due to the next ones.
 */
function heldInLine(
  standing: SourceState,
  state: SourceState,
  maxConcurrentSeries: number,
  { id, since }: Request,
  now: Instant,
): Answer | undefined {
  const free = maxConcurrentSeries - state.slots.length;
  const line = state.line.filter(({ until }) => isRunning(until, PLACE_SECONDS, now));
  const place = line.find((one) => one.id === id);
  const rank = line.filter((one) => one.id !== id && one.since <= since).length;
  const overtaken = place === undefined ? 0 : Math.max(NEXT_IN_LINE, 2 * maxConcurrentSeries);
  if (free > 0 && rank < free + overtaken) return undefined;
  const held = { kind: 'held_back', reason: 'concurrency' } as const;
  // A place outlives the next look, and the sweep's look after a message that was lost.
  const placeSeconds = lookSeconds(rank, maxConcurrentSeries) + STAGE_GRACE_SECONDS;
  if (place !== undefined && place.until >= addSeconds(now, placeSeconds))
    return { ...held, state: standing, rank };
  if (rank >= LINE_LENGTH) return { ...held, state: standing, rank: LINE_LENGTH };
  const taken: Place = { id, since, until: addSeconds(now, 2 * placeSeconds) };
  const others = withoutId(line, id);
  const longer = [...others.slice(0, rank), taken, ...others.slice(rank)];
  return { ...held, state: { ...state, line: longer.slice(0, LINE_LENGTH) }, rank };
}

/** Seconds after which who stands so far behind in line asks again at the latest: before that its turn cannot have come. */
export function lookSeconds(rank: number, maxConcurrentSeries: number): number {
  return Math.min(MAX_LOOK_SECONDS, TURN_SECONDS * (1 + Math.floor(rank / maxConcurrentSeries)));
}

/** The series has left the compute stage, or waits long: its slot is another's. The same `state` where it holds none. */
export function giveBack(state: SourceState, id: string, ticket: number): SourceState {
  const isHeld = state.slots.some((slot) => slot.id === id && slot.ticket === ticket);
  return isHeld ? { ...state, slots: withoutId(state.slots, id) } : state;
}

/** Clocks differ by seconds; a day that lies further ahead was written by one that was wrong. */
function onDay(state: SourceState, now: Instant): SourceState {
  const today = dayOf(now);
  const isCurrent = state.day >= today && state.day <= dayOf(addSeconds(now, 86_400));
  return isCurrent ? state : { ...state, day: today, admitted: [] };
}

function dayOf(now: Instant): string {
  return now.slice(0, 10);
}

/** A lease that ends later than one taken now would, by more than clocks differ, was taken by a clock that was wrong. */
function isRunning(until: Instant, leaseSeconds: number, now: Instant): boolean {
  return until > now && until <= addSeconds(now, 2 * leaseSeconds);
}

function withoutId<T extends { id: string }>(entries: readonly T[], id: string): T[] {
  return entries.filter((entry) => entry.id !== id);
}
