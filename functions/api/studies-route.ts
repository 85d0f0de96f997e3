import type { Series } from '../series/series.ts';
import { defined } from '../shared/defined.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import type { ParametersOf } from './requests.ts';
import { isListed, type SeriesQueryDeps, seriesQueryOf } from './series-query.ts';
import { toStudyView } from './study-view.ts';

/** Their series are asked for together: those of a first page of the console. */
const STUDIES_AT_ONCE = 25;
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
  const studies = new Map<string, readonly Series[]>();
  const items: Answer<'Study'>[] = [];
  let cursor = place;
  for (let round = 0; round < MAX_ROUNDS && items.length < limit; round += 1) {
    const size = Math.min(MAX_PAGE, SERIES_FOR_A_STUDY * (limit - items.length) + 1);
    const left = limit - items.length + 1;
    const page = await deps.series.list({ ...query, limit: size, studies: left, ...defined({ cursor }) });
    let at = 0;
    let isFull = false;
    while (!isFull && at < page.series.length) {
      // One more than is shown tells whether any follows.
      const next = page.series.slice(at, at + Math.min(STUDIES_AT_ONCE, limit - items.length + 1));
      await loadStudies(deps, next, page.series, studies);
      for (const series of next) {
        const others = (studies.get(studyOf(series)) ?? []).filter((other) => !isSame(other, series));
        const isNewest = others.every((other) => !isListed(query, other) || isBefore(other, series));
        isFull = isNewest && items.length === limit;
        if (isFull) break;
        if (isNewest) items.push(toStudyView(series, others));
        at += 1;
      }
    }
    // Of the page, what stands before the next one has been shown.
    cursor = isFull ? page.cursors[at - 1] : page.cursor;
    if (cursor === undefined || page.series.length === 0) break;
  }
  return { items, ...(cursor === undefined ? {} : { cursor: bind(cursor) }) };
}

/** Adds the studies of these series that are not there yet. */
async function loadStudies(
  deps: SeriesQueryDeps,
  listed: readonly Series[],
  known: readonly Series[],
  studies: Map<string, readonly Series[]>,
): Promise<void> {
  const missing = listed.filter((series) => !studies.has(studyOf(series)));
  const studyInstanceUid = [...new Set(missing.map((series) => series.studyInstanceUid))];
  if (studyInstanceUid.length === 0) return;
  const source = [...new Set(missing.map((series) => series.source))];
  const limit = MAX_STUDY_SERIES * studyInstanceUid.length;
  const { series } = await deps.series.list({ source, studyInstanceUid, known, limit });
  for (const [study, all] of Map.groupBy(series, studyOf)) studies.set(study, all);
}

function studyOf({ source, studyInstanceUid }: Series): string {
  return `${source} ${studyInstanceUid}`;
}

function isSame(one: Series, other: Series): boolean {
  return one.seriesInstanceUid === other.seriesInstanceUid;
}

/** The order is total, so that exactly one series of a study is the newest. */
function isBefore(one: Series, other: Series): boolean {
  if (one.changedAt !== other.changedAt) return one.changedAt < other.changedAt;
  return one.seriesInstanceUid < other.seriesInstanceUid;
}
