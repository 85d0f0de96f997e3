import type { CallPermit } from '../admission/admission.ts';
import { FINDINGS_FILE } from '../qure/findings/findings.ts';
import { judgeAnswer, newnessOf } from '../qure/judge-answer.ts';
import { isReady, type ReadyResult } from '../qure/results-answer.ts';
import { RESULT_FILE, resultFolder } from '../series/result-keys.ts';
import { refuse } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import { afterVerdict, waitForAnswer } from './after-verdict.ts';
import { answerFactsOf } from './answer-facts.ts';
import { finishResult } from './finish-result.ts';
import { foreignTo } from './foreign-to.ts';
import type { PollWork } from './poll-work.ts';
import { type AssetOptions, type StoredAssets, storeAssets } from './store-assets.ts';
import { storeFindings } from './store-findings.ts';

/** New links are asked for so often within one run. */
const MAX_RENEWALS = 2;

/** Asks for the result of a series (qER, qCT) and stores it with every asset, once it is the one that is waited for. */
export async function pollSeries(work: PollWork, permit: CallPermit): Promise<void> {
  const { deps, series } = work;
  const folder = resultFolder(series);
  const before = await work.storedBefore();
  const alreadyStored = new Set(before);
  let isOfOthers: AssetOptions['isForeign'] | undefined;
  let stored: { result: ReadyResult; assets: StoredAssets; sameAsGeneration?: number } | undefined;
  for (let renewal = 0; renewal <= MAX_RENEWALS; renewal += 1) {
    const answer = await deps.qure.seriesResults(permit.credentials, series.seriesInstanceUid);
    if (answer.kind === 'unsupported') {
      await permit.recordSuccess();
      return afterRefusal(work, answer);
    }
    if (!isReady(answer)) {
      // Renewing the links failed: what is stored so far stays, the rest is tried again.
      if (isFromQure(answer)) await permit.recordSuccess();
      if (stored !== undefined) break;
      if (answer.kind === 'processing' && series.earlier !== undefined)
        work.noteProcessing(series.seriesInstanceUid);
      return work.afterUnready(answer, permit);
    }
    const verdict = judgeAnswer(answer, work.answerContext(series.seriesInstanceUid, series.earlier));
    if (verdict.kind !== 'ready') {
      await permit.recordSuccess();
      if (stored !== undefined) break;
      if (verdict.kind === 'failed') {
        if (!(await work.mayStore())) return;
        await deps.results.put(folder + RESULT_FILE, answer.rawBody, 'application/json');
      }
      return afterVerdict(work, answer, verdict, [RESULT_FILE], () => answerOf(work, answer, []));
    }
    if (renewal === 0) await permit.recordSuccess();
    if (!(await work.mayStore())) return;
    await deps.results.put(folder + RESULT_FILE, answer.rawBody, 'application/json');
    // Not before: a poll that finds nothing reads no row of an instance.
    isOfOthers ??= await foreignTo(deps.instances, series);
    const assets = await storeAssets(deps, permit.credentials, folder, answer, {
      isForeign: isOfOthers,
      alreadyStored,
      remainingMs: deps.remainingMs,
    });
    const { kind: _ready, ...sameAs } = verdict;
    stored = { result: answer, assets, ...sameAs };
    for (const file of assets.stored) alreadyStored.add(folder + file);
    if (assets.expired.length === 0 || assets.foreign.length > 0) break;
  }
  if (stored === undefined) return;
  const { result, assets, ...sameAs } = stored;
  const resultFiles = [RESULT_FILE, ...assets.stored];
  const hasProgress = alreadyStored.size > before.length;
  if (assets.foreign.length > 0)
    return work.afterForeign(assets.foreign, { ...answerFactsOf(result), digest: result.digest });
  const concluded = () => answerOf(work, result, assets.stored);
  if (!isComplete(assets)) return work.afterAssets(assets, resultFiles, hasProgress, concluded);
  const outcome = {
    ...(await concluded()),
    ...sameAs,
    resultFiles: [RESULT_FILE, FINDINGS_FILE, ...assets.stored],
    ...(result.kind === 'ready_invalid_scan' ? { isInvalidScan: true } : {}),
  };
  await finishResult(work, outcome);
}

/** What is told of an answer that counts, with its findings, which are written. */
async function answerOf(
  { deps, series }: PollWork,
  { kind, triageStatus, ...result }: ReadyResult,
  assetFiles: readonly string[],
) {
  const answered = { file: RESULT_FILE, ...(kind === 'ready_invalid_scan' ? { isInvalidScan: true } : {}) };
  const found = await storeFindings(deps.results, resultFolder(series), [answered], assetFiles, triageStatus);
  return { ...answerFactsOf(result), digest: result.digest, ...found, ...defined({ triageStatus }) };
}

/** A refusal can be that of an earlier generation as well. */
async function afterRefusal(work: PollWork, { reason, digest }: { reason: string; digest: string }) {
  const { seriesInstanceUid, earlier } = work.series;
  if (newnessOf(digest, work.answerContext(seriesInstanceUid, earlier)) === 'earlier')
    return waitForAnswer(work, 'earlier_answer', digest);
  await work.move((current) =>
    refuse(current, { reason: 'unsupported_scan', detail: reason, digest }, work.now()),
  );
}

/** Qure has taken the credentials, whatever else it says. */
export function isFromQure({ kind }: { kind: string }): boolean {
  return (
    kind === 'processing' || kind === 'not_uploaded' || kind === 'not_computed' || kind === 'legacy_format'
  );
}

export function isComplete(assets: StoredAssets): boolean {
  return (
    assets.expired.length === 0 &&
    assets.refused.length === 0 &&
    assets.foreign.length === 0 &&
    assets.broken.length === 0 &&
    !assets.isOutOfTime
  );
}
