import { resultFolder } from '../../functions/series/result-keys.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { ApiCallError } from '../target/api-answer.ts';
import type { CallApi } from '../target/call-api.ts';
import type { SeriesItem } from '../target/find-scan.ts';
import { NotWholeError } from './not-whole-error.ts';

const link = z.object({ key: z.string(), url: z.string() });
const page = z.object({
  source: z.string(),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  generation: z.number(),
  provenance: z.optional(link),
  findings: z.optional(link),
  results: z.array(link),
  assets: z.array(link),
  cursor: z.optional(z.string()),
});

/** A file of a generation, and where it can be read for 15 minutes. */
export interface LinkedFile {
  /** Below the folder of the generation, for example `files/pdf/0`. */
  name: string;
  url: string;
}

export interface ResultPage {
  /** `<source>/<study>/<series>/<generation>/` */
  folder: string;
  generation: number;
  files: LinkedFile[];
  cursor?: string;
}

/** Where a page is in the list of one generation. */
export interface PagePlace {
  /** The folder of the first page: the answer has to be of the same generation. */
  folder: string;
  cursor: string | undefined;
}

/** What an API answers becomes names of files here: nothing else is one. */
const SAFE_NAME =
  /^(?:(?:provenance|findings|result(?:\.[0-9.]{1,64})?)\.json|files\/(?:[0-9][0-9.]{0,63}\/)?[A-Za-z0-9_-]{1,128}\/\d{1,9})$/;
const SAFE_FOLDER = /^(?!\.)[A-Za-z0-9_.-]{1,64}\/[0-9][0-9.]{0,63}\/[0-9][0-9.]{0,63}\/\d{1,9}\/$/;

/** The API answered names that are none of its own. */
export class UnsafeNameError extends Error {
  override name = 'UnsafeNameError';
  constructor() {
    super('expected keys of the results bucket, got others: nothing of them is written; check --api');
  }
}

const CHANGED = 'a new generation of the series began during the download: run the command again';
/** What the API answers to a cursor of an earlier generation, and to a series without results. */
const GONE = [400, 404];
const FILES_A_PAGE = 100;

/** The first page of the results of a series. @throws UnsafeNameError */
export async function readFirstPage(call: CallApi, series: SeriesItem): Promise<ResultPage> {
  return readPage(call, series, undefined);
}

/** A page of the same generation as the first one. @throws NotWholeError if another generation is the current one by now */
export async function readPageAgain(
  call: CallApi,
  series: SeriesItem,
  { folder, cursor }: PagePlace,
): Promise<ResultPage> {
  const read = await readPage(call, series, cursor).catch((error: unknown) => {
    if (error instanceof ApiCallError && GONE.includes(error.status ?? 0)) throw new NotWholeError(CHANGED);
    throw error;
  });
  if (read.folder !== folder) throw new NotWholeError(CHANGED);
  return read;
}

async function readPage(call: CallApi, series: SeriesItem, cursor: string | undefined): Promise<ResultPage> {
  const query = { source: series.source, limit: String(FILES_A_PAGE), ...defined({ cursor }) };
  const path = `/v1/series/${series.seriesInstanceUid}/results`;
  const read = page.parse(await call({ method: 'GET', path, query }));
  const folder = resultFolder(read);
  const isAsked = read.source === series.source && read.seriesInstanceUid === series.seriesInstanceUid;
  if (!isAsked || !SAFE_FOLDER.test(folder)) throw new UnsafeNameError();
  const links = [read.provenance, read.findings, ...read.results, ...read.assets];
  const files = links
    .filter((one) => one !== undefined)
    .map(({ key, url }) => {
      const name = key.slice(folder.length);
      if (!key.startsWith(folder) || !SAFE_NAME.test(name)) throw new UnsafeNameError();
      return { name, url };
    });
  return { folder, generation: read.generation, files, ...defined({ cursor: read.cursor }) };
}
