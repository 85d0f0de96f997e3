import {
  fixedQuiet,
  type JudgedSeries,
  judgePolicy,
  learnedQuiet,
  type TracedArrival,
} from '@qure-dropoff/learned-quiet';
import { defined } from '../../functions/shared/defined.ts';
import { isAdaptive, silenceLimits } from '../../functions/sources/silence.ts';
import { seriesKey, type TraceLine } from './read-arrivals.ts';

/** What a way to wait did with some series. */
export interface WaitFigures {
  series: number;
  /** Seconds from the last instance to the decision, median and 95th percentile. */
  p50Seconds: number;
  p95Seconds: number;
  /** Series that were called complete before their last instance. */
  tooEarly: number;
  /** How often a series was called complete, all in all. */
  computations: number;
}

/** The two ways to wait, beside each other. */
export interface Comparison {
  learned: WaitFigures;
  quiet: WaitFigures;
}

export interface SenderComparison extends Comparison {
  source: string;
  sender: string;
  modality: string;
  /** One of its series: `qure-dropoff show` tells what it is. */
  exampleSeries: string;
}

export interface WaitOptions {
  floorSeconds?: number | undefined;
  quietPeriodSeconds: number;
  maxWaitSeconds: number;
}

interface Judged {
  learned: JudgedSeries[];
  quiet: JudgedSeries[];
}

/**
 * Replays arrivals by the learned wait and by the quiet period, source by source: the habits of one say nothing of another. Every
 * sender begins unknown, and every series is a routine one. A series that needed no wait teaches its sender's habit, and is not counted.
 *
 * @param optionsOf what a source is configured to
 * @param marked see `ReadArrivals`
 */
export function compareWaits(
  lines: readonly TraceLine[],
  optionsOf: (source: string) => WaitOptions,
  marked: ReadonlySet<string> = new Set(),
): Comparison & { senders: SenderComparison[] } {
  const all: Judged = { learned: [], quiet: [] };
  const senders: SenderComparison[] = [];
  for (const [source, own] of Map.groupBy(lines, (line) => line.source)) {
    const isCounted = ({ series }: JudgedSeries) => !marked.has(seriesKey(source, series));
    const both = judge(own.map(toArrival), optionsOf(source));
    const judged = { learned: both.learned.filter(isCounted), quiet: both.quiet.filter(isCounted) };
    all.learned.push(...judged.learned);
    all.quiet.push(...judged.quiet);
    const quietOf = Map.groupBy(judged.quiet, ({ sender }) => sender);
    for (const [sender, learned] of Map.groupBy(judged.learned, (one) => one.sender)) {
      const [station = '', modality = ''] = JSON.parse(sender) as string[];
      const figures = { learned: figuresOf(learned), quiet: figuresOf(quietOf.get(sender) ?? []) };
      senders.push({
        source,
        sender: station,
        modality,
        exampleSeries: learned[0]?.series ?? '',
        ...figures,
      });
    }
  }
  senders.sort((a, b) => b.learned.series - a.learned.series);
  return { learned: figuresOf(all.learned), quiet: figuresOf(all.quiet), senders };
}

function judge(arrivals: readonly TracedArrival[], options: WaitOptions): Judged {
  const { floorSeconds, quietPeriodSeconds } = options;
  const source = { ...options, completion: { mode: 'adaptive' as const, ...defined({ floorSeconds }) } };
  const quiet = judgePolicy(arrivals, fixedQuiet(quietPeriodSeconds));
  if (!isAdaptive(source)) return { learned: quiet, quiet };
  return { learned: judgePolicy(arrivals, learnedQuiet(silenceLimits(source, 'routine'))), quiet };
}

function toArrival(line: TraceLine): TracedArrival {
  const { atMs, series, sop, station = '', modality } = line;
  return {
    atMs,
    series,
    sender: JSON.stringify([station, modality ?? '']),
    sopInstanceUid: sop,
    ...defined({
      modality,
      number: line.instanceNumber,
      positionMm: line.position,
      orientation: line.orientation,
      expected: line.expected,
    }),
  };
}

function figuresOf(series: readonly JudgedSeries[]): WaitFigures {
  const waits = series.map(({ waitSeconds }) => waitSeconds).sort((a, b) => a - b);
  const rankOf = (share: number) => waits[Math.max(0, Math.ceil(share * waits.length) - 1)] ?? 0;
  return {
    series: series.length,
    p50Seconds: rankOf(0.5),
    p95Seconds: rankOf(0.95),
    tooEarly: series.filter(({ earlyMs }) => earlyMs.length > 0).length,
    computations: series.reduce((sum, { computations }) => sum + computations, 0),
  };
}
