import type { CallPermit } from '../admission/admission.ts';
import { replacedIn } from '../delivery/upload-records.ts';
import { contentTagOf } from '../instances/archive-entry.ts';
import { type AssetIdentity, isForeign } from '../instances/identity.ts';
import type { Instance } from '../instances/instance.ts';
import type { EarlierAnswer } from '../qure/earlier-answer.ts';
import { type AnswerVerdict, judgeAnswer, newnessOf } from '../qure/judge-answer.ts';
import { NO_ANSWER_BOUND_SECONDS } from '../qure/qure-waits.ts';
import { isReady, type ReadyResult } from '../qure/results-answer.ts';
import { keptUntil } from '../series/judged-set.ts';
import { instanceResultFile, resultFolder } from '../series/result-keys.ts';
import type { ComputingSeries } from '../series/series.ts';
import { boundedFiles } from '../series/series-parts.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { addSeconds, type Instant, laterOf } from '../shared/time.ts';
import { afterVerdict, waitForAnswer } from './after-verdict.ts';
import { answerFactsOf } from './answer-facts.ts';
import { answerOfAll, concludeInstances, isResult } from './conclude-instances.ts';
import type { InstanceResult } from './instance-result.ts';
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
  | { kind: 'not_yet'; cause: 'earlier_answer' | 'not_whole' }
  | {
      kind: 'failed';
      answer: ReadyResult;
      verdict: Extract<AnswerVerdict, { kind: 'failed' }>;
      files: string[];
    }
  | { kind: 'assets'; assets: StoredAssets; files: string[]; hasProgress: boolean; result: InstanceResult }
  /** Another run has the series (`PollWork.mayStore`). */
  | { kind: 'overtaken' };

/** The last answer to an instance in an earlier generation. */
type KnownResult = InstanceResult & { generation: number };

/**
 * Asks for the results of the instances of an X-ray series (qXR, qMSK) that have none yet. The series is done when each has
 * its answer, or when one has its result and the others were waited for long enough; Qure refuses the series when it refuses
 * all of them.
 */
export async function pollInstances(work: PollWork, permit: CallPermit): Promise<void> {
  const { deps, series } = work;
  const [instances, rows, before] = await Promise.all([
    deps.instances.ofSeries(series),
    deps.instanceResults.of(series, series.generation),
    series.generation === 1 ? new Map() : deps.instanceResults.before(series, series.generation),
  ]);
  // Since an earlier round Qure has lost the series, or is another Qure: what it has said before counts no more.
  const answered = rows.filter(({ uploadRound = series.uploadRound }) => uploadRound === series.uploadRound);
  const known = new Set(answered.map(({ sopInstanceUid }) => sopInstanceUid));
  const open = instances.filter(({ sopInstanceUid }) => !known.has(sopInstanceUid));
  const stored = new Set(await work.storedBefore());
  const pending = await pendingAmong(work, open);
  // The first refusal ends the run: the other instances would be refused alike.
  let isRefused = false;
  const polls = await mapConcurrently(
    open,
    POLLS_AT_ONCE,
    async (instance): Promise<InstancePoll | undefined> => {
      if (isRefused || deps.remainingMs() < RESERVE_MS) return undefined;
      const last: KnownResult | undefined = before.get(instance.sopInstanceUid);
      const earlier = earlierOf(series, last, instance, pending);
      const poll = await pollInstance(work, permit, instance, last, earlier, stored);
      isRefused ||= poll.kind === 'unready' && isRefusal(poll.answer);
      return poll;
    },
  );
  if (polls.some((poll) => poll?.kind === 'overtaken')) return;
  for (const poll of polls) {
    if (poll?.kind === 'answered') answered.push(poll.result);
  }
  const foreign = polls.flatMap((poll) => (poll?.kind === 'assets' ? poll.assets.foreign : []));
  if (foreign.length > 0) return work.afterForeign(foreign);
  const failed = polls.find((poll) => poll?.kind === 'failed');
  if (failed?.kind === 'failed') {
    const files = [...answered.flatMap(({ resultFiles }) => resultFiles), ...failed.files].sort();
    return afterVerdict(work, failed.answer, failed.verdict, files);
  }
  work.concludesAt = conclusionOf(series, answered);
  const isOverdue = work.concludesAt !== undefined && work.now() >= work.concludesAt;
  // An image that this run did not come to is asked by the next one, as long as a run comes any further.
  const isStuck = isOverdue && !polls.some((poll) => poll?.kind === 'answered');
  const isGivenUp = (poll: InstancePoll | undefined) =>
    poll === undefined ? isStuck : isOverdue && poll.kind === 'unready' && isWaitedFor(poll.answer);
  const unanswered = open.filter((_instance, at) => isGivenUp(polls[at]));
  const waiting = polls.filter((poll) => !isGivenUp(poll));
  const unready = waiting.flatMap((poll) => (poll?.kind === 'unready' ? [poll.answer] : []));
  const worst = unready.find(isRefusal) ?? unready.find(({ kind }) => kind !== 'processing');
  if (worst !== undefined) return work.afterUnready(worst, permit);
  const notYet = polls.find((poll) => poll?.kind === 'not_yet');
  if (notYet?.kind === 'not_yet') return waitForAnswer(work, notYet.cause);
  const [processing] = unready;
  if (processing !== undefined) return work.afterUnready(processing, permit);
  if (waiting.includes(undefined)) return work.resume({ failures: 0 }, 0);
  const files = answered.flatMap(({ resultFiles }) => resultFiles).sort();
  const all = [...answered, ...unanswered.map(withoutAnswer)];
  const lacking = polls.filter((poll) => poll?.kind === 'assets');
  const [first] = lacking;
  if (first !== undefined) {
    const concluded = () => answerOfAll(work, [...all, ...lacking.map(({ result }) => result)]);
    const there = [...files, ...lacking.flatMap((one) => one.files)].sort();
    return work.afterAssets(first.assets, there, first.hasProgress, concluded);
  }
  // What another run was answered meanwhile counts.
  if (unanswered.length > 0 && !(await work.mayStore())) return;
  return concludeInstances(work, all, files);
}

