import type { CallPermit } from '../admission/admission.ts';
import { SourceVisit } from '../admission/source-visit.ts';
import { instancesToUpload } from '../completion/localizers.ts';
import { archivesOf, isAbandoned } from '../instances/archive.ts';
import { mixedIdentity } from '../instances/identity.ts';
import { fingerprintOf } from '../instances/instance.ts';
import { EXPIRED_DETAIL, heldSetOf } from '../series/judged-set.ts';
import type { ComputeMessage } from '../series/messages.ts';
import type { Source } from '../sources/source.ts';
import { callCompute, lookBefore } from './call-compute.ts';
import { type ComputeDeps, ComputeWork } from './compute-work.ts';
import { sendNewerAgain } from './send-newer-again.ts';
import { otherHolder } from './shared-workspace.ts';
import { startJob } from './start-job.ts';
import { planPolling } from './start-polling.ts';
import { unavailableDetail } from './unavailable-detail.ts';
import type { Budget } from './upload-leave.ts';
import { type SeriesUpload, uploadSeries } from './upload-series.ts';

/** Answers that Qure gives no reason to hope about are asked for so often. */
const MAX_REFUSALS = 3;

/** So often the entries of an archive that is gone are looked for again; the waits double from 4 s, four minutes in all. */
const MAX_LOOKS = 6;

/** Brings a series to Qure and has it computed; ends where results can be polled, in a final state, or in a later message. */
export async function computeSeries(
  deps: ComputeDeps,
  message: ComputeMessage,
  source: Source,
  run: Budget,
): Promise<void> {
  const visit = new SourceVisit(deps, source);
  const taken = await startJob(deps, message, source, visit);
  if (taken === undefined) return visit.leave();
  const work = new ComputeWork(deps, message, source, taken.series);
  await bringToQure(deps, work, taken.permit, run);
  await visit.leave(work.waitSeconds);
}

async function bringToQure(
  deps: ComputeDeps,
  work: ComputeWork,
  permit: CallPermit,
  run: Budget,
): Promise<void> {
  const { series, source } = work;
  const readSet = async () =>
    heldSetOf(deps, series, await deps.instances.ofSeries(series), source, work.now());
  // The plan is needed after the call, and read here: nothing is waited for between upload and call that could have been before.
  const [{ kind, instances }, plan] = await Promise.all([readSet(), planPolling(work)]);
  if (kind === 'expired') return work.fail('object_missing', EXPIRED_DETAIL);
  // Also where they are not uploaded from here, or were before: the other ones are not known.
  if ((await archivesOf(deps.archives, source.name, instances)).some(isAbandoned))
    return work.fail(
      'object_missing',
      'an archive was deleted or replaced before it was indexed to its end; drop it again under a key of its own, then retry',
    );
  if (fingerprintOf(instances) !== series.fingerprint) return work.reopen();
  const mixed = mixedIdentity(instances);
  if (mixed !== undefined) return work.fail('mixed_identity', `${mixed}; nothing of them was sent to Qure`);
  const holder = await otherHolder(deps, series, instances, source, permit.credentials);
  if (holder !== undefined) {
    const detail = `the source ${holder} has brought it into the same workspace of Qure; nothing of this one was sent`;
    return work.fail('shared_workspace', detail);
  }

  // Also where the source says otherwise by now: what was begun is brought to its end, or Qure would compute a part of it.
  const uploads = source.delivery === 'upload' || series.steps?.uploadBeganAt !== undefined;
  if (uploads) {
    const toUpload = instancesToUpload(instances, source);
    const upload = await uploadSeries(deps, series, toUpload, source, permit, run);
    if (upload.kind === 'stopped') return work.refusedBy(permit, upload.reason);
    if (upload.kind !== 'uploaded') return afterUpload(work, upload);
    work.noteUpload(upload);
  }
  const before = await lookBefore(deps, work, permit);
  if (uploads) {
    // An instance may have come while the others went up, or Qure was asked; Qure must not compute without it.
    const held = await readSet();
    if (held.kind === 'expired') return work.fail('object_missing', EXPIRED_DETAIL);
    if (fingerprintOf(held.instances) !== series.fingerprint) return work.reopen();
  }
  return callCompute(deps, work, permit, before, plan);
}

async function afterUpload(
  work: ComputeWork,
  upload: Exclude<SeriesUpload, { kind: 'uploaded' | 'stopped' }>,
): Promise<void> {
  switch (upload.kind) {
    case 'superseded':
      return sendNewerAgain(work, upload.sent);
    case 'replaced':
      return work.beginRound(upload.instances);
    case 'out_of_time':
      return work.resume(work.message.tries, 0);
    case 'short_receipt': {
      const held = upload.instancesAtQure ?? 'no count of';
      const detail = `Qure's receipt shows ${held} instances, we hold ${work.series.instances}; ask Qure, then retry`;
      return work.uploadAgain('receipt_mismatch', detail);
    }
    case 'not_registered': {
      const detail = `Qure did not register ${upload.count} of ${work.series.instances} instances: ${upload.message}`;
      if (work.message.tries >= MAX_REFUSALS && !upload.hasProgress) return work.fail('not_uploaded', detail);
      return work.later('not_registered', upload, { reason: 'not_uploaded', detail });
    }
    case 'rejected':
      return work.refuse('upload_rejected', upload.verdict);
    case 'too_large':
      return work.fail(
        'not_uploaded',
        'an instance is larger than the way to Qure takes (413); ask Qure for its limit',
      );
    case 'object_missing': {
      const { tries } = work.message;
      if (upload.wasInArchive && tries < MAX_LOOKS) return work.resume(tries + 1, 2 ** (tries + 2));
      return work.fail(
        'object_missing',
        'a dropped object is gone or replaced; drop the series again, then retry',
      );
    }
    case 'damaged':
      return work.fail(
        'damaged_object',
        `the dropped file of instance ${upload.sopInstanceUid} is damaged, or unpacks to more than a scan has; have it dropped again`,
      );
    case 'misconfigured':
      return work.later('misconfigured', {}, { reason: 'qure_unavailable', detail: upload.detail });
    case 'unavailable': {
      const detail = unavailableDetail(upload.cause);
      return work.later(upload.cause, upload, { reason: 'qure_unavailable', detail });
    }
    default:
      return upload satisfies never;
  }
}
