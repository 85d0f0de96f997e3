import { mapConcurrently } from '../core/concurrency.ts';
import type { Instance } from '../core/instance.ts';
import type { InstanceResult } from '../core/ports.ts';
import { isReady } from '../core/qure/results-answer.ts';
import { instanceResultFile, resultFolder } from '../core/result-keys.ts';
import { boundedFiles } from '../core/series-parts.ts';
import type { Pass } from '../core/source-gate.ts';
import { moveOn } from '../core/stage.ts';
import { refuse } from '../core/transitions.ts';
import { finishResult } from './finish-result.ts';
import { isComplete, isFromQure } from './poll-series.ts';
import type { PollWork, Unready } from './poll-work.ts';
import { type StoredAssets, storeAssets } from './store-assets.ts';

const POLLS_AT_ONCE = 4;
const MAX_RENEWALS = 2;
/** Less than this, and the rest is for the next run. */
const RESERVE_MS = 60_000;

/** What one poll of one instance came to. */
type InstancePoll =
  | { kind: 'answered'; result: InstanceResult }
  | { kind: 'unready'; answer: Unready }
  | { kind: 'assets'; assets: StoredAssets; files: string[]; hasProgress: boolean };

/**
 * Asks for the results of the instances of an X-ray series (qXR, qMSK) that have none yet. The series is done when each has
 * its answer; Qure refuses the series when it refuses all of them.
 */
export async function pollInstances(work: PollWork, pass: Pass): Promise<void> {
  const { deps, series } = work;
  const [instances, answered] = await Promise.all([
    deps.instances.ofSeries(series),
    deps.instanceResults.of(series, series.generation),
  ]);
  const known = new Set(answered.map(({ sopInstanceUid }) => sopInstanceUid));
  const open = instances.filter(({ sopInstanceUid }) => !known.has(sopInstanceUid));
  const stored = new Set(
    work.message.assetTries === 0 ? [] : await deps.results.keys(`${resultFolder(series)}files/`),
  );
  // The first refusal ends the run: the other instances would be refused alike.
  let isRefused = false;
  const polls = await mapConcurrently(
    open,
    POLLS_AT_ONCE,
    async (instance): Promise<InstancePoll | undefined> => {
      if (isRefused || deps.remainingMs() < RESERVE_MS) return undefined;
      const poll = await pollInstance(work, pass, instance, stored);
      isRefused ||= poll.kind === 'unready' && isRefusal(poll.answer);
      return poll;
    },
  );
  for (const poll of polls) {
    if (poll?.kind === 'answered') answered.push(poll.result);
  }
  const foreign = polls.flatMap((poll) => (poll?.kind === 'assets' ? poll.assets.foreign : []));
  if (foreign.length > 0) return work.afterForeign(foreign);
  const unready = polls.flatMap((poll) => (poll?.kind === 'unready' ? [poll.answer] : []));
  const worst = unready.find(isRefusal) ?? unready.find(({ kind }) => kind !== 'processing') ?? unready[0];
  if (worst !== undefined) {
    if (worst.kind === 'auth_rejected' || worst.kind === 'source_denied') await pass.refused(worst.kind);
    return work.afterUnready(worst);
  }
  if (polls.includes(undefined)) return work.resume({ failures: 0 }, 0);
  const files = answered.flatMap(({ resultFiles }) => resultFiles).sort();
  const lacking = polls.find((poll) => poll?.kind === 'assets');
  if (lacking?.kind === 'assets') {
    return work.afterAssets(lacking.assets, [...files, ...lacking.files], lacking.hasProgress);
  }
  return conclude(work, answered, files);
}

async function pollInstance(
  work: PollWork,
  pass: Pass,
  instance: Instance,
  alreadyStored: Set<string>,
): Promise<InstancePoll> {
  const { sopInstanceUid } = instance;
  const { deps, series } = work;
  const folder = resultFolder(series);
  const sizeBefore = alreadyStored.size;
  let lacking: InstancePoll | undefined;
  for (let renewal = 0; renewal <= MAX_RENEWALS; renewal += 1) {
    const answer = await deps.qure.instanceResults(pass.credentials, sopInstanceUid);
    if (answer.kind === 'unsupported') {
      const result: InstanceResult = {
        sopInstanceUid,
        answer: 'unsupported',
        reason: answer.reason,
        resultFiles: [],
      };
      return answeredWith(work, pass, result);
    }
    if (!isReady(answer)) {
      if (isFromQure(answer)) await pass.welcomed();
      return lacking ?? { kind: 'unready', answer };
    }
    if (renewal === 0) await work.announceDownloads();
    const file = instanceResultFile(sopInstanceUid);
    await deps.results.put(folder + file, answer.rawBody, 'application/json');
    const options = {
      sopInstanceUid,
      instances: [instance],
      alreadyStored,
      remainingMs: deps.remainingMs,
    };
    const assets = await storeAssets(deps, pass.credentials, folder, answer, options);
    for (const name of assets.stored) alreadyStored.add(folder + name);
    const files = [file, ...assets.stored];
    if (isComplete(assets)) {
      const { triageStatus } = answer;
      const triage = triageStatus === undefined ? {} : { triageStatus };
      const resultFiles = boundedFiles(files);
      return answeredWith(work, pass, { sopInstanceUid, answer: answer.kind, ...triage, resultFiles });
    }
    lacking = { kind: 'assets', assets, files, hasProgress: alreadyStored.size > sizeBefore };
    if (assets.expired.length === 0 || assets.foreign.length > 0) return lacking;
  }
  return lacking ?? { kind: 'unready', answer: { kind: 'processing' } };
}

async function answeredWith(work: PollWork, pass: Pass, result: InstanceResult): Promise<InstancePoll> {
  await pass.welcomed();
  await work.deps.instanceResults.put(work.series, work.series.generation, result);
  return { kind: 'answered', result };
}

async function conclude(
  work: PollWork,
  answered: readonly InstanceResult[],
  resultFiles: string[],
): Promise<void> {
  const results = answered.filter(({ answer }) => answer !== 'unsupported');
  if (results.length === 0) {
    const detail = answered.find(({ reason }) => reason !== undefined)?.reason;
    const verdict = { reason: 'unsupported_scan', ...(detail === undefined ? {} : { detail }) };
    await moveOn(work.deps, work.series, work.isOurs, (series) => refuse(series, verdict, work.now()));
    return;
  }
  const triages = results.map(({ triageStatus }) => triageStatus);
  const triageStatus =
    triages.find((triage) => triage === 'critical') ?? triages.find((triage) => triage !== undefined);
  const outcome = {
    resultFiles,
    ...(triageStatus === undefined ? {} : { triageStatus }),
    ...(results.some(({ answer }) => answer === 'ready_invalid_scan') ? { isInvalidScan: true } : {}),
  };
  await finishResult(work, outcome);
}

function isRefusal(answer: Unready): boolean {
  return answer.kind === 'auth_rejected' || answer.kind === 'source_denied';
}
