import type { Series } from '../series/series.ts';
import type { Triage } from '../series/series-facts.ts';
import { SERIES_STATES, type SeriesState } from '../series/series-facts.ts';
import { triageOf } from '../series/triage.ts';

/** What no index tells of a series. */
export interface SeriesFilter {
  product?: string;
  usecase?: string;
  /** One of these. */
  triage?: readonly Triage[];
  /** The key of a finding that is present. */
  finding?: string;
}

type IsWanted = (series: Series) => boolean;

/** Names are compared without their case, as a person types them; `undefined` where every series is wanted. */
export function isWantedBy({ product, usecase, triage, finding }: SeriesFilter): IsWanted | undefined {
  const tests: IsWanted[] = [];
  if (product !== undefined)
    tests.push((series) => 'product' in series && isSameName(series.product, product));
  if (usecase !== undefined)
    tests.push((series) => 'usecase' in series && isSameName(series.usecase, usecase));
  if (triage !== undefined)
    tests.push((series) => {
      const its = triageOf(series);
      return its !== undefined && triage.includes(its);
    });
  if (finding !== undefined)
    tests.push((series) => presentKeysOf(series).some((key) => isSameName(key, finding)));
  return tests.length === 0 ? undefined : (series) => tests.every((test) => test(series));
}

/** The states that a series of this filter can be in: the fewer there are, the fewer rows are read. */
export function statesOf(
  { usecase, triage, finding, product }: SeriesFilter,
  wanted: readonly SeriesState[] | undefined,
): SeriesState[] {
  const isPossible = (state: SeriesState) => {
    if (finding !== undefined) return state === 'DONE' || state === 'FAILED';
    // Also of an earlier result, while a later generation has none. What is skipped had none, but for rare exceptions.
    if (triage !== undefined && state === 'SKIPPED') return false;
    if (usecase !== undefined) return ['DONE', 'UNSUPPORTED', 'FAILED'].includes(state);
    return product === undefined || (state !== 'RECEIVING' && state !== 'SKIPPED');
  };
  return SERIES_STATES.filter((state) => (wanted?.includes(state) ?? true) && isPossible(state));
}

/** The keys of the findings that Qure calls present. */
export function presentKeysOf(series: Series): string[] {
  const findings = 'findings' in series ? (series.findings ?? []) : [];
  return findings.filter(({ present }) => present === true).map(({ key }) => key);
}

function isSameName(name: string | undefined, wanted: string): boolean {
  return name?.toLowerCase() === wanted.toLowerCase();
}
