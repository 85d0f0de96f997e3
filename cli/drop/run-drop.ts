import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import type { DropProblem } from '../../local/drop/drop-item.ts';
import { shortHash } from '../../local/drop/key-names.ts';
import { itemsOfPaths } from '../../local/drop/path-items.ts';
import { type DropCounts, DropError, dropItems } from '../../local/drop/put-items.ts';
import { cleanText } from '../../local/progress/terminal-text.ts';
import type { World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { counted } from '../output/counted.ts';
import { createProgressBar, sizeText } from '../output/progress-bar.ts';
import { ApiCallError } from '../target/api-answer.ts';
import { dataDirOf, targetOf, whereOf } from '../target/target.ts';
import { dropByLinks } from './drop-by-links.ts';
import { findDropPlace } from './drop-place.ts';
import { putMarkers } from './put-markers.ts';
import { roomyPrefix } from './scan-key.ts';
import { scansOf } from './scans-of.ts';
import { ScanTally } from './tally.ts';

interface DropOutcome {
  stored: number;
  /** There already, with the same content. */
  unchanged: number;
  bytes: number;
  /** Files that are no scans. */
  leftOut: number;
  instances: number;
  series: string[];
  hasMarker: boolean;
  notDropped: DropProblem[];
}

const DEFAULT_CONCURRENCY = 8;

export async function runDrop(given: Given, world: World): Promise<number> {
  const outcome = await dropAll(given, world);
  if (given.has('json')) world.print(JSON.stringify(outcome, undefined, 2));
  else for (const line of textOf(outcome, whereOf(given))) world.print(line);
  return outcome.notDropped.length > 0 || outcome.stored + outcome.unchanged === 0 ? 1 : 0;
}

async function dropAll(given: Given, world: World): Promise<DropOutcome> {
  const target = targetOf(given);
  const call = await world.callerFor(target);
  const place = await findDropPlace(target, call, given.text('source'));
  const paths = [...new Set(given.operands.map(rootOf))];
  const notDropped: DropProblem[] = [];
  const onProblem = (problem: DropProblem) => {
    notDropped.push(problem);
    world.note(`${cleanText(problem.path)}: ${problem.reason}`);
  };
  const tally = new ScanTally();
  let leftOut = 0;
  const onLeftOut = () => {
    leftOut += 1;
  };
  // Always the same for these paths: a second run resumes it.
  const folder = `drop-${shortHash(paths.toSorted().join('\n'))}/`;
  const prefix = place.kind === 'bucket' ? place.prefix + folder : folder;
  const dataDir = existsSync(dataDirOf(given)) ? dataDirOf(given) : tmpdir();
  const files = itemsOfPaths(paths, {
    prefix: roomyPrefix(prefix),
    brokenArchive: 'not dropped',
    onProblem,
    dataDir,
  });
  const takesTars = place.kind === 'bucket';
  const items = scansOf(files, { prefix, takesTars, tally, onLeftOut, onProblem });
  const bar = createProgressBar('Drops', process.stderr, world.env);
  const onProgress = ({ stored, unchanged, bytes }: Pick<DropCounts, 'stored' | 'unchanged' | 'bytes'>) =>
    bar.update(stored + unchanged, undefined, sizeText(bytes));
  const wantsMarker = !given.has('no-marker');
  // A part must not pass for all of it.
  const isWhole = () => notDropped.length === 0 && tally.keys.size > 0;
  const { signal } = world;
  const concurrency = given.number('concurrency') ?? DEFAULT_CONCURRENCY;
  try {
    if (place.kind === 'links') {
      const { source } = place;
      const options = { call, source, tally, onProblem, onProgress, signal, concurrency };
      const sums = await dropByLinks(items, options, () => wantsMarker && isWhole());
      return { ...sums, leftOut, instances: tally.instances, series: tally.uids, notDropped };
    }
    const { s3, bucket } = place;
    const counts = await dropItems(
      items,
      { s3, bucket, prefix },
      { onProblem, onProgress, signal, concurrency },
    );
    const mayMark = wantsMarker && isWhole();
    const hasMarker = mayMark && (await putMarkers({ s3, bucket, prefix }, tally, concurrency));
    if (mayMark && !hasMarker)
      world.note(
        'With a tar archive and files of another drop from the same paths there is no marker: the quiet period decides.',
      );
    const { stored, unchanged, bytes } = counts;
    const sums = { stored, unchanged, bytes, hasMarker };
    return { ...sums, leftOut, instances: tally.instances, series: tally.uids, notDropped };
  } catch (error) {
    if (error instanceof DropError) throw new ApiCallError(error.message, { cause: error });
    throw error;
  } finally {
    bar.stop();
  }
}

/** A CD is named by its DICOMDIR; its files are beside and below it. */
function rootOf(path: string): string {
  const whole = resolve(path);
  return /^dicomdir$/i.test(basename(whole)) && statSync(whole).isFile() ? dirname(whole) : whole;
}

const SHOWN_SERIES = 10;

function textOf(outcome: DropOutcome, where: string): string[] {
  const { stored, unchanged, bytes, leftOut, instances, series, hasMarker, notDropped } = outcome;
  const there = unchanged === 0 ? '' : `, ${unchanged} there already`;
  if (stored + unchanged + notDropped.length === 0)
    return [
      `Nothing dropped: no DICOM file was found${leftOut === 0 ? '' : ` (${counted(leftOut, 'other file')})`}.`,
    ];
  return [
    `Dropped ${counted(stored, 'file')} (${sizeText(bytes)})${there}: ${counted(instances, 'instance')} of ${counted(series.length, 'series', 'series')}.`,
    ...(leftOut === 0 ? [] : [`${leftOut} left out: no DICOM files.`]),
    ...(notDropped.length === 0
      ? []
      : [`${notDropped.length} NOT DROPPED (see above), so no marker: correct them and run it again.`]),
    ...(hasMarker ? ['Marked complete. qure-dropoff watch follows a series or study:'] : []),
    ...(hasMarker ? series.slice(0, SHOWN_SERIES).map((uid) => `  qure-dropoff watch ${uid}${where}`) : []),
  ];
}
