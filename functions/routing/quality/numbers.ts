import { placeKeyOf, SAME_PLACE_MM, stacksOf } from './stacks.ts';
import type { Slice } from './volume.ts';

/** As many as a row and an event hold. */
export const MAX_LISTED = 50;

type Numbered = Slice & { number: number };

/** InstanceNumbers that more than one slice of one acquisition has, in ascending order; the first 50. */
export function doubledNumbers(slices: readonly Slice[]): number[] {
  const doubled = stacksOf(slices, ({ number }) => number).flatMap((stack) => {
    const byNumber = Map.groupBy(stack.filter(isNumbered), ({ number }) => number);
    const repeated = [...byNumber].filter(([, those]) => those.length > 1);
    // A numbering in which most numbers come again begins anew for something that the header does not name.
    const isNumbering = repeated.length * 2 <= byNumber.size;
    return repeated.filter(([, those]) => isNumbering || hasSamePlace(those)).map(([number]) => number);
  });
  return [...new Set(doubled)].sort((a, b) => a - b).slice(0, MAX_LISTED);
}

function hasSamePlace(slices: readonly Slice[]): boolean {
  const places = slices.map(placeKeyOf).filter((place) => place !== undefined);
  return new Set(places).size < places.length;
}

function isNumbered(slice: Slice): slice is Numbered {
  return slice.number !== undefined;
}

/**
 * InstanceNumbers that a slice between two others must have had, in ascending order; the first 50. Numbers begin anywhere and may
 * go up in steps (every second one). `taken`: numbers that instances beside the slices have.
 */
export function missingNumbers(slices: readonly Slice[], taken: ReadonlySet<number>): number[] {
  if (!slices.every(isNumbered)) return [];
  const missing = stacksOf(slices, ({ number }) => number).flatMap((stack) =>
    missingIn(stack.filter(isNumbered), taken),
  );
  return [...new Set(missing)].sort((a, b) => a - b).slice(0, MAX_LISTED);
}

/** A place in the numbering where it goes up by more than its step. */
interface Jump {
  after: number;
  /** Numbers that are left out. */
  leftOut: number;
  /**
   * What the positions say: `hole`: there is room for just these slices. `adjacent`: the two are neighbours, so that only the
   * numbering goes on elsewhere. `elsewhere`: the second slice begins another pass. `unknown`: no positions, or they follow no order.
   */
  room: 'hole' | 'adjacent' | 'elsewhere' | 'unknown';
}

/** A second pass begins with a number of its own; one or two that are left out before it are rather lost. */
const MAX_LEFT_OUT_ELSEWHERE = 2;

function missingIn(stack: readonly Numbered[], taken: ReadonlySet<number>): number[] {
  const ordered = [...Map.groupBy(stack, ({ number }) => number).values()]
    .flatMap(oneOf)
    .sort((a, b) => a.number - b.number);
  if (ordered.length < 3) return [];
  const step = usualStep(ordered);
  const isWholePasses = hasWholePasses(stack);
  const jumps = jumpsOf(ordered, step).filter(
    ({ room, leftOut }) =>
      room === 'hole' ||
      // More numbers than slices: the numbering has blocks, as 1 to 30 and 301 to 330.
      (room === 'unknown' && leftOut <= ordered.length) ||
      (room === 'elsewhere' && leftOut <= MAX_LEFT_OUT_ELSEWHERE && !isWholePasses),
  );
  const unproven = jumps.filter(({ room }) => room !== 'hole').reduce((sum, jump) => sum + jump.leftOut, 0);
  const believed = unproven <= ordered.length ? jumps : jumps.filter(({ room }) => room === 'hole');
  const missing: number[] = [];
  for (const { after, leftOut } of believed) {
    for (let nth = 1; nth <= leftOut && missing.length < MAX_LISTED; nth += 1) {
      const number = after + nth * step;
      if (!taken.has(number)) missing.push(number);
    }
  }
  return missing;
}

/** Stands for the slices of one number; without a place where they have several. */
function oneOf([first, ...others]: readonly Numbered[]): Numbered[] {
  if (first === undefined) return [];
  if (others.every((other) => placeKeyOf(other) === placeKeyOf(first))) return [first];
  const { place: _several, ...placeless } = first;
  return [placeless];
}

/** The most frequent difference of two neighbours; the smaller of two that are as frequent. */
function usualStep(ordered: readonly Numbered[]): number {
  const counts = new Map<number, number>();
  ordered.forEach(({ number }, at) => {
    const next = ordered[at + 1];
    if (next !== undefined) counts.set(next.number - number, (counts.get(next.number - number) ?? 0) + 1);
  });
  const [most] = [...counts].sort(([step, times], [other, otherTimes]) => otherTimes - times || step - other);
  return most?.[0] ?? 1;
}

function jumpsOf(ordered: readonly Numbered[], step: number): Jump[] {
  return ordered.flatMap((one, at): Jump[] => {
    const next = ordered[at + 1];
    const steps = next === undefined ? 0 : (next.number - one.number) / step;
    if (next === undefined || steps <= 1 || !Number.isInteger(steps)) return [];
    const beside = [distance(ordered[at - 1], one, step), distance(next, ordered[at + 2], step)].filter(
      (mm) => mm !== undefined,
    );
    return [{ after: one.number, leftOut: steps - 1, room: roomBetween(one, next, steps, beside) }];
  });
}

/** Of two slices whose numbers are neighbours. */
function distance(one: Numbered | undefined, other: Numbered | undefined, step: number): number | undefined {
  if (one?.place === undefined || other?.place === undefined) return undefined;
  return other.number - one.number === step ? other.place - one.place : undefined;
}

/** @param beside the distances of the neighbours on either side, as far as known */
function roomBetween(one: Slice, next: Slice, steps: number, beside: readonly number[]): Jump['room'] {
  if (one.place === undefined || next.place === undefined || beside.length === 0) return 'unknown';
  const sizes = beside.map(Math.abs);
  const low = Math.min(...sizes);
  const high = Math.max(...sizes);
  const isOrdered = beside.every((mm) => mm > 0) || beside.every((mm) => mm < 0);
  if (!isOrdered || low < SAME_PLACE_MM || high > 3 * low) return 'unknown';
  const along = (next.place - one.place) * Math.sign(beside[0] ?? 1);
  const tolerance = 0.25 * low + 0.05 * low * steps;
  if (along >= steps * low - tolerance && along <= steps * high + tolerance) return 'hole';
  return along > 0 && along <= 1.25 * high ? 'adjacent' : 'elsewhere';
}

/** Each position has as many slices as every other, and more than one: so many passes, and all of them whole. */
function hasWholePasses(stack: readonly Slice[]): boolean {
  const counts = [...Map.groupBy(stack, placeKeyOf).values()].map((those) => those.length);
  return (counts[0] ?? 1) > 1 && counts.every((count) => count === counts[0]);
}
