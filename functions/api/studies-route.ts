import type { Series } from '../series/series.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import type { ParametersOf } from './requests.ts';
import { isListed, type SeriesQueryDeps, seriesQueryOf } from './series-query.ts';
import { toStudyView } from './study-view.ts';

/** Each asks for the series of one study. */
const STUDIES_AT_ONCE = 16;
const MAX_STUDY_SERIES = 1000;
/** A study has some series, which the list has one by one. */
const SERIES_FOR_A_STUDY = 3;
const MAX_PAGE = 100;
/** Of one answer; it may then have fewer studies than it could. */
const MAX_ROUNDS = 6;

/**
 * `GET /v1/studies`. Studies have no rows of their own: the list of series is read, and a study is shown where the newest of its
 * listed series stands. So each study has one place, whatever the order and the filters.
 */
export async function listStudies(
  deps: SeriesQueryDeps,
  { cursor: given, limit, ...listing }: ParametersOf<'listStudies'>,
): Promise<Answer<'StudyPage'>> {
  const { place, bind } = bindCursor(given, 'studies', listing);
  const query = await seriesQueryOf(deps, listing);
  const loads = new Map<string, Promise<Series[]>>();
  const seriesOf = ({ source, studyInstanceUid }: Series) => {
    const key = `${source} ${studyInstanceUid}`;
    const load = loads.get(key) ?? loadStudy(deps, source, studyInstanceUid);
    loads.set(key, load);
    return load;
  };
  const items: Answer<'Study'>[] = [];
  let cursor = place;
  for (let round = 0; round < MAX_ROUNDS && items.length < limit; round += 1) {
    const size = Math.min(MAX_PAGE, SERIES_FOR_A_STUDY * (limit - items.length) + 1);
    const page = await deps.series.list({ ...query, limit: size, ...defined({ cursor }) });
    const studies = await mapConcurrently(page.series, STUDIES_AT_ONCE, async (series) => {
      const others = (await seriesOf(series)).filter((other) => !isSame(other, series));
      const isNewest = others.every((other) => !isListed(query, other) || isBefore(other, series));
      return isNewest ? toStudyView(series, others) : undefined;
    });
    cursor = page.cursor;
    for (const [at, study] of studies.entries()) {
      if (study === undefined) continue;
      if (items.length === limit) {
        // Of the page, what stands before this one has been shown.
        cursor = page.cursors[at - 1];
        break;
      }
      items.push(study);
    }
    if (cursor === undefined || page.series.length === 0) break;
  }
  return { items, ...(cursor === undefined ? {} : { cursor: bind(cursor) }) };
}

async function loadStudy({ series }: SeriesQueryDeps, source: string, studyInstanceUid: string) {
  const page = await series.list({ source, studyInstanceUid: [studyInstanceUid], limit: MAX_STUDY_SERIES });
  return page.series;
}

function isSame(one: Series, other: Series): boolean {
  return one.seriesInstanceUid === other.seriesInstanceUid;
}

/** The order is total, so that exactly one series of a study is the newest. */
function isBefore(one: Series, other: Series): boolean {
  if (one.changedAt !== other.changedAt) return one.changedAt < other.changedAt;
  return one.seriesInstanceUid < other.seriesInstanceUid;
}
