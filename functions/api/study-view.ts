import { describeKey } from '../qure/findings/known-findings.ts';
import type { Series } from '../series/series.ts';
import { SERIES_STATES, type SeriesState } from '../series/series-facts.ts';
import { isSimulatedResult } from '../series/simulated-result.ts';
import { triageOfStudy } from '../series/triage.ts';
import { defined } from '../shared/defined.ts';
import type * as z from '../shared/schema.ts';
import { presentKeysOf } from './series-filter.ts';
import type { studyView } from './study-view-schema.ts';

export type StudyView = z.output<typeof studyView>;

/** More than Qure has keys for all series of a usual study. */
export const MAX_FINDINGS = 100;

/** One study of one source, by all its series. */
export function toStudyView(first: Series, others: readonly Series[]): StudyView {
  const all = [first, ...others];
  const counts = SERIES_STATES.map((state) => ({ state, count: countOf(all, state) }));
  const sum = (...states: SeriesState[]) => states.reduce((total, state) => total + countOf(all, state), 0);
  const heldBack = all
    .flatMap((series) => ('heldBack' in series && series.heldBack !== undefined ? [series.heldBack] : []))
    .toSorted((a, b) => compare(a.since, b.since))[0];
  return {
    source: first.source,
    studyInstanceUid: first.studyInstanceUid,
    ...defined({
      accessionNumber: all.find(({ accessionNumber }) => accessionNumber !== undefined)?.accessionNumber,
      triage: triageOfStudy(all),
      isSimulated: all.some(isSimulatedResult) || undefined,
      isInvalidScan: all.some((series) => series.state === 'DONE' && series.isInvalidScan) || undefined,
      heldBack,
    }),
    modalities: distinct(all.map(({ modality }) => modality)),
    bodyParts: distinct(all.flatMap(({ bodyParts }) => bodyParts)),
    products: distinct(all.map((series) => ('product' in series ? series.product : undefined))),
    series: counts.filter(({ count }) => count > 0),
    progress: {
      arriving: sum('RECEIVING'),
      uploading: sum('COMPLETE', 'UPLOADING'),
      computing: sum('COMPUTING'),
      results: sum('DONE', 'SKIPPED', 'UNSUPPORTED', 'FAILED'),
    },
    findings: findingsOf(all),
    reasons: distinct(
      all.map((series) =>
        series.state === 'FAILED' || series.state === 'UNSUPPORTED' ? series.reason : undefined,
      ),
    ),
    skipReasons: distinct(all.map((series) => (series.state === 'SKIPPED' ? series.reason : undefined))),
    firstArrivalAt: extreme(all, ({ firstArrivalAt }) => firstArrivalAt, -1),
    lastArrivalAt: extreme(all, ({ lastArrivalAt }) => lastArrivalAt, 1),
    changedAt: extreme(all, ({ changedAt }) => changedAt, 1),
  };
}

/** Those that Qure calls present, each once. */
function findingsOf(all: readonly Series[]): StudyView['findings'] {
  const byKey = new Map<string, string>();
  for (const series of all) {
    const usecase = 'usecase' in series ? series.usecase : undefined;
    for (const key of presentKeysOf(series)) byKey.set(key, describeKey(key, usecase).label);
  }
  return [...byKey].slice(0, MAX_FINDINGS).map(([key, label]) => ({ key, label }));
}

function countOf(all: readonly Series[], state: SeriesState): number {
  return all.filter((series) => series.state === state).length;
}

function distinct<T extends string>(values: readonly (T | undefined)[]): T[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}

/** The first (-1) or the last (1) of their times. */
function extreme(all: readonly Series[], timeOf: (series: Series) => string, sign: 1 | -1): string {
  return all.map(timeOf).reduce((a, b) => (compare(a, b) === sign ? a : b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
