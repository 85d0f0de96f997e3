import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Provenance, provenanceSchema } from '../../functions/results/provenance-schema.ts';
import { COMPUTE_FILE, PROVENANCE_FILE, resultFolder } from '../../functions/series/result-keys.ts';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import type { CallApi } from '../target/call-api.ts';
import type { SeriesItem } from '../target/find-scan.ts';
import { hashOfBytes } from '../verify/file-hash.ts';
import { checkFolder } from './check-folder.ts';
import {
  downloadFile,
  type ExpectedFile,
  type FetchLink,
  isThere,
  LinkExpiredError,
} from './download-file.ts';
import { NotWholeError } from './not-whole-error.ts';
import { type LinkedFile, type ResultPage, readFirstPage, readPageAgain } from './result-pages.ts';

export interface DownloadedSeries {
  seriesInstanceUid: string;
  generation: number;
  folder: string;
  downloaded: number;
  /** Files that were there already, as they were stored. */
  kept: number;
  bytes: number;
  /** Every file has the SHA-256 of its provenance.json. */
  isVerified: boolean;
}

export interface DownloadDeps {
  call: CallApi;
  fetchLink: FetchLink;
  signal: AbortSignal;
  onFile(bytes: number): void;
}

const AT_ONCE = 4;
const ATTEMPTS = 3;
/** While it is there under this name, the folder is not whole. */
const UNFINISHED = `${PROVENANCE_FILE}.unfinished`;

/**
 * Downloads all files of the current generation below `outDir`. `provenance.json` gets its name at the end, when each file that
 * it lists is there: a folder that has it is whole, and of one generation. What is there already with the same hash is
 * kept, so a second run resumes the first.
 *
 * @throws NotWholeError if the folder is not a whole result of one generation
 */
export async function downloadSeries(
  series: SeriesItem,
  outDir: string,
  deps: DownloadDeps,
): Promise<DownloadedSeries> {
  let page = await readFirstPage(deps.call, series);
  const { generation } = page;
  const place = {
    series,
    key: page.folder,
    folder: join(outDir, ...page.folder.split('/').filter((part) => part !== '')),
  };
  const provenance = await readProvenance(page, place, deps);
  const expected = new Map(provenance?.files.map((one) => [one.name, one]));
  const outcome = { downloaded: 0, kept: 0, bytes: 0 };
  let isVerified = provenance !== undefined;
  for (let cursor: string | undefined; ; ) {
    const wanted = page.files.filter(({ name }) => name !== PROVENANCE_FILE);
    const bytes = await fetchPage(wanted, { ...place, cursor }, expected, deps);
    for (const one of bytes) {
      if (one === undefined) outcome.kept += 1;
      else {
        outcome.downloaded += 1;
        outcome.bytes += one;
      }
    }
    isVerified &&= wanted.every(({ name }) => expected.get(name)?.sha256 !== undefined);
    cursor = page.cursor;
    if (cursor === undefined) break;
    page = await readPageAgain(deps.call, series, { folder: place.key, cursor });
  }
  if (provenance !== undefined) await finish(place.folder, provenance);
  const { seriesInstanceUid } = series;
  return { seriesInstanceUid, generation, folder: place.folder, ...outcome, isVerified };
}

/** Where the files of one generation go, and are. */
interface Place {
  series: SeriesItem;
  /** `<source>/<study>/<series>/<generation>/` */
  key: string;
  folder: string;
}

/** What each file has to be; `undefined` where the generation has no provenance, for example of a series that FAILED. */
async function readProvenance(
  page: ResultPage,
  place: Place,
  deps: DownloadDeps,
): Promise<Provenance | undefined> {
  const { folder } = place;
  const file = page.files.find(({ name }) => name === PROVENANCE_FILE);
  if (file === undefined) {
    if (existsSync(join(folder, PROVENANCE_FILE)))
      throw new NotWholeError(
        `expected no provenance.json in ${folder}, since the API has none: it is of another result; choose another --out`,
      );
    return undefined;
  }
  const path = join(folder, UNFINISHED);
  await fetchFile(file, { ...place, path, expected: {}, cursor: undefined }, deps);
  const read = provenanceSchema.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!read.success || resultFolder(read.data) !== place.key)
    throw new NotWholeError(
      'provenance.json: expected the document of this generation, got another: see docs/provenance.md',
    );
  // From here on files of the folder change.
  await rm(join(folder, PROVENANCE_FILE), { force: true });
  return read.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sizes of the files that were downloaded; `undefined` for those that were there. */
function fetchPage(
  files: readonly LinkedFile[],
  place: Place & { cursor: string | undefined },
  expected: ReadonlyMap<string, ExpectedFile>,
  deps: DownloadDeps,
): Promise<(number | undefined)[]> {
  return mapConcurrently(files, AT_ONCE, async (file) => {
    const path = join(place.folder, ...file.name.split('/'));
    const wanted = expected.get(file.name) ?? {};
    if (await isThere(path, wanted)) return undefined;
    const bytes = await fetchFile(file, { ...place, path, expected: wanted }, deps);
    deps.onFile(bytes);
    return bytes;
  });
}

interface FetchedFile extends Place {
  /** Of the page that has its link. */
  cursor: string | undefined;
  path: string;
  expected: ExpectedFile;
}

async function fetchFile(
  { name, url: firstUrl }: LinkedFile,
  { series, key, cursor, path, expected }: FetchedFile,
  { call, fetchLink, signal }: DownloadDeps,
): Promise<number> {
  let url = firstUrl;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await downloadFile({ name, url, path, expected }, signal, fetchLink);
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted) throw error;
      if (!(error instanceof LinkExpiredError)) continue;
      // Links are good for 15 minutes, which a slow network may need for one page.
      const page = await readPageAgain(call, series, { folder: key, cursor });
      const file = page.files.find((one) => one.name === name);
      if (file === undefined) throw error;
      url = file.url;
    }
  }
}

async function finish(folder: string, provenance: Provenance): Promise<void> {
  await checkFolder(folder, provenance, UNFINISHED);
  const sha256 = provenance.files.find(({ name }) => name === COMPUTE_FILE)?.sha256;
  // The API has no link to it, and the provenance has its content.
  const text = `${JSON.stringify(provenance.compute, undefined, 2)}\n`;
  if (provenance.compute !== undefined && sha256 !== undefined && hashOfBytes(text) === sha256)
    await writeFile(join(folder, COMPUTE_FILE), text, { mode: 0o600 });
  await rename(join(folder, UNFINISHED), join(folder, PROVENANCE_FILE));
}
