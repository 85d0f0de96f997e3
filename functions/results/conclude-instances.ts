import { digestOfAll } from '../qure/answer-digest.ts';
import type { TriageStatus } from '../qure/answer-facts.ts';
import { FINDINGS_FILE, type UnreadReason } from '../qure/findings/findings.ts';
import { knownProducts, type Product } from '../qure/product.ts';
import { mostFrequent, productOfUsecase } from '../qure/usecase.ts';
import { instanceResultFile, resultFolder } from '../series/result-keys.ts';
import { SIMULATOR_MODEL_VERSION } from '../series/simulated-result.ts';
import { refuse } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import { answerFactsOf } from './answer-facts.ts';
import { finishResult } from './finish-result.ts';
import type { InstanceResult } from './instance-result.ts';
import type { PollWork } from './poll-work.ts';
import { type AnsweredFile, storeFindings } from './store-findings.ts';

/**
 * Every instance of an X-ray series has its answer, or has been waited for long enough: one of them that Qure has read makes the
 * series done; the others are told.
 */
export async function concludeInstances(
  work: PollWork,
  answered: readonly InstanceResult[],
  resultFiles: string[],
): Promise<void> {
  const results = answered.filter(isResult);
  if (results.length === 0) {
    const refusal = { ...refusalOf(answered), digest: digestOf(answered) };
    await work.move((series) => refuse(series, refusal, work.now()));
    return;
  }
  const product = answeringProduct(work, results);
  const sameAsGeneration = samenessOf(results);
  const unreadInstances = answered.length - results.length;
  const outcome = {
    ...(await answerOfAll(work, answered)),
    ...defined({ product, sameAsGeneration }),
    resultFiles: [FINDINGS_FILE, ...resultFiles],
    ...(results.some(({ answer }) => answer === 'ready_invalid_scan') ? { isInvalidScan: true } : {}),
    ...(unreadInstances === 0 ? {} : { unreadInstances }),
  };
  // A computation that was not waited for has not taken so long.
  const isWhole = answered.every(({ answer }) => answer !== 'no_answer');
  await finishResult(work, outcome, { isWhole });
}

/** What is told of answers that count, with their findings, which are written. */
export async function answerOfAll({ deps, series }: PollWork, answered: readonly InstanceResult[]) {
  const triageStatus = triageOf(answered);
  const files = answered.map(answeredFile);
  const found = await storeFindings(deps.results, resultFolder(series), files, [], triageStatus);
  const facts = factsOf(answered.filter(isResult));
  return { ...facts, ...defined({ triageStatus }), ...found, digest: digestOf(answered) };
}

function digestOf(answered: readonly InstanceResult[]): string {
  return digestOfAll(answered.map((one) => one.digest ?? one.answer));
}

export function isResult({ answer }: InstanceResult): boolean {
  return unreadReasonOf(answer) === undefined;
}

function unreadReasonOf(answer: InstanceResult['answer']): UnreadReason | undefined {
  if (answer === 'not_implemented' || answer === 'no_answer') return answer;
  return answer === 'unsupported' ? 'unsupported_scan' : undefined;
}

function answeredFile({ sopInstanceUid, answer }: InstanceResult): AnsweredFile {
  const unread = unreadReasonOf(answer);
  if (unread !== undefined) return { sopInstanceUid, unread };
  const file = instanceResultFile(sopInstanceUid);
  return { file, sopInstanceUid, ...(answer === 'ready_invalid_scan' ? { isInvalidScan: true } : {}) };
}

/** Routine is the word on every image: one that was not read, or has no triage, may show anything. */
function triageOf(answered: readonly InstanceResult[]): TriageStatus | undefined {
  if (answered.some(({ triageStatus }) => triageStatus === 'critical')) return 'critical';
  return answered.every(({ triageStatus }) => triageStatus === 'routine') ? 'routine' : undefined;
}

function refusalOf(answered: readonly InstanceResult[]) {
  if (answered.every(({ answer }) => answer === 'not_implemented')) {
    const detail = 'Qure says that it has read none of the instances (use case not_implemented)';
    return { reason: 'not_implemented' as const, detail, ...factsOf(answered) };
  }
  const detail = answered.find(({ reason }) => reason !== undefined)?.reason;
  return { reason: 'unsupported_scan' as const, ...defined({ detail }) };
}

/**
 * Of most instances; an invalid scan, which no product has read, counts only where there is nothing else. What the simulator has said of
 * one instance makes the result a simulated one.
 */
function factsOf(results: readonly InstanceResult[]) {
  const usecase = mostFrequent(readOf(results).map((one) => one.usecase));
  const versions = results.map((one) => one.modelVersion);
  const isSimulated = versions.includes(SIMULATOR_MODEL_VERSION);
  const modelVersion = isSimulated ? SIMULATOR_MODEL_VERSION : mostFrequent(versions);
  return answerFactsOf(defined({ usecase, modelVersion }));
}

/** Of an X-ray Qure decides which product it is for. */
function answeringProduct({ source }: PollWork, results: readonly InstanceResult[]): Product | undefined {
  const usecase = mostFrequent(readOf(results).map((one) => one.usecase));
  const product = usecase === undefined ? undefined : productOfUsecase(usecase, knownProducts(source));
  return product?.results === 'instance' ? product.name : undefined;
}

function readOf(results: readonly InstanceResult[]): readonly InstanceResult[] {
  const read = results.filter(({ answer }) => answer === 'ready');
  return read.length === 0 ? results : read;
}

/**
 * The earlier generation whose answers these are: of an instance that has another content by now, or of all of them. An
 * unchanged instance beside new ones is no news.
 */
function samenessOf(results: readonly InstanceResult[]): number | undefined {
  const doubtful = results.filter(({ isDoubtful }) => isDoubtful === true);
  const isAll = results.every(({ sameAsGeneration }) => sameAsGeneration !== undefined);
  const same = doubtful.length > 0 ? doubtful : isAll ? results : [];
  const generations = same.map(({ sameAsGeneration = 0 }) => sameAsGeneration);
  return generations.length === 0 ? undefined : Math.max(...generations);
}
