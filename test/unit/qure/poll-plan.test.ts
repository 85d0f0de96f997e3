import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ComputingTimes,
  learnTime,
  MAX_STEP_SECONDS,
  nextPollSeconds,
  planPolls,
} from '../../../functions/qure/poll-plan.ts';

const USUAL = 90;
const times = (count: number, seconds: number) => Array.from({ length: count }, () => seconds);
const HEAD_CT = planPolls(times(20, 100), USUAL);
const MIDDLE = 0.5;

/** The seconds of the first polls, where each wait is the middle one. */
function pollsOf(plan: Parameters<typeof nextPollSeconds>[0], count: number): number[] {
  let elapsed = 0;
  return Array.from({ length: count }, () => {
    elapsed += nextPollSeconds(plan, elapsed, MIDDLE);
    return elapsed;
  });
}

describe('a plan of polls', () => {
  it.each([
    { name: 'nothing is known', known: [], basis: 'default', medianSeconds: 90, firstSeconds: 22.5 },
    {
      name: 'too little is known',
      known: times(19, 10),
      basis: 'default',
      medianSeconds: 90,
      firstSeconds: 22.5,
    },
    {
      name: '20 results are known',
      known: times(20, 10),
      basis: 'learned',
      medianSeconds: 10,
      firstSeconds: 6,
    },
    {
      name: 'half of the results took longer',
      known: [...times(10, 20), ...times(10, 40)],
      basis: 'learned',
      medianSeconds: 30,
      firstSeconds: 18,
    },
    {
      name: 'a few took absurdly long',
      known: [...times(15, 20), ...times(5, 80_000)],
      basis: 'learned',
      medianSeconds: 20,
      firstSeconds: 12,
    },
  ])('where $name is $basis, of $medianSeconds s', ({ known, basis, medianSeconds, firstSeconds }) => {
    expect(planPolls(known, USUAL)).toEqual({
      basis,
      medianSeconds,
      firstSeconds,
      knownResults: known.length,
    });
  });

  it('asks at 0.6 of the median, and then every 0.12 of it', () => {
    expect(pollsOf(HEAD_CT, 5)).toEqual([60, 72, 84, 96, 108]);
  });

  it('by a guess asks at a quarter of it, and then every 15 % of the time since, at most every minute', () => {
    const polls = pollsOf(planPolls([], 100), 25);
    expect(polls.slice(0, 5)).toEqual([25, 29, 33, 38, 44]);
    expect((polls[24] ?? 0) - (polls[23] ?? 0)).toBe(MAX_STEP_SECONDS);
  });

  it('of a fast product asks every 3 s', () => {
    expect(pollsOf(planPolls(times(20, 15), 15), 4)).toEqual([9, 12, 15, 18]);
  });

  it('grows to a minute after three medians', () => {
    const polls = pollsOf(HEAD_CT, 40);
    const waits = polls.map((at, nth) => at - (polls[nth - 1] ?? 0)).slice(1);
    const beyond = waits.filter((_wait, nth) => (polls[nth] ?? 0) > 300);
    expect(waits.filter((_wait, nth) => (polls[nth] ?? 0) <= 300).every((wait) => wait === 12)).toBe(true);
    expect(beyond.slice(0, 3)).toEqual([16, 20, 26]);
    expect(beyond.at(-1)).toBe(MAX_STEP_SECONDS);
  });

  it('has its first poll pulled forward when more than 3 of the last 10 results were there at the first poll', () => {
    const known = times(30, 100);
    const usual = planPolls([...known, -60, -60, -60], USUAL).firstSeconds;
    expect(usual).toBe(60);
    expect(planPolls([...known, -60, -60, -60, -60], USUAL).firstSeconds).toBe(42);
    expect(planPolls([...known, -60, -60, -60, -60, ...times(7, 100)], USUAL).firstSeconds).toBe(60);
  });

  it('is pulled forward before anything is learned, too', () => {
    expect(planPolls(times(4, -54), USUAL)).toMatchObject({ basis: 'default', firstSeconds: 15.7 });
  });

  it('of a slow product asks every minute until the first likely moment, and then by its steps', () => {
    expect(pollsOf(planPolls(times(50, 300), USUAL), 6)).toEqual([60, 120, 180, 216, 252, 288]);
  });

  it('never waits for less than a second, nor for more than a minute, whatever was learned', () => {
    const number = fc.double({ noNaN: true, min: -86_400, max: 86_400 });
    const history = fc.array(number, { maxLength: 60 });
    fc.assert(
      fc.property(
        history,
        fc.double({ noNaN: true, min: 0, max: 1, maxExcluded: true }),
        fc.double({ noNaN: true, min: -100_000, max: 1_000_000 }),
        (known, random, elapsed) => {
          const plan = planPolls(known, USUAL);
          const wait = nextPollSeconds(plan, elapsed, random);
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(1);
          expect(wait).toBeLessThanOrEqual(MAX_STEP_SECONDS * 1.1);
        },
      ),
    );
  });

  it('spreads the polls of a batch over a tenth of the wait in both ways', () => {
    expect(nextPollSeconds(HEAD_CT, 0, 0)).toBe(54);
    expect(nextPollSeconds(HEAD_CT, 0, 0.999)).toBe(66);
  });

  it('after an early look asks at the planned time, and after an early first poll takes the next step', () => {
    expect(nextPollSeconds(HEAD_CT, 3, MIDDLE)).toBe(57);
    expect(nextPollSeconds(HEAD_CT, 54, MIDDLE)).toBe(12);
  });
});

describe('a learned time', () => {
  it('is the middle between the poll that found the result and the one before', () => {
    expect(learnTime([1], HEAD_CT, 96, 84)).toEqual([1, 90]);
  });

  it('of a result that was there at the first poll is at most that', () => {
    expect(learnTime([1], HEAD_CT, 61, undefined)).toEqual([1, -61]);
  });

  it.each([
    { name: 'a first poll that came late', seen: 81, notYet: undefined },
    { name: 'a first poll within a second', seen: 0.5, notYet: undefined },
    { name: 'polls that are far apart, as after an outage', seen: 600, notYet: 90 },
    { name: 'a clock that went back', seen: 50, notYet: 60 },
    { name: 'a poll before the computation', seen: 5, notYet: -3 },
    { name: 'more than a day', seen: 86_401, notYet: 86_400 },
    { name: 'no number', seen: Number.NaN, notYet: 3 },
    { name: 'no number before', seen: 9, notYet: Number.NaN },
  ])('is none for $name', ({ seen, notYet }) => {
    expect(learnTime([1], HEAD_CT, seen, notYet)).toEqual([1]);
  });

  it('leaves the last 50 of them', () => {
    let known: ComputingTimes = times(50, 10);
    for (let nth = 0; nth < 30; nth += 1) known = learnTime(known, HEAD_CT, 100, 90);
    expect(known).toHaveLength(50);
    expect(known.filter((time) => time === 95)).toHaveLength(30);
    expect(planPolls(known, USUAL).medianSeconds).toBe(95);
  });

  it('keeps the row below 400 bytes', () => {
    const longest = times(50, -86_399.9);
    expect(JSON.stringify(longest).length).toBeLessThan(500);
    expect(JSON.stringify(times(50, 123.4)).length).toBeLessThan(400);
  });
});
