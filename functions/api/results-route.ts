import { FINDINGS_FILE } from '../qure/findings/findings.ts';
import { PROVENANCE_FILE, resultFolder } from '../series/result-keys.ts';
import type { StoredResults } from '../series/results-bucket.ts';
import type { Series } from '../series/series.ts';
import { InvalidCursorError } from '../series/series-store.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds, type Clock } from '../shared/time.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import { inlineSizeOf } from './inline-document.ts';
import { ProblemError } from './problem.ts';
import type { ParametersOf } from './requests.ts';
import { findOne, type SeriesRouteDeps } from './series-routes.ts';

export interface ResultsRouteDeps extends Pick<SeriesRouteDeps, 'series'> {
  storedResults: StoredResults;
  clock: Clock;
}

const LINK_SECONDS = 900;
/** Each asks S3 what is stored. */
const LINKS_AT_ONCE = 32;
/** Lambda answers hold 6 MB at most; what does not fit is there by its link. */
const MAX_INLINE_BYTES = 4 * 1024 * 1024;

/** `files/pdf/0`, or `files/<SOPInstanceUID>/pdf/0` for X-rays. */
const ASSET_FILE = /^files\/(?:(?<sopInstanceUid>[0-9.]+)\/)?(?<type>[A-Za-z0-9_-]+)\/(?<index>\d+)$/;
/** `result.json`, or `result.<SOPInstanceUID>.json` for X-rays. */
const RESULT_DOCUMENT = /^result\.(?:(?<sopInstanceUid>[0-9.]+)\.)?json$/;

/** `GET /v1/series/{uid}/results`: the result JSON, and links to the assets that expire after 15 minutes. */
export async function showResults(
  deps: ResultsRouteDeps,
  { uid, source, limit, cursor: given }: ParametersOf<'getResults'>,
): Promise<Answer<'Results'>> {
  const series = await findOne(deps, uid, source);
  const stored = 'resultFiles' in series ? series.resultFiles : [];
  if (stored.length === 0) {
    throw new ProblemError(
      404,
      'No results',
      `the series is ${series.state}${reasonOf(series)}; results are there when it is DONE`,
    );
  }
  // The results of another generation are others: its pages do not go on.
  const { place, bind } = bindCursor(given, 'results', series.source, uid, series.generation);
  const from = place === undefined ? 0 : positionOf(place);
  const paged = stored.filter((file) => file !== FINDINGS_FILE);
  const isFirst = from === 0;
  const files = [
    ...(isFirst && paged.length < stored.length ? [FINDINGS_FILE] : []),
    ...paged.slice(from, from + limit),
  ];
  const next = from + limit < paged.length ? { cursor: bind(String(from + limit)) } : {};
  const folder = resultFolder(series);
  const expiresAt = addSeconds(deps.clock().toISOString(), LINK_SECONDS);
  const linkOf = async (file: string): Promise<Answer<'ResultDocument'>> => {
    const sopInstanceUid = (RESULT_DOCUMENT.exec(file) ?? ASSET_FILE.exec(file))?.groups?.['sopInstanceUid'];
    const url = await deps.storedResults.linkTo(folder, file, LINK_SECONDS);
    return { key: folder + file, url, expiresAt, ...defined({ sopInstanceUid }) };
  };
  const linked = await mapConcurrently(files, LINKS_AT_ONCE, async (file) => ({
    file,
    entry: await linkOf(file),
  }));
  // It is stored before the series is DONE.
  const provenance = isFirst && series.state === 'DONE' ? await linkOf(PROVENANCE_FILE) : undefined;
  let inlineBytes = MAX_INLINE_BYTES;
  const results: Answer<'ResultDocument'>[] = [];
  const assets: Answer<'Asset'>[] = [];
  let findings: Answer<'ResultDocument'> | undefined;
  for (const { file, entry } of linked) {
    const { type, index } = ASSET_FILE.exec(file)?.groups ?? {};
    if (type !== undefined) {
      assets.push({ ...entry, type, index: Number(index) });
      continue;
    }
    const document = await deps.storedResults.readJson(folder + file, inlineBytes);
    const sizeBytes = document === undefined ? 0 : inlineSizeOf(document);
    const isInline = document !== undefined && sizeBytes <= inlineBytes;
    if (isInline) inlineBytes -= sizeBytes;
    const shown = isInline ? { ...entry, document } : entry;
    if (file === FINDINGS_FILE) findings = shown;
    else results.push(shown);
  }
  return {
    source: series.source,
    studyInstanceUid: series.studyInstanceUid,
    seriesInstanceUid: series.seriesInstanceUid,
    generation: series.generation,
    state: series.state,
    ...('triageStatus' in series && series.triageStatus !== undefined
      ? { triageStatus: series.triageStatus }
      : {}),
    ...defined({ findings, provenance }),
    results,
    assets,
    ...next,
  };
}

/** Throws `InvalidCursorError` for what `bindCursor` was never given. */
function positionOf(place: string): number {
  if (/^[1-9]\d{0,5}$/.test(place)) return Number(place);
  throw new InvalidCursorError('cursor: expected one that an earlier page gave; start again without one');
}

function reasonOf(series: Series): string {
  return 'reason' in series ? ` (${series.reason})` : '';
}
