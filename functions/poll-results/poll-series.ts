import type { Instance } from '../core/instance.ts';
import { isReady, type ReadyResult } from '../core/qure/results-answer.ts';
import { RESULT_FILE, resultFolder } from '../core/result-keys.ts';
import type { Pass } from '../core/source-gate.ts';
import { moveOn } from '../core/stage.ts';
import { refuse } from '../core/transitions.ts';
import { finishResult } from './finish-result.ts';
import type { PollWork } from './poll-work.ts';
import { type StoredAssets, storeAssets } from './store-assets.ts';

/** New links are asked for so often within one run. */
const MAX_RENEWALS = 2;

/** Asks for the result of a series (qER, qCT) and stores it with every asset. */
export async function pollSeries(work: PollWork, pass: Pass): Promise<void> {
  const { deps, series } = work;
  const folder = resultFolder(series);
  const before = work.message.assetTries === 0 ? [] : await deps.results.keys(`${folder}files/`);
  const alreadyStored = new Set(before);
  let instances: Instance[] | undefined;
  let assets: StoredAssets | undefined;
  let result: ReadyResult | undefined;
  for (let renewal = 0; renewal <= MAX_RENEWALS; renewal += 1) {
    const answer = await deps.qure.seriesResults(pass.credentials, series.seriesInstanceUid);
    if (answer.kind === 'auth_rejected' || answer.kind === 'source_denied') await pass.refused(answer.kind);
    if (answer.kind === 'unsupported') {
      await pass.welcomed();
      await moveOn(deps, series, work.isOurs, (current) =>
        refuse(current, { reason: 'unsupported_scan', detail: answer.reason }, work.now()),
      );
      return;
    }
    if (!isReady(answer)) {
      // Renewing the links failed: what is stored so far stays, the rest is tried again.
      if (isFromQure(answer)) await pass.welcomed();
      if (result === undefined) return work.afterUnready(answer);
      break;
    }
    if (renewal === 0) await Promise.all([pass.welcomed(), work.announceDownloads()]);
    result = answer;
    await deps.results.put(folder + RESULT_FILE, answer.rawBody, 'application/json');
    // Not before: a poll that finds nothing reads no row of an instance.
    instances ??= await deps.instances.ofSeries(series);
    assets = await storeAssets(deps, pass.credentials, folder, answer, {
      instances,
      alreadyStored,
      remainingMs: deps.remainingMs,
    });
    for (const file of assets.stored) alreadyStored.add(folder + file);
    if (assets.expired.length === 0 || assets.foreign.length > 0) break;
  }
  if (result === undefined || assets === undefined) return;
  const { triageStatus, kind } = result;
  const resultFiles = [RESULT_FILE, ...assets.stored];
  const hasProgress = alreadyStored.size > before.length;
  if (assets.foreign.length > 0) return work.afterForeign(assets.foreign);
  if (!isComplete(assets)) return work.afterAssets(assets, resultFiles, hasProgress);
  const outcome = {
    resultFiles,
    ...(triageStatus === undefined ? {} : { triageStatus }),
    ...(kind === 'ready_invalid_scan' ? { isInvalidScan: true } : {}),
  };
  await finishResult(work, outcome);
}

/** Qure has taken the credentials, whatever else it says. */
export function isFromQure({ kind }: { kind: string }): boolean {
  return kind === 'processing' || kind === 'not_uploaded' || kind === 'not_computed';
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
