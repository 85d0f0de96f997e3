import type { DoneSeries } from '../series/series.ts';
import type * as z from '../shared/schema.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import { type stageTurnaround, TURNAROUND_STAGES } from './turnaround-schema.ts';

type Stage = (typeof TURNAROUND_STAGES)[number];
type StageTurnaround = z.output<typeof stageTurnaround>;
type Seconds = Partial<Record<Stage, number>>;

export interface Turnaround {
  count: number;
  stages: StageTurnaround[];
  hours: { from: Instant; count: number; stages: StageTurnaround[] }[];
}

/** What results took, over all series and by the hour (UTC) in which they were stored, oldest first. */
export function turnaroundOf(done: readonly DoneSeries[]): Turnaround {
  const byHour = Map.groupBy(done, ({ changedAt }) => `${changedAt.slice(0, 13)}:00:00.000Z`);
  const hours = [...byHour.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([from, series]) => ({ from, count: series.length, stages: stagesOf(series) }));
  return { count: done.length, stages: stagesOf(done), hours };
}

function stagesOf(done: readonly DoneSeries[]): StageTurnaround[] {
  const all = done.map(secondsOf);
  return TURNAROUND_STAGES.flatMap((stage) => {
    const sorted = all.flatMap((seconds) => seconds[stage] ?? []).toSorted((a, b) => a - b);
    const p50Seconds = percentile(sorted, 50);
    const p95Seconds = percentile(sorted, 95);
    if (p50Seconds === undefined || p95Seconds === undefined) return [];
    return [{ stage, count: sorted.length, p50Seconds, p95Seconds }];
  });
}

/** The nearest rank: a time that a series really took. */
function percentile(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

/** A generation that a person asked for begins with the wish: what came before is of an earlier one. */
function secondsOf(series: DoneSeries): Seconds {
  const { firstArrivalAt, lastArrivalAt, completedAt, changedAt, recomputeRequestedAt, accepted } = series;
  const { uploadBeganAt, uploadedAt } = series.steps ?? {};
  const acceptedAt = accepted?.generation === series.generation ? accepted.at : undefined;
  const isFirst = recomputeRequestedAt === undefined;
  return {
    ...(isFirst && between('arriving', firstArrivalAt, lastArrivalAt)),
    ...(isFirst && between('judging', lastArrivalAt, completedAt)),
    ...between('waiting', recomputeRequestedAt ?? completedAt, uploadBeganAt),
    ...between('uploading', uploadBeganAt, uploadedAt),
    ...between('computing', acceptedAt, changedAt),
    ...between('all', recomputeRequestedAt ?? lastArrivalAt, changedAt),
  };
}

/** 0 where two clocks disagree about the order. */
function between(stage: Stage, from: Instant | undefined, to: Instant | undefined): Seconds {
  return from === undefined || to === undefined ? {} : { [stage]: Math.max(0, secondsBetween(from, to)) };
}
