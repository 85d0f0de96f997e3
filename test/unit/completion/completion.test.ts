import { describe, expect, it } from 'vitest';
import { judgeQuiet, type QuietVerdict } from '../../../functions/completion/completion.ts';
import { quietDueAt } from '../../../functions/series/series-parts.ts';
import { delaySecondsFor } from '../../../functions/shared/delay.ts';
import { addSeconds } from '../../../functions/shared/time.ts';

const ARRIVED = '2026-03-01T10:00:00.000Z';
const SOURCE = { quietPeriodSeconds: 60, maxWaitSeconds: 900 };
const wait = (seconds: number): QuietVerdict => ({ kind: 'wait', seconds });
const complete = (evidence: 'quiet' | 'max_wait'): QuietVerdict => ({ kind: 'complete', evidence });

describe('judgeQuiet', () => {
  it.each<[string, number, number | undefined, QuietVerdict]>([
    ['just arrived', 0, 0, wait(60)],
    ['half of the quiet period', 30, 30, wait(30)],
    ['a moment before', 59.5, 59.5, wait(0.5)],
    ['the quiet period', 60, 60, complete('quiet')],
    ['long after', 5000, 5000, complete('quiet')],
    ['half of the quiet period, with old events waiting', 30, -600, wait(30)],
    ['the quiet period, with events that are as old as the last one', 60, 0, wait(5)],
    ['the quiet period, with events of its last moment', 60, 59.9, wait(5)],
    ['a queue that is some seconds behind', 67, 60, complete('quiet')],
    ['a watermark ahead: clocks differ', 60, 63, complete('quiet')],
    ['a backlog for a minute: fewer checks', 120, 0, wait(30)],
    ['a backlog for ten minutes: at most once a minute', 660, 0, wait(60)],
    ['a backlog that has ended', 660, 60, complete('quiet')],
    ['a moment before the longest wait, in a backlog', 898, -600, wait(2)],
    ['the longest wait, in a backlog', 900, -600, complete('max_wait')],
    ['no watermark', 60, undefined, wait(5)],
    ['no watermark at the longest wait', 900, undefined, complete('max_wait')],
    ['the last arrival lies ahead: clocks differ', -3, -3, wait(63)],
  ])('%s', (_name, waited, handled, expected) => {
    const handledUpTo = handled === undefined ? undefined : addSeconds(ARRIVED, handled);
    const verdict = judgeQuiet({ lastArrivalAt: ARRIVED }, SOURCE, handledUpTo, addSeconds(ARRIVED, waited));
    expect(verdict).toEqual(expected);
  });

  it.each<[string, number, number | undefined, number]>([
    ['the host was started again since: from its start', 10_800, 0, 60],
    ['the host was started before, and a file has come since', 0, 10_800, 60],
    ['nothing else is known: as it says', 10_800, undefined, 10_860],
    ['both lie ahead: as it says', 10_800, 10_800, 10_860],
    ['the clocks of two functions differ', 55, 0, 115],
  ])(
    'counts no silence from an instant of before the clock was set back: %s',
    (_name, arrived, since, seconds) => {
      const silentSince = since === undefined ? {} : { silentSince: addSeconds(ARRIVED, since) };
      const series = { lastArrivalAt: addSeconds(ARRIVED, arrived), ...silentSince };
      expect(judgeQuiet(series, SOURCE, ARRIVED, ARRIVED)).toEqual(wait(seconds));
    },
  );

  it('ignores a backlog if the longest wait is shorter than the quiet period', () => {
    const source = { quietPeriodSeconds: 60, maxWaitSeconds: 10 };
    const verdict = judgeQuiet({ lastArrivalAt: ARRIVED }, source, undefined, addSeconds(ARRIVED, 60));
    expect(verdict).toEqual(complete('max_wait'));
  });
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
