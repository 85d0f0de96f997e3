import { type AccessionStore, sameAccession } from '../series/accession.ts';
import type { Series } from '../series/series.ts';
import type { SeriesQuery, SeriesStore } from '../series/series-store.ts';
import { defined } from '../shared/defined.ts';
import type { ParametersOf } from './requests.ts';
import { isWantedBy, statesOf } from './series-filter.ts';

export interface SeriesQueryDeps {
  series: Pick<SeriesStore, 'list'>;
  accessions: Pick<AccessionStore, 'studiesOf'>;
}

type Listing = Omit<ParametersOf<'listSeries'>, 'cursor' | 'limit'>;
type ListQuery = Omit<SeriesQuery, 'limit' | 'cursor'>;

/** What the store is asked for the filters of a list. */
export async function seriesQueryOf(
  { accessions }: SeriesQueryDeps,
  { study, accession, state, source, sort, since, until, ...filter }: Listing,
): Promise<ListQuery> {
  const studies = accession === undefined ? undefined : await accessions.studiesOf(accession, source);
  const isOfStudy = study === undefined || studies === undefined || studies.includes(study);
  return {
    sort,
    // Where a filter excludes every state, the list is empty, and no index is asked.
    state: isOfStudy ? statesOf(filter, state) : [],
    ...defined({
      source,
      studyInstanceUid: study ?? studies,
      since: instantOf(since),
      until: instantOf(until),
      isWanted: both(isWantedBy(filter), accession === undefined ? undefined : hasAccession(accession)),
      isCriticalOnly: filter.triage?.every((triage) => triage === 'critical'),
    }),
  };
}

/** Whether a series that was read in another way is in the list of a query. */
export function isListed({ state = [], source, since, until, isWanted }: ListQuery, series: Series): boolean {
  return (
    [state].flat().includes(series.state) &&
    (source === undefined || [source].flat().includes(series.source)) &&
    (since === undefined || series.changedAt >= since) &&
    (until === undefined || series.changedAt < until) &&
    (isWanted === undefined || isWanted(series))
  );
}

/** As rows have them: to the millisecond, so that texts compare like times. */
export function instantOf(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

type IsWanted = (series: Series) => boolean;

function both(one: IsWanted | undefined, other: IsWanted | undefined): IsWanted | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (series) => one(series) && other(series);
}

function hasAccession(accession: string): IsWanted {
  const wanted = sameAccession(accession);
  return ({ accessionNumber }) => accessionNumber !== undefined && sameAccession(accessionNumber) === wanted;
}
