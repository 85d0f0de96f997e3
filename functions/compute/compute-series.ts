import type { QureClient } from '../adapters/qure/client.ts';
import { nextTry } from '../core/backoff.ts';
import { delaySecondsFor } from '../core/completion.ts';
import { mixedIdentity } from '../core/identity.ts';
import { fingerprintOf } from '../core/instance.ts';
import { workOf } from '../core/lane.ts';
import type { ComputeMessage } from '../core/messages.ts';
import type { InstanceStore, Queues, ResultsBucket, WorkspaceStore } from '../core/ports.ts';
import { instancesToUpload } from '../core/quality/localizers.ts';
import { UNAVAILABLE_BACKOFF } from '../core/qure-waits.ts';
import type {
  FailureReason,
  ReceivingSeries,
  Series,
  UploadingSeries,
  VerdictReason,
} from '../core/series.ts';
import { STAGE_GRACE_SECONDS } from '../core/series-parts.ts';
import type { Source } from '../core/source.ts';
import { type Admission, admit, type GateDeps, REFUSAL_DETAILS } from '../core/source-gate.ts';
import { moveOn, type StageDeps, takeTicket } from '../core/stage.ts';
import { addSeconds, secondsBetween } from '../core/time.ts';
import { fail, MAX_SETBACKS, refuse, reopen, uploadAgain } from '../core/transitions.ts';
import { callCompute, lookBefore } from './call-compute.ts';
import { sendNewerAgain } from './send-newer-again.ts';
import { otherHolder } from './shared-workspace.ts';
import { type QuotaDeps, SourceQuota } from './source-quota.ts';
import { takeUp } from './take-up.ts';
import type { Budget } from './upload-leave.ts';
import { type SeriesUpload, type UploadDeps, uploadSeries } from './upload-series.ts';

export interface ComputeDeps extends StageDeps, GateDeps, UploadDeps, Omit<QuotaDeps, 'series'> {
  series: StageDeps['series'];
  log: StageDeps['log'];
  clock: UploadDeps['clock'];
  meter: StageDeps['meter'];
  instances: InstanceStore;
  results: ResultsBucket;
  workspaces: WorkspaceStore;
  queues: Queues;
  qure: Pick<QureClient, 'uploadInstances' | 'compute' | 'seriesResults'>;
  /** In [0, 1), for jitter. */
  random(): number;
}

/** Answers that Qure gives no reason to hope about are asked for so often. */
const MAX_REFUSALS = 3;

/** Brings a series to Qure and has it computed; ends where results can be polled, in a final state, or in a later message. */
export async function computeSeries(
  deps: ComputeDeps,
  message: ComputeMessage,
  source: Source,
  run: Budget,
): Promise<void> {
  const quota = new SourceQuota(deps, source);
  const series = await takeUp(deps, message, source, quota);
  if (series === undefined) return quota.leave(0);
  const work = new ComputeWork(deps, message, source, series);
  const admission = quota.admission ?? (await admit(deps, source, series.seriesInstanceUid));
  await bringToQure(deps, work, admission, run);
  await quota.leave(work.waitSeconds);
}

async function bringToQure(
  deps: ComputeDeps,
  work: ComputeWork,
  admission: Admission,
  run: Budget,
): Promise<void> {
  const { series, source } = work;
  if (admission.kind === 'blocked') return work.fail(admission.reason, admission.detail);
  const { pass } = admission;

  const instances = await deps.instances.ofSeries(series);
  if (fingerprintOf(instances) !== series.fingerprint) return work.reopen();
  const mixed = mixedIdentity(instances);
  if (mixed !== undefined) return work.fail('mixed_identity', `${mixed}; nothing of them was sent to Qure`);
  const holder = await otherHolder(deps, series, instances, source, pass.credentials);
  if (holder !== undefined) {
    const detail = `the source ${holder} has brought it into the same workspace of Qure; nothing of this one was sent`;
    return work.fail('shared_workspace', detail);
  }

  if (source.delivery === 'upload') {
    const toUpload = instancesToUpload(instances, source);
    const upload = await uploadSeries(deps, series, toUpload, source, pass, run);
    if (upload.kind === 'stopped') await pass.refused(upload.reason);
    if (upload.kind !== 'uploaded') return work.afterUpload(upload);
    work.replacedUnconfirmed = upload.replacedUnconfirmed;
  }
  const before = await lookBefore(deps, work, pass);
  if (source.delivery === 'upload') {
    // An instance may have come while the others went up, or Qure was asked; Qure must not compute without it.
    if (fingerprintOf(await deps.instances.ofSeries(series)) !== series.fingerprint) return work.reopen();
  }
  return callCompute(deps, work, pass, before);
}

/** One run of the compute stage: the ways out of it. */
export class ComputeWork {
  readonly deps: ComputeDeps;
  readonly message: ComputeMessage;
  readonly source: Source;
  readonly series: UploadingSeries;

  constructor(deps: ComputeDeps, message: ComputeMessage, source: Source, series: UploadingSeries) {
    this.deps = deps;
    this.message = message;
    this.source = source;
    this.series = series;
  }

  now(): string {
    return this.deps.clock().toISOString();
  }

  /** Until the next run of the series, where this one has left a message for it. */
  waitSeconds = 0;

  /** Instances whose new content Qure may or may not have taken. */
  replacedUnconfirmed = 0;

  /** Holds while this run may work on the series: no other one has taken the next ticket. */
  readonly isOurs = (series: Series): series is UploadingSeries =>
    series.state === 'UPLOADING' && series.ticket === this.series.ticket;

