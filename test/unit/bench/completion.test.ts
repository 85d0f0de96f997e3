import { ArrivedSeries, fixedQuiet, learnedQuiet, type Policy } from '@qure-dropoff/learned-quiet';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../bench/senders/completion.ts';
import { phiAccrual, retransmissionTimer } from '../../../bench/senders/gap-policies.ts';
import { HABIT_CHANGES, judgeChange } from '../../../bench/senders/habit-changes.ts';
import { type JudgedSeries, judgeTrace } from '../../../bench/senders/judged.ts';
import { SENDER_KINDS, type SenderKind } from '../../../bench/senders/kinds.ts';
import { BACKGROUND, type SenderTrace, senderTraces, sourceTrace } from '../../../bench/senders/mix.ts';
import { summarize, wilsonUpper } from '../../../bench/senders/summary.ts';

function kindOf(name: string): SenderKind {
  const kind = SENDER_KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`expected a kind of sender, got ${name}`);
  return kind;
}

const judged = (more: Partial<JudgedSeries> = {}): JudgedSeries => ({
  nth: 0,
  waitSeconds: 3,
  isPremature: false,
  computations: 1,
  isPublishedIncomplete: false,
  ...more,
});

describe('the summary of judged series', () => {
  it('counts each series by its weight', () => {
    const summary = summarize([
      { ...judged(), weight: 3 },
      { ...judged({ waitSeconds: 60, isPremature: true, computations: 2 }), weight: 1 },
    ]);
    expect(summary).toMatchObject({ series: 2, p50: 3, p95: 60, premature: 0.25, computations: 1.25 });
    expect(summary.publishedIncomplete).toBe(0);
  });

  it.each([
    [0, 3_000, 0.00128],
    [0.01, 1_000, 0.0183],
    [0.5, 100, 0.5962],
  ])('a share of %d in %i cases is at most %d', (share, cases, most) => {
    expect(wilsonUpper(share, cases)).toBeCloseTo(most, 4);
  });

  it('is less certain where few series count for much', () => {
    const even = Array.from({ length: 100 }, () => ({ ...judged(), weight: 1 }));
    const uneven = even.map((one, nth) => ({ ...one, weight: nth === 0 ? 100 : 1 }));
    expect(summarize(even).prematureAtMost).toBeCloseTo(wilsonUpper(0, 100));
    expect(summarize(uneven).prematureAtMost).toBeGreaterThan(5 * wilsonUpper(0, 100));
  });
});

describe('a policy by gaps', () => {
  const waitAfter = (policy: Policy<string>, gaps: number[]) => {
    let atMs = 0;
    const arrivals = [0, ...gaps].map((gap, nth) => {
      atMs += gap * 1000;
      return { atMs, sopInstanceUid: `${nth}` };
    });
    return policy.judge(new ArrivedSeries(), 'a', 'CT', arrivals).seconds;
  };

  it.each<[string, Policy<string>, number[], number]>([
    ['phi accrual, before the first gap', phiAccrual(), [], 1 + 5.226 * 0.25],
    ['phi accrual, of even gaps', phiAccrual(), Array(500).fill(0.5), 0.5 + 5.226 * 0.1],
    ['phi accrual, of uneven gaps', phiAccrual(), Array(250).fill([0, 4]).flat(), 2 + 5.226 * 2],
    ['phi accrual, at most', phiAccrual(), [100, 0, 0], 60],
    ['RTO, before the first gap', retransmissionTimer(), [], 3],
    ['RTO, of one gap', retransmissionTimer(), [4], 12],
    ['RTO, of two gaps', retransmissionTimer(), [4, 8], 4.5 + 4 * 2.5],
    ['RTO, at least', retransmissionTimer(), Array(50).fill(0.1), 3],
    ['RTO, at most', retransmissionTimer(), [40], 60],
  ])('%s', (_title, policy, gaps, seconds) => {
    expect(waitAfter(policy, gaps)).toBeCloseTo(seconds, 1);
  });
});

describe('the model of senders', () => {
  const mix = { seed: 5, sourcesOfKind: 1, studiesOfSource: 20 };

  it('has twenty kinds, each with a name of its own', () => {
    expect(new Set(SENDER_KINDS.map(({ name }) => name)).size).toBe(20);
  });

  it.each(SENDER_KINDS)('$name: is the same for the same seed, in the order of time', (kind) => {
    const [trace] = senderTraces(kind, mix);
    expect(senderTraces(kind, mix)[0]?.arrivals).toEqual(trace?.arrivals);
    expect(senderTraces(kind, { ...mix, seed: 6 })[0]?.arrivals).not.toEqual(trace?.arrivals);
    const times = trace?.arrivals.map(({ atMs }) => atMs) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every(Number.isFinite)).toBe(true);
  });

  it('a source that changes its habit keeps its stations, and says from which series on', () => {
    const [from, to] = [kindOf('one association'), kindOf('slow line')];
    const studies = 12;
    const alone = sourceTrace('a', 5, [{ kind: from, studies }], BACKGROUND);
    const both = sourceTrace(
      'a',
      5,
      [
        { kind: from, studies },
        { kind: to, studies },
      ],
      BACKGROUND,
    );
    const seriesOf = ({ arrivals }: SenderTrace) => [...new Set(arrivals.map(({ series }) => series))];
    expect(both.changedAt).toBe(seriesOf(alone).length);
    expect(both.arrivals.slice(0, alone.arrivals.length)).toEqual(alone.arrivals);
    expect(new Set(both.arrivals.map(({ sender }) => sender))).toEqual(
      new Set(alone.arrivals.map(({ sender }) => sender)),
    );
  });
});

describe('a learned quiet period over the model', () => {
  const after100 = (kind: string, policy: () => Policy<string>) => {
    const mix = { seed: 5, sourcesOfKind: 2, studiesOfSource: 90 };
    const series = senderTraces(kindOf(kind), mix).flatMap((trace) => judgeTrace(trace, policy()));
    return summarize(series.filter(({ nth }) => nth >= 100).map((one) => ({ ...one, weight: 1 })));
  };

  it('is some seconds for a fast line', () => {
    expect(after100('one association', () => learnedQuiet(LIMITS))).toMatchObject({ p50: 3, premature: 0 });
  });

  it('is minutes for phases of contrast, of which 60 s miss a quarter', () => {
    const phases = 'phases of contrast in one series';
    expect(after100(phases, () => fixedQuiet(60)).premature).toBeGreaterThan(0.15);
    const learned = after100(phases, () => learnedQuiet(LIMITS));
    expect(learned.premature).toBeLessThan(0.01);
    expect(learned.p50).toBeGreaterThan(150);
  });
});

describe('a change of habit', () => {
  it.each(HABIT_CHANGES)('$from to $to names kinds of the model', ({ from, to }) => {
    expect([kindOf(from).name, kindOf(to).name]).toEqual([from, to]);
  });

  it('to pauses of the reconstruction costs some wrong guesses at first, and few later', () => {
    const change = { from: 'one association', to: 'sent while it is reconstructed' };
    const [first, , last] = judgeChange(change, () => learnedQuiet(LIMITS), 2);
    expect(first?.premature).toBeGreaterThan(0.01);
    expect(last?.premature).toBeLessThan(0.01);
  });
});
