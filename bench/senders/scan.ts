import type { Chance } from './chance.ts';

/** One image as the trace of arrivals names it (docs/completion.md); seconds from the begin of its study. */
export interface SentImage {
  seconds: number;
  series: number;
  instanceNumber?: number;
  position?: readonly number[];
  orientation?: readonly number[];
  expected?: number;
}

/** What a sender writes into its headers: a habit of the source. */
export interface HeaderHabit {
  numbers: 'dense' | 'gappy' | 'none';
  hasPositions: boolean;
  /** Two distances between slices in one series: no hole, and looks like some. */
  hasTwoPitches: boolean;
  claim: 'right' | 'small' | 'large' | 'per_phase' | 'none';
}

export function headerHabit(chance: Chance, modality: Modality): HeaderHabit {
  const numbers = chance.next();
  const claim = chance.next();
  return {
    numbers: numbers < 0.75 ? 'dense' : numbers < 0.87 ? 'gappy' : 'none',
    hasPositions: modality !== 'DX' && chance.is(0.95),
    hasTwoPitches: chance.is(0.08),
    claim: claim < 0.25 ? 'right' : claim < 0.3 ? 'small' : claim < 0.35 ? 'large' : 'none',
  };
}

export type Modality = 'CT' | 'MR' | 'DX';

const AXIAL = [1, 0, 0, 0, 1, 0];

/** The headers of a series of so many slices, in the order of their positions. Times are set by the sender. */
export function slicesOf(
  chance: Chance,
  habit: HeaderHabit,
  series: number,
  count: number,
  phases = 1,
): SentImage[] {
  const pitch = chance.one([0.625, 1, 1.25, 2.5, 5]);
  const perPhase = Math.ceil(count / phases);
  const claims = { right: count, small: count - 1, large: count + 3, per_phase: perPhase, none: undefined };
  const expected = claims[habit.claim];
  let number = 1;
  return Array.from({ length: count }, (_, at) => {
    const slice = at % perPhase;
    const wide = habit.hasTwoPitches && slice > perPhase / 2 ? (slice - perPhase / 2) * pitch : 0;
    const instanceNumber = number;
    number += habit.numbers === 'gappy' && chance.is(0.1) ? 2 : 1;
    return {
      seconds: 0,
      series,
      ...(habit.numbers === 'none' ? {} : { instanceNumber }),
      ...(habit.hasPositions ? { position: [0, 0, slice * pitch + wide], orientation: AXIAL } : {}),
      ...(expected === undefined ? {} : { expected }),
    };
  });
}
