import { resolve } from 'node:path';
import type { CommandSpec } from '../frame/command.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';
import { ACCESSION_ROW, scanProblems, UID_OR_ACCESSION } from '../frame/uid-operand.ts';
import { createProgressBar, sizeText } from '../output/progress-bar.ts';
import { reasonText } from '../output/reason-text.ts';
import { textTable } from '../output/text-table.ts';
import { fetchLink, LinkExpiredError } from '../results/download-file.ts';
import { type DownloadedSeries, downloadSeries } from '../results/download-series.ts';
import { NotWholeError } from '../results/not-whole-error.ts';
import { UnsafeNameError } from '../results/result-pages.ts';
import { ApiCallError } from '../target/api-answer.ts';
import { findGivenScan, type SeriesItem } from '../target/find-scan.ts';
import { targetOf } from '../target/target.ts';

export const results: CommandSpec = {
  name: 'results',
  group: 'Results',
  summary: 'Downloads the results and assets of a series or study, checked and resumable',
  about: `Files come below DIR/<source>/<study>/<series>/<generation>/, for this user only. Each is compared with the SHA-256 in
provenance.json, and is there whole or not at all. What is there already is kept: run it again to resume.
provenance.json comes last, so a folder that has it is whole, and of one generation. 1: a series has no
result yet, has failed (what Qure answered is downloaded), or its folder is not whole.`,
  operand: UID_OR_ACCESSION,
  options: [
    {
      name: 'out',
      placeholder: 'DIR',
      value: { kind: 'text', what: 'the folder for the files' },
      help: 'where to put them; made if it is missing',
    },
    ACCESSION_ROW,
    { ...SOURCE_ROW, help: 'of this source, where several have it' },
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) => [
    ...scanProblems(given),
    ...(given.isTyped('out') ? [] : ['--out: expected the folder for the files, got none']),
  ],
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const found = await findGivenScan(call, given);
    const wanted = [found.series].flat();
    const bar = createProgressBar('Downloads', process.stderr, world.env);
    let files = 0;
    let bytes = 0;
    const onFile = (more: number) => {
      files += 1;
      bytes += more;
      bar.update(files, undefined, sizeText(bytes));
    };
    const folders: DownloadedSeries[] = [];
    const without: SeriesItem[] = [];
    const problems: { seriesInstanceUid: string; problem: string }[] = [];
    try {
      for (const series of wanted) {
        const deps = { call, fetchLink, signal: world.signal, onFile };
        try {
          folders.push(await downloadSeries(series, resolve(given.text('out') ?? ''), deps));
          if (series.state !== 'DONE')
            problems.push({
              seriesInstanceUid: series.seriesInstanceUid,
              problem: `it is ${stateText(series)}: its files are no result`,
            });
        } catch (error) {
          const { seriesInstanceUid } = series;
          if (error instanceof NotWholeError) problems.push({ seriesInstanceUid, problem: error.message });
          else if (error instanceof ApiCallError && error.status === 404) without.push(series);
          else throw asCallError(error);
        }
      }
    } finally {
      bar.stop();
    }
    const isWaiting = without.some(({ state }) => state !== 'SKIPPED');
    if (given.has('json')) {
      const left = without.map(({ seriesInstanceUid, state, reason }) => ({
        seriesInstanceUid,
        state,
        reason,
      }));
      world.print(JSON.stringify({ folders, without: left, problems }, undefined, 2));
    } else for (const line of textOf(folders, without, simulatedOf(wanted))) world.print(line);
    for (const { seriesInstanceUid, problem } of problems)
      world.note(`qure-dropoff: ${seriesInstanceUid}: ${problem}`);
    return folders.length === 0 || isWaiting || problems.length > 0 ? 1 : 0;
  },
};

/** With what to do. */
function asCallError(error: unknown): unknown {
  if (error instanceof LinkExpiredError)
    return new ApiCallError(
      `a link was refused (${error.message}): run the command again, it resumes; check the clock`,
    );
  if (error instanceof UnsafeNameError) return new ApiCallError(error.message);
  if (error instanceof TypeError && error.cause !== undefined)
    return new ApiCallError(
      'expected S3 to give a file, and it was not reached: run the command again, it resumes',
    );
  return error;
}

/** @param simulated the series whose results are the simulator's, and mean nothing */
function textOf(
  folders: readonly DownloadedSeries[],
  without: readonly SeriesItem[],
  simulated: ReadonlySet<string>,
): string[] {
  const rows = folders.map((one) => [
    String(one.downloaded),
    String(one.kept),
    sizeText(one.bytes),
    one.isVerified ? 'yes' : 'no',
    ...(simulated.size === 0 ? [] : [simulated.has(one.seriesInstanceUid) ? 'SIMULATED' : '']),
    one.folder,
  ]);
  const remark = simulated.size === 0 ? [] : ['REMARK'];
  return [
    ...(rows.length === 0
      ? []
      : textTable(['DOWNLOADED', 'KEPT', 'SIZE', 'VERIFIED', ...remark, 'FOLDER'], rows)),
    ...without.map((series) => `${series.seriesInstanceUid}: no results, it is ${stateText(series)}`),
  ];
}

/** `FAILED, Qure answered with another product (wrong_usecase)` */
function stateText({ state, reason }: SeriesItem): string {
  return reason === undefined ? state : `${state}, ${reasonText(reason)}`;
}

function simulatedOf(series: readonly SeriesItem[]): Set<string> {
  return new Set(series.filter((one) => one['isSimulated'] === true).map((one) => one.seriesInstanceUid));
}
