import { type Answer, get, RefusedError } from '../shared/api.ts';
import { sourceNames } from '../shared/sources.ts';
import type { Study } from './filters.ts';

const UID = /^[0-9]+(?:\.[0-9]+)+$/;
const MAX_UID_LENGTH = 64;
const LIMIT = '50';

/** Studies by an accession number, a StudyInstanceUID or a SeriesInstanceUID: whichever it is, a person types it in one place. */
export async function findStudies(text: string, signal: AbortSignal): Promise<Study[]> {
  if (UID.test(text) && text.length <= MAX_UID_LENGTH) {
    const byStudy = await studiesBy({ study: text }, signal);
    if (byStudy.length > 0) return byStudy;
    const series = await seriesOf(text, signal);
    const found = await Promise.all(
      series.map(({ source, studyInstanceUid }) => studiesBy({ study: studyInstanceUid, source }, signal)),
    );
    if (found.flat().length > 0) return found.flat();
  }
  return text.length > 64 ? [] : studiesBy({ accession: text }, signal);
}

async function studiesBy(query: Record<string, string>, signal: AbortSignal): Promise<Study[]> {
  const { items } = await get('StudyPage', '/v1/studies', { ...query, limit: LIMIT }, signal);
  return items;
}

/** Of each source that has one of this UID. */
async function seriesOf(uid: string, signal: AbortSignal): Promise<Answer<'SeriesDetail'>[]> {
  const path = `/v1/series/${encodeURIComponent(uid)}` as const;
  try {
    return [await get('SeriesDetail', path, {}, signal)];
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.status === 404) return [];
    if (error.status !== 409) throw error;
  }
  const names = await sourceNames();
  const found = await Promise.all(
    names.map((source) => get('SeriesDetail', path, { source }, signal).catch(() => undefined)),
  );
  return found.filter((one) => one !== undefined);
}
