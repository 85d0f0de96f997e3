import { describe, expect, it } from 'vitest';
import { isBacklogged, judgeQuiet, type QuietVerdict } from '../../../functions/completion/completion.ts';
import { quietDueAt } from '../../../functions/series/series-parts.ts';
import { delaySecondsFor } from '../../../functions/shared/delay.ts';
import { addSeconds } from '../../../functions/shared/time.ts';

const ARRIVED = '2026-03-01T10:00:00.000Z';
const SOURCE = { quietPeriodSeconds: 60, maxWaitSeconds: 900 };
const wait = (seconds: number): QuietVerdict => ({ kind: 'wait', seconds });
const complete = (evidence: 'quiet' | 'max_wait'): QuietVerdict => ({ kind: 'complete', evidence });

describe('judgeQuiet', () => {
  it.each<[string, number, boolean, QuietVerdict]>([
    ['just arrived', 0, false, wait(60)],
    ['half of the quiet period', 30, false, wait(30)],
    ['a moment before', 59.5, false, wait(0.5)],
    ['the quiet period', 60, false, complete('quiet')],
    ['long after', 5000, false, complete('quiet')],
    ['half of the quiet period, backlogged', 30, true, wait(30)],
    ['the quiet period, backlogged', 60, true, wait(5)],
    ['a moment before the longest wait, backlogged', 898, true, wait(2)],
    ['the longest wait, backlogged', 900, true, complete('max_wait')],
    ['the last arrival lies ahead: clocks differ', -3, false, wait(63)],
  ])('%s', (_name, silence, hasBacklog, expected) => {
    const now = addSeconds(ARRIVED, silence);
    expect(judgeQuiet({ lastArrivalAt: ARRIVED }, SOURCE, hasBacklog, now)).toEqual(expected);
  });

  it('ignores a backlog if the longest wait is shorter than the quiet period', () => {
    const source = { quietPeriodSeconds: 60, maxWaitSeconds: 10 };
    const verdict = judgeQuiet({ lastArrivalAt: ARRIVED }, source, true, addSeconds(ARRIVED, 60));
    expect(verdict).toEqual(complete('max_wait'));
  });
});

it.each<[string, number, number, boolean]>([
  ['an empty queue', 0, 60, false],
  ['what is indexed well within the quiet period', 600, 60, false],
  ['more than that', 601, 60, true],
  ['a short quiet period', 51, 5, true],
  ['a short quiet period and a few', 50, 5, false],
])('isBacklogged: %s', (_name, waiting, quietPeriodSeconds, expected) => {
  expect(isBacklogged(waiting, quietPeriodSeconds)).toBe(expected);
});

it.each<[string, number, number]>([
  ['no time', 0, 0],
  ['time that is over', -5, 0],
  ['a part of a second', 0.01, 1],
  ['whole seconds', 60, 60],
  ['one and a bit', 60.001, 61],
  ['what SQS takes at most', 900, 900],
  ['more than SQS takes', 86_400, 900],
])('delaySecondsFor: %s', (_name, seconds, expected) => {
  expect(delaySecondsFor(seconds)).toBe(expected);
});

it('quietDueAt: after the quiet period and the grace', () => {
  expect(quietDueAt(ARRIVED, 60, 120)).toBe('2026-03-01T10:03:00.000Z');
});
