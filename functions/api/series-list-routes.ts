import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import type { ParametersOf } from './requests.ts';
import { instantOf, type SeriesQueryDeps, seriesQueryOf } from './series-query.ts';
import { type SeriesRouteDeps, view } from './series-routes.ts';
import type { SeriesView } from './series-view.ts';

const COUNTS_AT_ONCE = 8;
/** An answer holds 6 MB at most (AWS Lambda quotas), and a series may have thousands of assets. */
const MAX_LISTED_KEYS = 50;
/** Of one study, on one page: a series takes up to 20 KB of those 6 MB. */
const MAX_STUDY_SERIES = 200;

/** `GET /v1/series` */
export async function listSeries(
  deps: SeriesQueryDeps & Pick<SeriesRouteDeps, 'instances'>,
  { cursor: given, limit, ...listing }: ParametersOf<'listSeries'>,
): Promise<Answer<'SeriesPage'>> {
  const { place, bind } = bindCursor(given, 'series', listing);
  const { series, cursor } = await deps.series.list({
    ...(await seriesQueryOf(deps, listing)),
    limit: listing.study === undefined ? limit : MAX_STUDY_SERIES,
    ...defined({ cursor: place }),
  });
  const items = await mapConcurrently(series, COUNTS_AT_ONCE, async (one) =>
    withFewKeys(await view(deps, one)),
  );
  return { items, ...(cursor === undefined ? {} : { cursor: bind(cursor) }) };
}

function withFewKeys({ resultKeys, ...others }: SeriesView): SeriesView {
  if (resultKeys.length <= MAX_LISTED_KEYS) return { ...others, resultKeys };
  const omittedResultKeys = resultKeys.length - MAX_LISTED_KEYS;
  return { ...others, resultKeys: resultKeys.slice(0, MAX_LISTED_KEYS), omittedResultKeys };
}

/** `GET /v1/series/counts` */
export async function countSeries(
  deps: Pick<SeriesRouteDeps, 'series'>,
  { source, since, until }: ParametersOf<'countSeries'>,
): Promise<Answer<'SeriesCounts'>> {
  const query = defined({ source, since: instantOf(since), until: instantOf(until) });
  return { counts: await deps.series.count(query) };
}
