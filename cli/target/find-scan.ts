import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { Given } from '../frame/given.ts';
import { ApiCallError } from './api-answer.ts';
import type { CallApi } from './call-api.ts';
import { readPages } from './read-pages.ts';

const item = z.looseObject({ source: z.string(), studyInstanceUid: z.string() });
const seriesItem = z.extend(item, {
  seriesInstanceUid: z.string(),
  state: z.string(),
  reason: z.optional(z.string()),
  generation: z.number(),
});
export type SeriesItem = z.infer<typeof seriesItem>;

/** A series, or a study with its series, as the API shows them. */
export type FoundScan = { series: SeriesItem } | { study: z.infer<typeof item>; series: SeriesItem[] };

/** Nothing has this UID, or not yet. */
export class UnknownScanError extends ApiCallError {
  override name = 'UnknownScanError';
}

const MOST_SERIES = 10_000;
const MOST_STUDIES = 20;

/** Finds what the command line names: a UID, or an accession number. @throws ApiCallError if there is none */
export async function findGivenScan(call: CallApi, given: Given): Promise<FoundScan> {
  const [uid = ''] = given.operands;
  const query = defined({ source: given.text('source') });
  const accession = given.text('accession');
  return accession === undefined
    ? findScan(call, uid, query)
    : withSeries(call, await studyWithAccession(call, { ...query, accession }), query);
}

/** Finds a series or a study by its UID. @throws ApiCallError if there is neither */
export async function findScan(
  call: CallApi,
  uid: string,
  query: Readonly<Record<string, string>>,
): Promise<FoundScan> {
  const series = await seriesOf(call, uid, query);
  if (series !== undefined) return { series };
  const listing = { ...query, study: uid };
  const [study] = (await readPages(call, { path: '/v1/studies', query: listing }, item, 1)).items;
  if (study === undefined)
    throw new UnknownScanError(
      `expected a series or a study with the UID ${uid}, found neither: check it, and --source`,
    );
  return withSeries(call, study, query);
}

async function studyWithAccession(
  call: CallApi,
  query: Readonly<Record<string, string>> & { accession: string },
): Promise<z.infer<typeof item>> {
  const { items } = await readPages(call, { path: '/v1/studies', query }, item, MOST_STUDIES);
  const [study] = items;
  if (study === undefined)
    throw new UnknownScanError(
      `expected a study with the accession number ${query.accession}, found none: check it, and --source`,
    );
  if (items.length === 1) return study;
  const found = items.map(({ source, studyInstanceUid }) => `${studyInstanceUid} (${source})`).join(', ');
  throw new ApiCallError(
    `expected one study with the accession number ${query.accession}, found ${found}: name a UID, or --source`,
  );
}

async function withSeries(
  call: CallApi,
  study: z.infer<typeof item>,
  query: Readonly<Record<string, string>>,
): Promise<FoundScan> {
  const listing = { ...query, study: study.studyInstanceUid };
  const all = await readPages(call, { path: '/v1/series', query: listing }, seriesItem, MOST_SERIES);
  return { study, series: all.items };
}

async function seriesOf(
  call: CallApi,
  uid: string,
  query: Readonly<Record<string, string>>,
): Promise<SeriesItem | undefined> {
  try {
    return seriesItem.parse(await call({ method: 'GET', path: `/v1/series/${uid}`, query }));
  } catch (error) {
    if (error instanceof ApiCallError && error.status === 404) return undefined;
    throw error;
  }
}
