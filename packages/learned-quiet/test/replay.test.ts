import { describe, expect, it } from 'vitest';
import {
  type Decision,
  fixedQuiet,
  LATE_SECONDS,
  learnedQuiet,
  type Policy,
  replay,
  type TracedArrival,
} from '../src/index.ts';
import { LIMITS } from './known-sender.ts';

function arrival(
  series: string,
  seconds: number,
  sop: number,
  more: Partial<TracedArrival> = {},
): TracedArrival {
  return {
    series,
    sender: 'a',
    modality: 'CT',
    atMs: seconds * 1000,
    sopInstanceUid: `${series}.${sop}`,
    ...more,
  };
}

/** `series generation second`. */
const told = (decisions: Iterable<Decision<string>>) =>
  Array.from(decisions, ({ series, generation, atMs }) => `${series} ${generation} ${atMs / 1000}`);

/** Twenty instances within two seconds. */
function fastSeries(series: string, begin: number, sender = 'a'): TracedArrival[] {
  return Array.from({ length: 20 }, (_, at) => arrival(series, begin + at / 10, at, { sender }));
}

describe('a fixed quiet period', () => {
  it('is over so long after the last arrival', () => {
    const trace = [arrival('1', 0, 0), arrival('1', 59, 1), arrival('2', 10, 0)];
    expect([...replay(trace, fixedQuiet(60))]).toEqual([
      { series: '2', atMs: 70_000, evidence: 'quiet', generation: 1 },
      { series: '1', atMs: 119_000, evidence: 'quiet', generation: 1 },
    ]);
  });

  it('begins anew for each instance that is late', () => {
    const trace = [0, 61, 130, 200].map((seconds, at) => arrival('1', seconds, at));
    expect(told(replay(trace, fixedQuiet(60)))).toEqual(['1 1 60', '1 2 121', '1 3 190', '1 4 260']);
  });

  it('begins anew with a repeated instance, which makes no generation of its own', () => {
    const trace = [arrival('1', 0, 0), arrival('1', 50, 0), arrival('1', 120, 0)];
    expect(told(replay(trace, fixedQuiet(60)))).toEqual(['1 1 110']);
  });

  it('is over before an instance of the same moment', () => {
    const trace = [arrival('1', 0, 0), arrival('1', 60, 1)];
    expect(told(replay(trace, fixedQuiet(60)))).toEqual(['1 1 60', '1 2 120']);
  });

  it('is over for each series of an empty trace', () => {
    expect([...replay([], fixedQuiet(60))]).toEqual([]);
  });
});

describe('a policy', () => {
  it('is told of late instances, and of series 15 minutes after they were complete', () => {
    const heard: string[] = [];
    const policy: Policy<string> = {
      judge: () => ({ seconds: 10, evidence: 'ten' }),
      wasLate: (sender) => void heard.push(`late from ${sender}`),
      hasEnded: (sender, arrivals, modality) =>
        void heard.push(`${arrivals.length} of ${modality} from ${sender}`),
    };
    const trace = [
      arrival('1', 0, 0),
      arrival('1', 20, 1),
      arrival('1', 31 + LATE_SECONDS, 1),
      arrival('2', 40, 0, { sender: 'b', modality: 'MR' }),
      arrival('2', 51 + LATE_SECONDS, 1, { sender: 'b', modality: 'MR' }),
    ];
    expect(told(replay(trace, policy))).toHaveLength(4);
    expect(heard).toEqual([
      'late from a',
      '2 of CT from a',
      '1 of MR from b',
      'late from b',
      '2 of MR from b',
    ]);
  });

  it('that changes its mind with an arrival is asked again', () => {
    const policy: Policy<string> = {
      judge: ({ instances }) => ({ seconds: instances === 2 ? 1 : 60, evidence: '' }),
      wasLate: () => {},
      hasEnded: () => {},
    };
    expect(told(replay([arrival('1', 0, 0), arrival('1', 5, 1)], policy))).toEqual(['1 1 6']);
  });
});

describe('a policy that learns', () => {
  const hour = (nth: number) => nth * 3_600;
  const hundred = Array.from({ length: 100 }, (_, nth) => fastSeries(`${nth}`, hour(nth))).flat();
  const waitOf = (trace: TracedArrival[], series: string) => {
    const last = Math.max(...trace.filter((one) => one.series === series).map(({ atMs }) => atMs));
    const decision = [...replay(trace, learnedQuiet(LIMITS))].find((one) => one.series === series);
    return { seconds: ((decision?.atMs ?? Number.NaN) - last) / 1000, evidence: decision?.evidence };
  };

  it('waits for the quiet period at first, and for the floor after 100 series', () => {
    expect(waitOf(hundred, '19')).toEqual({ seconds: 60, evidence: 'new_sender' });
    expect(waitOf(hundred, '20')).toEqual({ seconds: 10, evidence: 'learned' });
    expect(waitOf(hundred, '99')).toEqual({ seconds: 3, evidence: 'learned' });
  });

  it('knows each sender by itself', () => {
    const other = fastSeries('x', hour(100), 'b');
    expect(waitOf([...hundred, ...other], 'x')).toEqual({ seconds: 60, evidence: 'new_sender' });
  });

  it('learns nothing of series that may not have ended', () => {
    const atOnce = Array.from({ length: 100 }, (_, nth) => fastSeries(`${nth}`, nth * 5)).flat();
    expect(waitOf(atOnce, '99')).toEqual({ seconds: 60, evidence: 'new_sender' });
  });

  it('distrusts itself from the moment of a late instance', () => {
    const late = [...fastSeries('x', hour(100)), arrival('x', hour(100) + 10, 20)];
    const next = fastSeries('y', hour(100) + 11);
    expect(waitOf([...hundred, ...late, ...next], 'y')).toEqual({ seconds: 60, evidence: 'distrusted' });
  });
});