  async fail(reason: FailureReason, detail: string): Promise<void> {
    await moveOn(this.deps, this.series, this.isOurs, (series) =>
      fail(series, { reason, detail }, this.now()),
    );
  }

  /** Qure's final word on the scan. */
  async refuse(reason: VerdictReason, detail: string): Promise<void> {
    await moveOn(this.deps, this.series, this.isOurs, (series) =>
      refuse(series, { reason, detail }, this.now()),
    );
  }

  /** Other instances than those judged are here: the next generation begins. */
  async reopen(): Promise<void> {
    const { quietPeriodSeconds } = this.source;
    const reopened = await moveOn(this.deps, this.series, this.isOurs, (series) =>
      reopen(series, quietPeriodSeconds, this.now()),
    );
    if (reopened !== undefined) await this.waitForSilence(reopened);
  }

  /** Leaves the one delayed message of a series that was opened again. */
  async waitForSilence({ source, seriesInstanceUid, ticket }: ReceivingSeries): Promise<void> {
    const delay = delaySecondsFor(this.source.quietPeriodSeconds);
    await this.deps.queues.sendCompletion({ kind: 'quiet', source, seriesInstanceUid, ticket }, delay);
  }

  /** Qure has lost what it had: everything goes again, a bounded number of times. */
  async uploadAgain(reason: 'receipt_mismatch' | 'not_uploaded', detail: string): Promise<void> {
    if (this.series.setbacks >= MAX_SETBACKS) return this.fail(reason, detail);
    const again = await moveOn(this.deps, this.series, this.isOurs, (series) =>
      uploadAgain(series, this.source, this.now()),
    );
    if (again === undefined) return;
    await this.deps.queues.sendCompute({ ...workOf(again), tries: 0 }, 2 ** (again.setbacks - 1));
  }

  /** Hands the rest to a message to itself, with growing waits until the delivery deadline. */
  async later(
    cause: string,
    wait: { retryAfterMs?: number; hasProgress?: boolean },
    giveUp: { reason: FailureReason; detail: string },
  ): Promise<void> {
    const tries = wait.hasProgress === true ? 1 : this.message.tries + 1;
    const next = nextTry(UNAVAILABLE_BACKOFF, {
      failures: tries,
      random: this.deps.random(),
      ...(wait.retryAfterMs === undefined ? {} : { retryAfterMs: wait.retryAfterMs }),
      remainingMs: secondsBetween(this.now(), this.series.deliverBy) * 1000,
    });
    if (next.kind === 'give_up') return this.fail(giveUp.reason, giveUp.detail);
    this.deps.log('warn', 'Qure could not be used; tried again', {
      source: this.source.name,
      seriesInstanceUid: this.series.seriesInstanceUid,
      cause,
      tries,
      delayMs: next.delayMs,
    });
    await this.resume(tries, delaySecondsFor(next.delayMs / 1000));
  }

  /** Leaves the next message; the sweep waits as long as that one does. */
  async resume(tries: number, delaySeconds: number): Promise<void> {
    const dueAt = addSeconds(this.now(), delaySeconds + STAGE_GRACE_SECONDS);
    const resumed = await takeTicket(this.deps.series, this.series, this.isOurs, dueAt);
    if (resumed === undefined) return;
    this.waitSeconds = delaySeconds;
    await this.deps.queues.sendCompute({ ...workOf(resumed), tries }, delaySeconds);
  }

  async afterUpload(upload: Exclude<SeriesUpload, { kind: 'uploaded' }>): Promise<void> {
    switch (upload.kind) {
      case 'superseded':
        return sendNewerAgain(this, upload.sent);
      case 'out_of_time':
        return this.resume(this.message.tries, 0);
      case 'short_receipt': {
        const held = upload.heldInstances ?? 'no count of';
        const detail = `Qure's receipt shows ${held} instances, we hold ${this.series.instances}; ask Qure, then retry`;
        return this.uploadAgain('receipt_mismatch', detail);
      }
      case 'not_registered': {
        const detail = `Qure did not register ${upload.count} of ${this.series.instances} instances: ${upload.message}`;
        if (this.message.tries >= MAX_REFUSALS && !upload.hasProgress)
          return this.fail('not_uploaded', detail);
        return this.later('not_registered', upload, { reason: 'not_uploaded', detail });
      }
      case 'rejected':
        return this.refuse('upload_rejected', upload.verdict);
      case 'too_large':
        return this.fail(
          'not_uploaded',
          'an instance is larger than the way to Qure takes (413); ask Qure for its limit',
        );
      case 'stopped':
        return this.fail(upload.reason, REFUSAL_DETAILS[upload.reason]);
      case 'object_missing':
        return this.fail(
          'object_missing',
          'a dropped object is gone or replaced; drop the series again, then retry',
        );
      case 'damaged':
        return this.fail(
          'damaged_object',
          `the dropped file of instance ${upload.sopInstanceUid} is damaged, or unpacks to more than a scan has; have it dropped again`,
        );
      case 'misconfigured':
        return this.later('misconfigured', {}, { reason: 'qure_unavailable', detail: upload.detail });
      case 'unavailable': {
        const detail = `Qure could not be reached until the deadline (last: ${upload.cause}); retry when it is back`;
        return this.later(upload.cause, upload, { reason: 'qure_unavailable', detail });
      }
      default:
        return upload satisfies never;
    }
  }
}
