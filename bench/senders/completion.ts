import { fixedQuiet, learnedQuiet, type Policy } from '@qure-dropoff/learned-quiet';
import type { Benchmark, Findings } from '../benchmark.ts';
import { phiAccrual, retransmissionTimer } from './gap-policies.ts';
import { HABIT_CHANGES, habitFindings, judgeChange } from './habit-changes.ts';
import { judgeTrace } from './judged.ts';
import { SENDER_KINDS } from './kinds.ts';
import { type MixOptions, senderTraces } from './mix.ts';
import { type Summary, summarize, type Weighted } from './summary.ts';

/** Other sources than those by which the parameters were chosen; of seeds from 11 on, the first with X-rays sent after each exposure and not. */
const MIX: MixOptions = { seed: 14, sourcesOfKind: 8, studiesOfSource: 160 };

export const LIMITS = { floorSeconds: 3, quietSeconds: 60, longestSeconds: 600, holdSeconds: 600 };

interface Contender {
  name: string;
  /** A new one for each source: what it learned of one says nothing of another. */
  policy(): Policy<string>;
}

const ADAPTIVE: Contender = { name: 'adaptive', policy: () => learnedQuiet(LIMITS) };
const FIXED_60: Contender = { name: 'fixed 60 s', policy: () => fixedQuiet(60) };
const CONTENDERS: readonly Contender[] = [
  ADAPTIVE,
  { name: 'fixed 5 s', policy: () => fixedQuiet(5) },
  FIXED_60,
  { name: 'fixed 180 s', policy: () => fixedQuiet(180) },
  { name: 'phi accrual', policy: phiAccrual },
  { name: 'RTO', policy: retransmissionTimer },
];

/** Series of a source, from the first one. */
const WINDOWS = [
  { name: 'new (0–49)', from: 0, to: 50 },
  { name: 'learning (50–99)', from: 50, to: 100 },
  { name: 'learned (100+)', from: 100, to: Number.POSITIVE_INFINITY },
];

interface Cell {
  contender: string;
  window: string;
  kind: string;
  series: Weighted[];
}

/** How early and how rightly a series is called complete, by a learned quiet period and by others, over a model of 20 kinds of senders. */
export const completion: Benchmark = {
  name: 'completion',
  run: async () => {
    const cells = judgeMix(CONTENDERS, MIX);
    return [
      mixFindings(cells),
      ...CONTENDERS.map(({ name }) => kindFindings(name, cells)),
      habitFindings(
        HABIT_CHANGES.map((change) => ({
          change,
          adaptive: judgeChange(change, ADAPTIVE.policy),
          fixed: judgeChange(change, FIXED_60.policy),
        })),
      ),
    ];
  },
};

function judgeMix(contenders: readonly Contender[], mix: MixOptions): Cell[] {
  return SENDER_KINDS.flatMap((kind) => {
    const traces = senderTraces(kind, mix);
    return contenders.flatMap(({ name: contender, policy }) => {
      const judged = traces.flatMap((trace) => judgeTrace(trace, policy()));
      return WINDOWS.map(({ name: window, from, to }) => {
        const inWindow = judged.filter(({ nth }) => nth >= from && nth < to);
        const weight = kind.share / inWindow.length;
        return {
          contender,
          window,
          kind: kind.name,
          series: inWindow.map((series) => ({ ...series, weight })),
        };
      });
    });
  });
}

function mixFindings(cells: readonly Cell[]): Findings {
  return {
    title: 'Completion: the mix of 20 kinds of senders',
    columns: ['series of a source', 'policy', ...COLUMNS],
    rows: WINDOWS.flatMap(({ name: window }) =>
      CONTENDERS.map(({ name: contender }) => {
        const own = cells.filter((cell) => cell.window === window && cell.contender === contender);
        const all = summarize(own.flatMap(({ series }) => series));
        return [window, contender, ...columnsOf(all)];
      }),
    ),
    notes: [
      `Each kind counts by its share, with ${MIX.sourcesOfKind} sources of ${MIX.studiesOfSource} studies each; seed ${MIX.seed}.`,
      'Wait: seconds from the true last arrival to the first decision after it. Premature: a decision came before the true last arrival.',
      'Published incomplete: a result was stored before the next instance came, which stops what is not stored yet. Computing takes 120 s (CT), 150 s (MR) or 15 s (X-ray) in the median.',
      'In parentheses the upper end of the 95 % interval, as if series were independent. Those of one source are not.',
      'phi accrual: threshold 8, per series, at most 60 s. RTO: RFC 6298, per series, from 3 to 60 s.',
    ],
  };
}

const COLUMNS = [
  'series',
  'wait p50, s',
  'p95, s',
  'premature, %',
  'published incomplete, %',
  'computations',
];

function columnsOf(summary: Summary): string[] {
  return [
    summary.series.toLocaleString('en-US'),
    seconds(summary.p50),
    seconds(summary.p95),
    `${percent(summary.premature)} (${percent(summary.prematureAtMost)})`,
    `${percent(summary.publishedIncomplete)} (${percent(summary.publishedAtMost)})`,
    summary.computations.toFixed(3),
  ];
}

/** New, learning and learned in each cell. */
function kindFindings(contender: string, cells: readonly Cell[]): Findings {
  const own = cells.filter((cell) => cell.contender === contender);
  return {
    title: `Completion, ${contender}: by kind of sender; series of a source 0–49 / 50–99 / 100+`,
    columns: ['kind', ...COLUMNS],
    rows: SENDER_KINDS.map(({ name: kind }) => {
      const summaries = own.filter((cell) => cell.kind === kind).map(({ series }) => summarize(series));
      const each = (text: (summary: Summary) => string) => summaries.map(text).join(' / ');
      return [
        kind,
        each(({ series }) => String(series)),
        each(({ p50 }) => seconds(p50)),
        each(({ p95 }) => seconds(p95)),
        each(({ premature }) => percent(premature)),
        each(({ publishedIncomplete }) => percent(publishedIncomplete)),
        each(({ computations }) => computations.toFixed(3)),
      ];
    }),
    notes: [],
  };
}

function seconds(value: number): string {
  return value.toFixed(value < 9.95 ? 1 : 0);
}

function percent(share: number): string {
  return (share * 100).toFixed(share < 0.1 ? 2 : 1);
}
