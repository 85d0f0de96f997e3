import type { Policy } from '@qure-dropoff/learned-quiet';
import type { Findings } from '../benchmark.ts';
import { judgeTrace } from './judged.ts';
import { SENDER_KINDS, type SenderKind } from './kinds.ts';
import { BACKGROUND, sourceTrace } from './mix.ts';

export interface HabitChange {
  from: string;
  to: string;
}

export const HABIT_CHANGES: readonly HabitChange[] = [
  { from: 'one association', to: 'slow line' },
  { from: 'one association', to: 'sent while it is reconstructed' },
  { from: 'parallel upload', to: 'folder copied by the minute' },
  { from: 'one association', to: 'an association for each image' },
  { from: 'one association', to: 'phases of contrast in one series' },
  { from: 'slow line', to: 'one association' },
];

const SEED = 11;
const SOURCES = 8;
/** Before the change, and as many after it. */
const STUDIES = 120;
/** Series of a source after the change. */
const WINDOWS = [
  { name: '0–19', from: 0, to: 20 },
  { name: '20–99', from: 20, to: 100 },
  { name: '100+', from: 100, to: Number.POSITIVE_INFINITY },
];

interface Share {
  series: number;
  premature: number;
}

/** For each window after the change. */
export function judgeChange(
  { from, to }: HabitChange,
  policy: () => Policy<string>,
  sources = SOURCES,
): Share[] {
  const judged = Array.from({ length: sources }, (_, nth) => {
    const habits = [
      { kind: kindOf(from), studies: STUDIES },
      { kind: kindOf(to), studies: STUDIES },
    ] as const;
    const trace = sourceTrace(`${from}, then ${to} ${nth + 1}`, SEED, habits, BACKGROUND);
    return judgeTrace(trace, policy()).map((series) => ({ ...series, after: series.nth - trace.changedAt }));
  }).flat();
  return WINDOWS.map(({ from: first, to: end }) => {
    const series = judged.filter(({ after }) => after >= first && after < end);
    const premature = series.filter(({ isPremature }) => isPremature).length;
    return { series: series.length, premature: premature / series.length };
  });
}

export function habitFindings(
  changes: readonly { change: HabitChange; adaptive: Share[]; fixed: Share[] }[],
): Findings {
  const percent = ({ premature }: Share) => (premature * 100).toFixed(1);
  return {
    title: 'Completion: premature series after a sender has changed its habit, %',
    columns: [
      'change',
      'series',
      ...WINDOWS.map(({ name }) => `adaptive, ${name}`),
      ...WINDOWS.map(({ name }) => `fixed 60 s, ${name}`),
    ],
    rows: changes.map(({ change: { from, to }, adaptive, fixed }) => [
      `${from} → ${to}`,
      adaptive.map(({ series }) => series).join(' / '),
      ...adaptive.map(percent),
      ...fixed.map(percent),
    ]),
    notes: [
      `${SOURCES} sources of each; ${STUDIES} studies before the change and ${STUDIES} after it; seed ${SEED}.`,
      'The columns are series of a source after the change.',
    ],
  };
}

function kindOf(name: string): SenderKind {
  const kind = SENDER_KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`expected a kind of sender, got ${name}`);
  return kind;
}
