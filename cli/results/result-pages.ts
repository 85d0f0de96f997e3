import * as z from 'zod';
import { resultFolder } from '../../functions/series/result-keys.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { CallApi } from '../target/call-api.ts';
import type { SeriesItem } from '../target/find-scan.ts';

const link = z.object({ key: z.string(), url: z.string() });
const page = z.object({
  source: z.string(),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  generation: z.number(),
  provenance: link.optional(),
  findings: link.optional(),
  results: z.array(link),
  assets: z.array(link),
  cursor: z.string().optional(),
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
  files: LinkedFile[];
  cursor?: string;
}

/** What an API answers becomes names of files here: nothing else is one. */
const SAFE_NAME =
  /^(?:(?:provenance|findings|result(?:\.[0-9.]{1,64})?)\.json|files\/(?:[0-9][0-9.]{0,63}\/)?[A-Za-z0-9_-]{1,128}\/\d{1,9})$/;
const SAFE_FOLDER = /^(?!\.)[A-Za-z0-9_.-]{1,64}\/[0-9][0-9.]{0,63}\/[0-9][0-9.]{0,63}\/\d{1,9}\/$/;

/** The API answered names that are none of its own. */
export class UnsafeNameError extends Error {
  override name = 'UnsafeNameError';
  constructor() {
    super('expected keys of the results bucket, got others: nothing is written; check --api');
  }
}

const FILES_A_PAGE = 100;

/** One page of the results of a series. @throws UnsafeNameError */
export async function readResultPage(
  call: CallApi,
  series: SeriesItem,
  cursor: string | undefined,
): Promise<ResultPage> {
  const query = { source: series.source, limit: String(FILES_A_PAGE), ...defined({ cursor }) };
  const path = `/v1/series/${series.seriesInstanceUid}/results`;
  const read = page.parse(await call({ method: 'GET', path, query }));
  const folder = resultFolder(read);
  if (!SAFE_FOLDER.test(folder)) throw new UnsafeNameError();
  const links = [read.provenance, read.findings, ...read.results, ...read.assets];
  const files = links
    .filter((one) => one !== undefined)
    .map(({ key, url }) => {
      const name = key.slice(folder.length);
      if (!key.startsWith(folder) || !SAFE_NAME.test(name)) throw new UnsafeNameError();
      return { name, url };
    });
  return { folder, files, ...defined({ cursor: read.cursor }) };
}
