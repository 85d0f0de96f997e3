import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DropItem, DropProblem, OnProblem } from '../drop/drop-item.ts';
import { itemsOfPaths } from '../drop/path-items.ts';
import { DropError, dropItems } from '../drop/put-items.ts';
import { itemsOfSamples } from '../drop/sample-items.ts';
import { hasObjects } from '../drop/stored-copy.ts';
import type { Options } from '../options.ts';
import type { Progress } from '../progress/progress.ts';
import { resultTable } from '../progress/result-table.ts';
import { paintFor } from '../progress/state-colours.ts';
import { cleanText, widthOf } from '../progress/terminal-text.ts';
import { buildReport, exitCodeOf } from '../report.ts';
import { sampleStudies } from '../samples/sample-studies.ts';
import type { Host } from './host.ts';
import { areQueuesIdle, createChangeNotice, isDeadLetterQueue } from './queue-watch.ts';

/** The refresh interval of the terminal. */
const REFRESH_MS = 300;
/** Without messages each tenth is enough: a refresh asks all partitions of an index, of a table in this process. */
const REST_TICKS = 10;
/** Below the source's prefix. */
const SAMPLES_FOLDER = 'samples/';
/** Consecutive idle checks before a run counts as ended: a notification may be between the bucket and its queue. */
const IDLE_LOOKS = 3;

/**
 * Drops the given files and shows the progress, until everything is final (`--once`) or the user stops it. Returns the
 * exit code.
 */
export async function runHost(
  host: Host,
  options: Options,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  try {
    let isDropped = false;
    const notDropped: DropProblem[] = [];
    const onProblem = (problem: DropProblem) => {
      notDropped.push(problem);
      progress.note(`${problem.path}: ${problem.reason}`);
    };
    const dropping = drop(host, options, progress, onProblem, signal).then(() => {
      isDropped = true;
    });
    // Handled at the end of the loop; until then it must not end the process.
    dropping.catch(() => {});
    let idleLooks = 0;
    let isRefused = false;
    const mayHaveChanged = createChangeNotice();
    for (let tick = 0; !signal.aborted && !isRefused; tick += 1) {
      if (options.once || mayHaveChanged(host.cloud.queueCounts()) || tick % REST_TICKS === 0) {
        await host.watch.refresh();
        progress.update(host.watch.takeChanges());
      }
      if (isDropped && options.once) {
        const isIdle = areQueuesIdle(host.cloud.queueCounts(), host.queues) && host.watch.areAllSettled();
        idleLooks = isIdle ? idleLooks + 1 : 0;
        if (idleLooks >= IDLE_LOOKS) break;
      }
      const pause = sleep(REFRESH_MS, undefined, { signal }).catch(() => {});
      await Promise.race([pause, rejectionOf(dropping)]).catch((error: unknown) => {
        // Nothing more can be stored, so a run that is to end does, and its report says so.
        if (!(error instanceof DropError) || !options.once) throw error;
        onProblem({ path: error.path, reason: error.message });
        isRefused = true;
      });
    }
    if (!signal.aborted && !isRefused) await dropping;
    return await conclude(host, options, progress, notDropped);
  } finally {
    progress.stop();
  }
}

/** Settles only if the promise is rejected. */
function rejectionOf(promise: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    promise.catch(reject);
  });
}

async function drop(
  host: Host,
  options: Options,
  progress: Progress,
  onProblem: OnProblem,
  signal: AbortSignal,
): Promise<void> {
  const prefix = host.sources[0]?.source.prefix ?? '';
  const target = { s3: host.s3, bucket: host.cloud.buckets.drop, prefix };
  let problems = 0;
  const onProblemHere = (problem: DropProblem) => {
    problems += 1;
    onProblem(problem);
  };
  const hasPaths = options.paths.length > 0;
  if (!hasPaths && !host.takesSamples) {
    progress.note(
      'No path given: nothing is dropped, because this is the real Qure. Name files or folders, or drop by S3.',
    );
    return;
  }
  // Samples that an earlier run did not drop completely are dropped now; they are not added to other scans.
  const hasSamples = !hasPaths && (await hasObjects(host.s3, target.bucket, prefix + SAMPLES_FOLDER));
  if (!hasPaths && !hasSamples && (await hasObjects(host.s3, target.bucket, ''))) {
    progress.note(
      'The drop bucket already has scans: processing continues. Name files or folders to drop more.',
    );
    return;
  }
  if (!hasPaths) progress.note('No path given: dropping generated sample studies.');
  const items: AsyncIterable<DropItem> = hasPaths
    ? itemsOfPaths(options.paths, { prefix, onProblem: onProblemHere, dataDir: options.dataDir })
    : itemsOfSamples(samples(), prefix);
  const { stored, unchanged } = await dropItems(items, target, { onProblem: onProblemHere, signal });
  if (stored + unchanged + problems === 0)
    onProblem({ path: options.paths.join(', '), reason: 'expected files, got none: nothing is dropped' });
  const skipped = unchanged === 0 ? '' : `, ${unchanged} there already`;
  const left = problems === 0 ? '' : `, ${problems} not dropped (see above)`;
  progress.note(`Dropped ${stored} ${stored === 1 ? 'file' : 'files'}${skipped}${left}.`);
}

async function* samples() {
  for (const { path, bytes } of sampleStudies()) yield { path: SAMPLES_FOLDER + path, bytes };
}

async function conclude(
  host: Host,
  options: Options,
  progress: Progress,
  notDropped: readonly DropProblem[],
): Promise<number> {
  await host.watch.refresh();
  const unsorted = options.once ? host.watch.endedViews() : host.watch.views();
  const views = unsorted.sort((a, b) => (a.firstArrivalAt < b.firstArrivalAt ? -1 : 1));
  const quarantined = await host.watch.quarantined();
  progress.update(views);
  progress.stop();
  if (options.jsonFile !== undefined) {
    writeFileSync(
      options.jsonFile,
      `${JSON.stringify(buildReport(host.qure, views, quarantined, notDropped), undefined, 2)}\n`,
    );
  }
  const { stdout } = process;
  const table = resultTable(views, quarantined, {
    columns: widthOf(stdout),
    paint: paintFor(stdout, process.env),
  });
  stdout.write(`\n${table.join('\n')}\n`);
  if (notDropped.length > 0)
    stdout.write(
      `\nNOT DROPPED: ${notDropped.length} (the first: ${cleanText(notDropped[0]?.path ?? '')})\n`,
    );
  if (views.some(({ resultKeys = [] }) => resultKeys.length > 0))
    stdout.write(whereResultsAre(host, options));
  const dead = Object.entries(host.cloud.queueCounts()).filter(
    ([name, { visible }]) => isDeadLetterQueue(name) && visible > 0,
  );
  for (const [name, { visible }] of dead)
    stdout.write(`${visible} message(s) in ${name}: see docs/operations.md\n`);
  return dead.length > 0 ? 1 : exitCodeOf(views, notDropped);
}

/** The files of the data directory have no names of their own: a host reads them. */
function whereResultsAre(host: Host, { dataDir }: Options): string {
  return (
    `\nResults: kept in ${dataDir}, as s3://${host.cloud.buckets.results}/<source>/<study>/<series>/<generation>/. ` +
    `Read them on the console or by S3: npm start -- --data-dir ${dataDir}\n`
  );
}