/** When the result of an image is not held back any longer by those without an answer; `undefined` where there is none. */
function conclusionOf(
  { changedAt, resultsDeadline }: ComputingSeries,
  answered: readonly InstanceResult[],
): Instant | undefined {
  // Of a series that was retried some results may be old: the others are waited for anew.
  const bounds = answered
    .filter(isResult)
    .map(({ answeredAt = changedAt }) => addSeconds(laterOf(answeredAt, changedAt), NO_ANSWER_BOUND_SECONDS));
  return bounds.length === 0 ? undefined : [...bounds, resultsDeadline].sort()[0];
}

function withoutAnswer({ sopInstanceUid, object }: Instance): InstanceResult {
  return { sopInstanceUid, etag: contentTagOf(object), answer: 'no_answer', resultFiles: [] };
}

/** It may come, or not: neither a refusal nor an answer that cannot be read. */
function isWaitedFor(answer: Unready): boolean {
  return !isRefusal(answer) && answer.kind !== 'legacy_format';
}

async function pollInstance(
  work: PollWork,
  permit: CallPermit,
  instance: Instance,
  before: KnownResult | undefined,
  earlier: EarlierAnswer | undefined,
  alreadyStored: Set<string>,
): Promise<InstancePoll> {
  const { sopInstanceUid } = instance;
  const etag = contentTagOf(instance.object);
  const { deps, series } = work;
  const folder = resultFolder(series);
  const file = instanceResultFile(sopInstanceUid);
  const sizeBefore = alreadyStored.size;
  let lacking: InstancePoll | undefined;
  for (let renewal = 0; renewal <= MAX_RENEWALS; renewal += 1) {
    const answer = await deps.qure.instanceResults(permit.credentials, sopInstanceUid);
    const context = work.answerContext(sopInstanceUid, earlier);
    if (answer.kind === 'unsupported') {
      const { reason, digest } = answer;
      if (newnessOf(digest, context) === 'earlier') return { kind: 'not_yet', cause: 'earlier_answer' };
      const result = { sopInstanceUid, etag, digest, reason, resultFiles: [] };
      return answeredWith(work, permit, { ...result, answer: 'unsupported' });
    }
    if (!isReady(answer)) {
      if (isFromQure(answer)) await permit.recordSuccess();
      if (answer.kind === 'processing' && earlier !== undefined) work.noteProcessing(sopInstanceUid);
      return lacking ?? { kind: 'unready', answer };
    }
    const verdict = judgeAnswer(answer, context);
    const facts = { sopInstanceUid, etag, digest: answer.digest, ...answerFactsOf(answer) };
    switch (verdict.kind) {
      case 'not_yet':
        await permit.recordSuccess();
        return lacking ?? verdict;
      case 'not_implemented':
        return answeredWith(work, permit, { ...facts, answer: 'not_implemented', resultFiles: [] });
      case 'failed':
        if (!(await work.mayStore())) return { kind: 'overtaken' };
        await deps.results.put(folder + file, answer.rawBody, 'application/json');
        return { kind: 'failed', answer, verdict, files: [file] };
      case 'ready':
        break;
      default:
        return verdict satisfies never;
    }
    if (!(await work.mayStore())) return { kind: 'overtaken' };
    await deps.results.put(folder + file, answer.rawBody, 'application/json');
    const options = {
      sopInstanceUid,
      isForeign: async (asset: AssetIdentity) => isForeign(asset, [instance]),
      alreadyStored,
      remainingMs: deps.remainingMs,
    };
    const assets = await storeAssets(deps, permit.credentials, folder, answer, options);
    for (const name of assets.stored) alreadyStored.add(folder + name);
    const files = [file, ...assets.stored];
    const { triageStatus } = answer;
    const result: InstanceResult = {
      ...facts,
      answer: answer.kind,
      ...(triageStatus === undefined ? {} : { triageStatus }),
      ...samenessOf(answer, verdict, before),
      resultFiles: boundedFiles(files),
    };
    if (isComplete(assets)) {
      return answeredWith(work, permit, result);
    }
    lacking = { kind: 'assets', assets, files, hasProgress: alreadyStored.size > sizeBefore, result };
    if (assets.expired.length === 0 || assets.foreign.length > 0) return lacking;
  }
  return lacking ?? { kind: 'unready', answer: { kind: 'processing' } };
}

