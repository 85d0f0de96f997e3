import { type HoldDeps, holdBackRow } from '../core/hold-back.ts';
import { workOf } from '../core/lane.ts';
import type { ComputeMessage } from '../core/messages.ts';
import type { Queues } from '../core/ports.ts';
import { productOf } from '../core/product.ts';
import { isConflict, retryOnConflict } from '../core/retry-on-conflict.ts';
import type { UploadingSeries } from '../core/series.ts';
import { meterOverdue } from '../core/series-metrics.ts';
import type { Source } from '../core/source.ts';
import type { Pass } from '../core/source-gate.ts';
import { saveAndAnnounce, saveInState } from '../core/stage.ts';
import { resumeUploading, startUploading } from '../core/transitions.ts';
import type { SourceVisit } from './source-visit.ts';

export interface TakeUpDeps extends HoldDeps {
  queues: Pick<Queues, 'sendCompute'>;
}

/** The series, taken by the compute stage, and leave to call Qure for it. */
export interface Taken {
  series: UploadingSeries;
  pass: Pass;
}

/** `undefined`: this message is an old one, or the series waits for its source, and has left the message that asks again. */
export async function takeUp(
  deps: TakeUpDeps,
  message: ComputeMessage,
  source: Source,
  visit: SourceVisit,
): Promise<Taken | undefined> {
  return retryOnConflict<Taken | undefined>(deps.series, message, async (series) => {
    if (series?.ticket !== message.ticket) return undefined;
    const now = deps.clock().toISOString();
    meterOverdue(deps.meter, series, source, now);
    if (series.state !== 'COMPLETE' && series.state !== 'UPLOADING') return undefined;
    // Before anything is uploaded: without its definition nobody knows how its results are asked for.
    productOf(source, series.product);
    const admission = await visit.ask(series);
    if (admission.kind === 'held_back') {
      const held = await holdBackRow(deps, series, source, admission);
      if (isConflict(held)) return held;
      if (held !== undefined)
        await deps.queues.sendCompute({ ...workOf(held.series), tries: message.tries }, held.waitSeconds);
      return undefined;
    }
    const { pass } = admission;
    const saved =
      series.state === 'COMPLETE'
        ? await saveAndAnnounce(deps, startUploading(series, source, now, pass.isProbe))
        : await saveInState(deps, resumeUploading(series, now, pass.isProbe));
    return saved.kind === 'conflict' ? saved : { series: saved.series, pass };
  });
}
