import type { CallPermit } from '../admission/admission.ts';
import { type HoldDeps, holdBackRow } from '../admission/hold-back.ts';
import type { SourceVisit } from '../admission/source-visit.ts';
import { productOf } from '../qure/product.ts';
import { isElsewhere } from '../series/bring-anew.ts';
import { jobOf } from '../series/job.ts';
import type { ComputeMessage, Queues } from '../series/messages.ts';
import { isConflict, retryOnConflict } from '../series/retry-on-conflict.ts';
import type { UploadingSeries } from '../series/series.ts';
import { meterOverdue } from '../series/series-metrics.ts';
import { saveAndAnnounce, saveInState } from '../series/stage.ts';
import { resumeUploading, startUploading } from '../series/transitions.ts';
import { lastingWorkspaceIdOf } from '../sources/qure-credentials.ts';
import type { Source } from '../sources/source.ts';
import { sendAnew } from './send-anew.ts';

export interface StartJobDeps extends HoldDeps {
  queues: Pick<Queues, 'sendCompute'>;
}

/** The series in the compute stage, and the permit to call Qure for it. */
export interface StartedJob {
  series: UploadingSeries;
  permit: CallPermit;
}

/** `undefined`: this message is an old one, or the series waits for its source, and has left the message that asks again. */
export async function startJob(
  deps: StartJobDeps,
  message: ComputeMessage,
  source: Source,
  visit: SourceVisit,
): Promise<StartedJob | undefined> {
  return retryOnConflict<StartedJob | undefined>(deps.series, message, async (series) => {
    if (series?.ticket !== message.ticket) return undefined;
    const now = deps.clock().toISOString();
    meterOverdue(deps.meter, series, source, now);
    if (series.state !== 'COMPLETE' && series.state !== 'UPLOADING') return undefined;
    // Before anything is uploaded: its definition says how its results are requested.
    productOf(source, series.product);
    const admission = await visit.ask(series);
    if (admission.kind === 'held_back') {
      const held = await holdBackRow(deps, series, source, admission);
      if (isConflict(held)) return held;
      if (held !== undefined)
        await deps.queues.sendCompute({ ...jobOf(held.series), tries: message.tries }, held.waitSeconds);
      return undefined;
    }
    const { permit } = admission;
    if (isElsewhere(series, permit.credentials)) return sendAnew(deps, series, source);
    const at = { ...series, workspace: lastingWorkspaceIdOf(permit.credentials) };
    const saved =
      at.state === 'COMPLETE'
        ? await saveAndAnnounce(deps, startUploading(at, source, now, permit.isProbe))
        : await saveInState(deps, resumeUploading(at, now, permit.isProbe));
    return saved.kind === 'conflict' ? saved : { series: saved.series, permit };
  });
}