/** Images that were replaced while Qure computed. What has only been added since has no earlier answer. */
async function pendingAmong({ deps, series }: PollWork, open: readonly Instance[]): Promise<Instance[]> {
  if (series.earlier?.isPending !== true) return [];
  return replacedIn(await deps.uploadRecords.ofAllRounds(series), open);
}

/**
 * The same content is not read again: its answer of before is its answer. Another content has one of its own. Of what a Qure was
 * given before another one had the series nothing is known.
 */
function earlierOf(
  { workspaceSince = 1 }: ComputingSeries,
  before: KnownResult | undefined,
  instance: Instance,
  pending: readonly Instance[],
): EarlierAnswer | undefined {
  if (workspaceSince > Math.max(1, before?.generation ?? 0)) return { isPending: true };
  if (before === undefined && pending.includes(instance)) return { isPending: true };
  if (before?.digest === undefined || before.etag === contentTagOf(instance.object)) return undefined;
  return { result: { generation: before.generation, digest: before.digest } };
}

function samenessOf(
  { digest }: ReadyResult,
  { sameAsGeneration }: { sameAsGeneration?: number },
  before: KnownResult | undefined,
): Pick<InstanceResult, 'sameAsGeneration' | 'isDoubtful'> {
  if (sameAsGeneration !== undefined) return { sameAsGeneration, isDoubtful: true };
  return before?.digest === digest ? { sameAsGeneration: before.generation } : {};
}

async function answeredWith(
  work: PollWork,
  permit: CallPermit,
  result: InstanceResult,
): Promise<InstancePoll> {
  await permit.recordSuccess();
  if (!(await work.mayStore())) return { kind: 'overtaken' };
  const { series, deps } = work;
  const row = { ...result, uploadRound: series.uploadRound, answeredAt: work.now() };
  await deps.instanceResults.put(series, series.generation, row, keptUntil(series, work.now()));
  return { kind: 'answered', result: row };
}

function isRefusal(answer: Unready): boolean {
  return answer.kind === 'auth_rejected' || answer.kind === 'source_denied';
}
