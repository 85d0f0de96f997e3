import { instancesToUpload } from '../completion/localizers.ts';
import { fingerprintOf } from '../instances/instance.ts';
import { PROVENANCE_FILE, resultFolder } from '../series/result-keys.ts';
import type { EarlierResult } from '../series/series-parts.ts';
import { finish } from '../series/transitions.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import { learnComputingTime } from './learn-computing-time.ts';
import { readModelVersion, rememberModelVersion } from './model-version.ts';
import type { PollWork } from './poll-work.ts';
import { type FileFacts, type ProvenAnswer, provenanceOf } from './provenance.ts';

const FILES_AT_ONCE = 4;
const TAGS_AT_ONCE = 8;
/** Less than this, and hashing what earlier runs have stored is for the next run. */
const RESERVE_MS = 30_000;
/** After so many runs the rest of the files go without a hash: it must not delay a result that is awaited. */
const MAX_HASHING_TRIES = 8;

type Outcome = Omit<Parameters<typeof finish>[1], 'superseded' | 'news'> & ProvenAnswer;

/**
 * The last steps of a result whose files are all stored. What it was made of is written down and the earlier result is
 * marked before the row says DONE: a run that dies in between leaves a series that is still polled, and all of it is done
 * again, with the same outcome.
 */
export async function finishResult(
  work: PollWork,
  outcome: Outcome,
  { isWhole = true }: { isWhole?: boolean } = {},
): Promise<void> {
  const { deps, series } = work;
  const [instances, marks, files] = await Promise.all([
    deps.instances.ofSeries(series),
    deps.uploadRecords.of(series, series.uploadRound),
    hashFiles(work, outcome.resultFiles),
  ]);
  if (files === 'out_of_time')
    return work.resume({ assetTries: Math.max(1, work.message.assetTries + 1) }, 0);
  // Another set than the judged one is indexed by now: the next generation is about to begin, and this result lacks something.
  if (fingerprintOf(instances) !== series.fingerprint) return work.pollAgain();
  const superseded = await markSuperseded(work);
  const provenance = provenanceOf({
    series,
    answer: outcome,
    instances,
    uploaded: instancesToUpload(instances, work.source),
    marks,
    files,
    now: work.now(),
    ...(superseded === undefined ? {} : { supersedes: superseded.generation }),
  });
  const body = Buffer.from(`${JSON.stringify(provenance, null, 2)}\n`);
  await deps.results.put(resultFolder(series) + PROVENANCE_FILE, body, 'application/json');
  const model = await readModelVersion(work, outcome);
  const result = {
    ...outcome,
    ...defined({ superseded }),
    ...(model?.news === undefined ? {} : { news: [model.news] }),
  };
  const done = await work.move((current) => finish(current, { ...result, isWhole }, work.now()));
  if (done === undefined) return;
  if (model !== undefined) await rememberModelVersion(work, model);
  if (isWhole) await learnComputingTime(work);
}

/**
 * By name, in the folder of the generation: what is announced, and the documents beside it. A file or an answer that is not announced is
 * left from before Qure took the series back.
 */
async function hashFiles(
  work: PollWork,
  resultFiles: readonly string[],
): Promise<ReadonlyMap<string, FileFacts | undefined> | 'out_of_time'> {
  const { results, remainingMs } = work.deps;
  const folder = resultFolder(work.series);
  const there = (await results.keys(folder)).map((key) => key.slice(folder.length));
  const beside = there.filter((name) => !/^(?:files\/|result\.)/.test(name) && name !== PROVENANCE_FILE);
  const names = [...new Set([...beside, ...resultFiles])];
  const isLastTry = work.message.assetTries >= MAX_HASHING_TRIES;
  let isOutOfTime = false;
  const facts = await mapConcurrently(names, FILES_AT_ONCE, async (name) => {
    const known = results.knownFactsOf(folder + name);
    if (known !== undefined) return known;
    if (remainingMs() >= RESERVE_MS) return results.readFactsOf(folder + name);
    isOutOfTime = true;
    return undefined;
  });
  if (isOutOfTime && !isLastTry) return 'out_of_time';
  return new Map(names.map((name, at) => [name, facts[at]]));
}

/**
 * Marks the objects of the earlier result, if there is one. Before the later one is DONE: a reader of a mark then knows of
 * a later generation at the earliest moment, and should this one come to nothing, the next one that is DONE says its own.
 */
async function markSuperseded({ series, deps }: PollWork): Promise<EarlierResult | undefined> {
  const { lastResult } = series;
  if (lastResult === undefined || lastResult.generation >= series.generation) return undefined;
  const { generation, studyInstanceUid = series.studyInstanceUid } = lastResult;
  const folder = resultFolder({ ...series, studyInstanceUid, generation });
  const keys = await deps.results.keys(folder);
  const tags = { supersededBy: String(series.generation) };
  await mapConcurrently(keys, TAGS_AT_ONCE, (key) => deps.results.tag(key, tags));
  return { generation, studyInstanceUid, resultFiles: keys.map((key) => key.slice(folder.length)) };
}
