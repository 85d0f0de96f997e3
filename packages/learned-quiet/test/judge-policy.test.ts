import { describe, expect, test } from 'vitest';
import { fixedQuiet, judgePolicy } from '../src/index.ts';

const at = (seconds: number, series = 's', nth = seconds) => ({
  atMs: seconds * 1000,
  series,
  sender: 'x',
  sopInstanceUid: `${series}.${nth}`,
});

describe('judgePolicy', () => {
  test('a series in one piece: decided once, after the wait', () => {
    expect(judgePolicy([at(0), at(1)], fixedQuiet(10))).toMatchObject([
      { series: 's', sender: 'x', waitSeconds: 10, earlyMs: [], computations: 1 },
    ]);
  });

  test('a pause that is longer than the wait: too early once, and decided again', () => {
    expect(judgePolicy([at(0), at(1), at(50)], fixedQuiet(10))).toMatchObject([
      { waitSeconds: 10, earlyMs: [11_000], computations: 2 },
    ]);
  });

  test('a decision in the millisecond of the last arrival was made without it', () => {
    expect(judgePolicy([at(0), at(10)], fixedQuiet(10))).toMatchObject([
      { waitSeconds: 10, earlyMs: [10_000], computations: 2 },
    ]);
  });

  test('a repeated instance is no arrival', () => {
    expect(judgePolicy([at(0), at(1), at(50, 's', 1)], fixedQuiet(10))).toMatchObject([
      { waitSeconds: 10, earlyMs: [], computations: 1 },
    ]);
  });

  test('the order of the lines is that of the answer, not of the judgement', () => {
    const judged = judgePolicy([at(5, 'b'), at(0, 'a'), at(1, 'a')], fixedQuiet(10));
    expect(judged.map(({ series, arrivals }) => [series, arrivals.length])).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
  });
});
