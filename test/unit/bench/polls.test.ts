import { describe, expect, it } from 'vitest';
import { pollFor, summarize } from '../../../bench/polls/polled.ts';
import { CONTENDERS, POLL_CASES, pollFindings, pollSources } from '../../../bench/polls/polls.ts';
import { evenSchedule } from '../../../bench/polls/schedules.ts';
import { Chance } from '../../../bench/senders/chance.ts';

const SOURCES = 20;

function resultsOf(caseName: string, contender: string) {
  const one = POLL_CASES.find(({ name }) => name === caseName);
  const own = CONTENDERS.find(({ name }) => name === contender);
  if (one === undefined || own === undefined) throw new Error(`expected ${caseName} of ${contender}`);
  return summarize(pollSources(one, SOURCES, own.schedule));
}

describe('a model of polls', () => {
  it('counts the polls, and the time from the result to the poll that finds it', () => {
    const polled = pollFor(evenSchedule(10), { medianSeconds: 24, sigma: 0 }, 1, new Chance(1));
    expect(polled).toEqual([{ delaySeconds: 6, polls: 3 }]);
    expect(summarize([...polled, { delaySeconds: 2, polls: 1 }])).toEqual({
      meanDelaySeconds: 4,
      p95DelaySeconds: 6,
      polls: 2,
    });
  });

  it('says the same again', () => {
    const cases = POLL_CASES.slice(0, 1);
    expect(pollFindings(cases, 1)).toEqual(pollFindings(cases, 1));
  });
});

describe('the learned schedule', () => {
  it('finds a head CT within 7 s, by about six polls', () => {
    const { meanDelaySeconds, polls } = resultsOf('head CT, 90 s, σ 0.45', 'learned');
    expect(meanDelaySeconds).toBeLessThan(7);
    expect(polls).toBeLessThan(6.5);
  });

  it('finds an X-ray within 2 s, by about four polls', () => {
    const { meanDelaySeconds, polls } = resultsOf('X-ray, 15 s, σ 0.45', 'learned');
    expect(meanDelaySeconds).toBeLessThan(2);
    expect(polls).toBeLessThan(4.5);
  });

  it.each(POLL_CASES.filter(({ name }) => !/4 ×|10 ×/.test(name)))(
    'is never later than the growing one: $name',
    ({ name }) => {
      const learned = resultsOf(name, 'learned');
      expect(learned.meanDelaySeconds).toBeLessThan(resultsOf(name, '15 s, growing').meanDelaySeconds);
    },
  );

  it('of a product that has become four times as slow asks no more than fourteen times', () => {
    expect(resultsOf('head CT, 90 s, now 4 × as slow', 'learned').polls).toBeLessThan(14);
  });

  it.each(POLL_CASES.filter(({ name }) => name.includes('10 ×')))(
    'finds a result within a minute although it was known to take ten times as long: $name',
    ({ name }) => {
      const { meanDelaySeconds, p95DelaySeconds } = resultsOf(name, 'learned');
      expect(meanDelaySeconds).toBeLessThan(12);
      expect(p95DelaySeconds).toBeLessThan(60);
    },
  );
});
