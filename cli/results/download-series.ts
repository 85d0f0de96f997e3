import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { provenanceSchema } from '../../functions/results/provenance-schema.ts';
import { COMPUTE_FILE, PROVENANCE_FILE } from '../../functions/series/result-keys.ts';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import type { CallApi } from '../target/call-api.ts';
import type { SeriesItem } from '../target/find-scan.ts';
import { hashOfBytes } from '../verify/file-hash.ts';
import {
  downloadFile,
  type ExpectedFile,
  type FetchLink,
  isThere,
  LinkExpiredError,
} from './download-file.ts';
import { type LinkedFile, type ResultPage, readResultPage } from './result-pages.ts';

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
 * Downloads all files of the current generation below `outDir`. `provenance.json` gets its name at the end: a folder that has
 * it is whole. What is there already with the same hash is kept, so a second run resumes the first.
 */
export async function downloadSeries(
  series: SeriesItem,
  outDir: string,
  deps: DownloadDeps,
): Promise<DownloadedSeries> {
  let page = await readResultPage(deps.call, series, undefined);
  const folder = join(outDir, ...page.folder.split('/').filter((part) => part !== ''));
  const expected = await readProvenance(page, folder, series, deps);
  const outcome = { downloaded: 0, kept: 0, bytes: 0 };
  let isVerified = expected.size > 0;
  for (let cursor: string | undefined; ; ) {
    const wanted = page.files.filter(({ name }) => name !== PROVENANCE_FILE);
    const bytes = await fetchPage(wanted, { folder, expected, series, cursor }, deps);
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
    page = await readResultPage(deps.call, series, cursor);
  }
  if (expected.size > 0) await finish(folder, expected);
  const { seriesInstanceUid, generation } = series;
  return { seriesInstanceUid, generation, folder, ...outcome, isVerified };
}

/** What each file has to be; empty where the generation has no provenance, for example of a series that is UNSUPPORTED. */
async function readProvenance(
  page: ResultPage,
  folder: string,
  series: SeriesItem,
  deps: DownloadDeps,
): Promise<Map<string, ExpectedFile>> {
  const file = page.files.find(({ name }) => name === PROVENANCE_FILE);
  if (file === undefined) return new Map();
  const path = join(folder, UNFINISHED);
  await fetchFile(
    file,
    { path, expected: {}, again: () => linkAgain(deps.call, series, undefined, file.name) },
    deps,
  );
  const { files } = provenanceSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return new Map(files.map((one) => [one.name, one]));
}

interface PagePlace {
  folder: string;
  expected: ReadonlyMap<string, ExpectedFile>;
  series: SeriesItem;
  cursor: string | undefined;
}

/** Sizes of the files that were downloaded; `undefined` for those that were there. */
function fetchPage(
  files: readonly LinkedFile[],
  { folder, expected, series, cursor }: PagePlace,
  deps: DownloadDeps,
): Promise<(number | undefined)[]> {
  return mapConcurrently(files, AT_ONCE, async (file) => {
    const path = join(folder, ...file.name.split('/'));
    const wanted = expected.get(file.name) ?? {};
    if (await isThere(path, wanted)) return undefined;
    const again = () => linkAgain(deps.call, series, cursor, file.name);
    const bytes = await fetchFile(file, { path, expected: wanted, again }, deps);
    deps.onFile(bytes);
    return bytes;
  });
}

async function fetchFile(
  file: LinkedFile,
  { path, expected, again }: { path: string; expected: ExpectedFile; again: () => Promise<string> },
  { fetchLink, signal }: DownloadDeps,
): Promise<number> {
  let url = file.url;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await downloadFile({ url, path, expected }, signal, fetchLink);
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted) throw error;
      if (error instanceof LinkExpiredError) url = await again();
    }
  }
}

/** Links are good for 15 minutes, which a slow network may need for one page. */
async function linkAgain(
  call: CallApi,
  series: SeriesItem,
  cursor: string | undefined,
  name: string,
): Promise<string> {
  const { files } = await readResultPage(call, series, cursor);
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw new LinkExpiredError('the generation was superseded meanwhile: run it again');
  return file.url;
}

async function finish(folder: string, expected: ReadonlyMap<string, ExpectedFile>): Promise<void> {
  const unfinished = join(folder, UNFINISHED);
  const { compute } = provenanceSchema.parse(JSON.parse(await readFile(unfinished, 'utf8')));
  const sha256 = expected.get(COMPUTE_FILE)?.sha256;
  // The API has no link to it, and the provenance has its content.
  const text = `${JSON.stringify(compute, undefined, 2)}\n`;
  if (compute !== undefined && sha256 !== undefined && hashOfBytes(text) === sha256)
    await writeFile(join(folder, COMPUTE_FILE), text, { mode: 0o600 });
  await rm(join(folder, PROVENANCE_FILE), { force: true });
  await rename(unfinished, join(folder, PROVENANCE_FILE));
}
