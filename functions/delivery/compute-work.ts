import { type AdmissionDeps, type CallPermit, REFUSAL_DETAILS } from '../admission/admission.ts';
import { holdBackRefused } from '../admission/hold-back.ts';
import { StageRun } from '../admission/stage-run.ts';
import type { ArchiveStore } from '../instances/archive.ts';
import type { Instance, InstanceStore } from '../instances/instance.ts';
import type { VerdictReason } from '../qure/answer-facts.ts';
import type { QureClient } from '../qure/client/client.ts';
import type { ComputingTimesStore } from '../series/computing-times.ts';
import { jobOf } from '../series/job.ts';
import { type HeldSetDeps, keptUntil } from '../series/judged-set.ts';
import type { ComputeMessage, Queues } from '../series/messages.ts';
import type { ReceivingSeries, Series, SeriesSteps, UploadingSeries } from '../series/series.ts';
import type { FailureReason, StopReason } from '../series/series-facts.ts';
import type { StageDeps } from '../series/stage.ts';
import { fail, MAX_RESTARTS, refuse, reopen, uploadAgain } from '../series/transitions.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { firstLookSeconds } from '../sources/silence.ts';
import type { WorkspaceStore } from './shared-workspace.ts';
import { toMarkedFile } from './upload-records.ts';
import type { SeriesUpload, UploadDeps } from './upload-series.ts';

export interface ComputeDeps extends StageDeps, AdmissionDeps, UploadDeps {
  series: StageDeps['series'];
  log: StageDeps['log'];
  clock: UploadDeps['clock'];
  meter: StageDeps['meter'];
  archives: Pick<ArchiveStore, 'ofContents'>;
  instances: InstanceStore;
  judgedSets: HeldSetDeps['judgedSets'];
  computingTimes: Pick<ComputingTimesStore, 'load'>;
  workspaces: WorkspaceStore;
  queues: Queues;
  qure: Pick<QureClient, 'uploadInstances' | 'compute' | 'seriesResults'>;
  /** In [0, 1), for jitter. */
  random(): number;
}

type Answered = Pick<UploadingSeries, 'compute'>;
type Uploaded = Extract<SeriesUpload, { kind: 'uploaded' }>;

/** One run of the compute stage: the ways out of it. */
export class ComputeWork extends StageRun<ComputeDeps, ComputeMessage, UploadingSeries> {
  /** Until the next run of the series, where this one has left a message for it. */
  waitSeconds = 0;

  /** Instances whose new content Qure may or may not have taken. */
  replacedUnconfirmed = 0;

  #steps: SeriesSteps | undefined;

  /** No other run has taken the next ticket. */
  readonly isOurs = (series: Series): series is UploadingSeries =>
    series.state === 'UPLOADING' && series.ticket === this.series.ticket;

  noteUpload({ replacedUnconfirmed, instancesAtQure, hasSent }: Uploaded): void {
    this.replacedUnconfirmed = replacedUnconfirmed;
    // A run that had nothing to send repeats what an earlier one has found.
    if (hasSent || this.series.steps?.uploadedAt === undefined)
      this.#steps = { uploadedAt: this.now(), instancesAtQure };
  }

  /** With what this run knows of the upload; no save is made for it. */
  withSteps(series: UploadingSeries): UploadingSeries {
    return this.#steps === undefined ? series : { ...series, steps: { ...series.steps, ...this.#steps } };
  }

  /** `compute`: Qure's answer, where it was one to the compute call. */
  async fail(reason: FailureReason, detail: string, compute: Answered = {}): Promise<void> {
    await this.move((series) =>
      fail({ ...this.withSteps(series), ...compute }, { reason, detail }, this.now()),
    );
  }

  /** Qure refused the source, which is stopped by that, and its series waits; or it denies the series alone. */
  async refusedBy(permit: CallPermit, reason: StopReason, compute: Answered = {}): Promise<void> {
    const stop = await permit.recordRejection(reason);
    if (stop === undefined) return this.fail(reason, REFUSAL_DETAILS[reason], compute);
    const stopped = { kind: 'held_back', reason: stop } as const;
    const held = await holdBackRefused(this.deps, this.series, this.isOurs, this.source, stopped, compute);
    if (held === undefined) return;
    const { tries } = this.message;
    await this.deps.queues.sendCompute({ ...jobOf(held.series), tries }, held.waitSeconds);
  }

  /** Qure's final word on the scan. */
  async refuse(reason: VerdictReason, detail: string): Promise<void> {
    await this.move((series) => refuse(this.withSteps(series), { reason, detail }, this.now()));
  }

  /** Other instances than those judged are here: the next generation begins. */
  async reopen(): Promise<void> {
    const { quietPeriodSeconds } = this.source;
    const reopened = await this.move((series) => reopen(series, quietPeriodSeconds, this.now()));
    if (reopened !== undefined) await this.waitForSilence(reopened);
  }

  /** Leaves the one delayed message of a series that was opened again. */
  async waitForSilence({ source, seriesInstanceUid, ticket }: ReceivingSeries): Promise<void> {
    const delay = delaySecondsFor(firstLookSeconds(this.source));
    await this.deps.queues.sendCompletion({ kind: 'quiet', source, seriesInstanceUid, ticket }, delay);
  }

  /** Qure has lost what it had: everything goes again, a bounded number of times. */
  async uploadAgain(reason: 'receipt_mismatch' | 'not_uploaded', detail: string): Promise<void> {
    if (this.series.restarts >= MAX_RESTARTS) return this.fail(reason, detail);
    await this.sendBack((series) => uploadAgain(series, this.source, this.now()));
  }

  /**
   * Qure has, or may have, other contents of these: everything goes again in a new round. They are marked before they go:
   * should the answer get lost, Qure may hold either content.
   */
  async beginRound(replacing: readonly Instance[]): Promise<void> {
    const uploadRound = this.series.uploadRound + 1;
    const sent = replacing.map((instance) => toMarkedFile(instance));
    const keptTo = keptUntil(this.series, this.now());
    await this.deps.uploadRecords.add(this.series, uploadRound, { registered: [], sent }, keptTo);
    await this.resume(this.message.tries, 0, { uploadRound });
  }

  /** Hands the rest to a message to itself, with growing waits until the delivery deadline. */
  async later(
    cause: string,
    wait: { retryAfterMs?: number; hasProgress?: boolean },
    giveUp: { reason: FailureReason; detail: string },
  ): Promise<void> {
    const tries = wait.hasProgress === true ? 1 : this.message.tries + 1;
    const delayMs = this.retryDelayMs(tries, this.series.deliveryDeadline, wait.retryAfterMs);
    if (delayMs === undefined) return this.fail(giveUp.reason, giveUp.detail);
    this.deps.log('warn', 'Qure could not be used; tried again', {
      source: this.source.name,
      seriesInstanceUid: this.series.seriesInstanceUid,
      cause,
      tries,
      delayMs,
    });
    await this.resume(tries, delaySecondsFor(delayMs / 1000));
  }

  /** Leaves the next message. */
  async resume(tries: number, delaySeconds: number, change: { uploadRound?: number } = {}): Promise<void> {
    const resumed = await this.issueNextTicket(delaySeconds, (series) => ({
      ...this.withSteps(series),
      ...change,
    }));
    if (resumed === undefined) return;
    this.waitSeconds = delaySeconds;
    await this.deps.queues.sendCompute({ ...jobOf(resumed), tries }, delaySeconds);
  }
}
