import type { CallPermit } from '../admission/admission.ts';
import { DamagedEntryError } from '../instances/archive-entry.ts';
import type { DropBucket } from '../instances/drop-bucket.ts';
import type { Instance } from '../instances/instance.ts';
import type { QureClient } from '../qure/client/client.ts';
import type { UploadOutcome } from '../qure/client/upload-instances.ts';
import { keptUntil } from '../series/judged-set.ts';
import type { UploadingSeries } from '../series/series.ts';
import type { StopReason } from '../series/series-facts.ts';
import { STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import type { SeriesStore } from '../series/series-store.ts';
import type { Meter } from '../shared/metrics.ts';
import { addSeconds, type Clock, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import {
  bytesOf,
  instanceOf,
  mostBytesOf,
  planRequests,
  requestsAtOnce,
  splitRequest,
} from './plan-requests.ts';
import { readTogether } from './read-together.ts';
import { DamagedInstanceError } from './unpack-instance.ts';
import { type Budget, RESERVE_MS, UploadLeave } from './upload-leave.ts';
import type { UploadRecord, UploadRecordStore } from './upload-records.ts';
import { notRegistered, replacedIn, toMarkedFile, unconfirmedOf } from './upload-records.ts';
import { InstanceMissingError, toUploadFile } from './upload-request.ts';

export interface UploadDeps {
  drop: DropBucket;
  series: Pick<SeriesStore, 'load' | 'heartbeat'>;
  uploadRecords: UploadRecordStore;
  qure: Pick<QureClient, 'uploadInstances'>;
  clock: Clock;
  meter: Meter;
}

export type SeriesUpload =
  /**
   * Qure's receipt shows every instance. `replacedUnconfirmed`: so many of them replaced another content, and Qure said only
   * that it has the instance. `hasSent`: this run has sent some.
   */
  | { kind: 'uploaded'; replacedUnconfirmed: number; instancesAtQure: number; hasSent: boolean }
  /** Of these another content has gone to Qure in this round, or may have: nothing was sent. */
  | { kind: 'replaced'; instances: Instance[] }
  /** The run's time is up; the rest is for the next run. */
  | { kind: 'out_of_time' }
  /** The series has gone on without this run, and part of `sent` may have come to Qure after a later run's upload. */
  | { kind: 'superseded'; sent: Instance[] }
  /** Everything was registered, and still the receipt counts fewer: all of it has to go again. */
  | { kind: 'short_receipt'; instancesAtQure: number | undefined }
  /** Qure did not register these, though it answered. */
  | { kind: 'not_registered'; count: number; message: string; hasProgress: boolean }
  /** A single file that Qure refuses by itself, with its word on the scan. */
  | { kind: 'rejected'; verdict: string }
  | { kind: 'too_large' }
  | { kind: 'stopped'; reason: StopReason }
  /** `wasInArchive`: the same files may be in what replaced it, and are read from there once that is indexed. */
  | { kind: 'object_missing'; wasInArchive: boolean }
  /** The dropped file of this instance breaks, or unpacks to more than a scan has. */
  | { kind: 'damaged'; sopInstanceUid: string }
  | { kind: 'misconfigured'; detail: string }
  | { kind: 'unavailable'; cause: string; retryAfterMs?: number; hasProgress: boolean };

const FIRST_ROUND = 1;
/** How often a long upload tells the sweep that it is alive. */
const HEARTBEAT_SECONDS = 30;
/** Slower than this, and the sweep may start a second upload of the same files, which is waste but no harm. */
const SLOW_UPLOAD_BYTES_PER_SECOND = 256 * 1024;

/**
 * Uploads what has no mark of this round yet: several files a request, several requests at once, streamed from S3. Each
 * answered request is marked before the next begins, so that a run that ends anywhere is gone on with. Uploading an
 * instance twice does no harm: Qure answers `created: false`.
 */
export async function uploadSeries(
  deps: UploadDeps,
  series: UploadingSeries,
  instances: readonly Instance[],
  source: Source,
  permit: CallPermit,
  budget: Budget,
): Promise<SeriesUpload> {
  const marks = await deps.uploadRecords.of(series, series.uploadRound);
  const replacing = replacedIn(marks, instances);
  if (replacing.length > 0) return { kind: 'replaced', instances: replacing };
  const missing = notRegistered(marks, instances);
  const isSentAgain = series.uploadRound > FIRST_ROUND && missing.length > 0;
  // Of earlier rounds too: Qure may not have lost what it says.
  const replaced = isSentAgain ? replacedIn(await deps.uploadRecords.ofAllRounds(series), instances) : [];
  const run = new UploadRun(deps, series, permit, budget, replaced);
  const requests = planRequests(missing, source.uploadConcurrency);
  await run.upload(requests, requestsAtOnce(requests, source.uploadConcurrency));
  // The receipts of this run are the newest; those of earlier runs count where nothing had to be sent any more.
  const earlier = missing.length === 0 ? marks.map((mark) => mark.instancesAtQure) : [];
  for (const instancesAtQure of earlier) run.noteHeld(instancesAtQure);
  return run.conclude(instances.length, unconfirmedOf(instances, [...marks, ...run.marks]));
}

class UploadRun {
  readonly #deps: UploadDeps;
  readonly #series: UploadingSeries;
  readonly #permit: CallPermit;
  readonly #budget: Budget;
  readonly #leave: UploadLeave;
  readonly #replaced: readonly Instance[];
  /** Those that this run has written. */
  readonly marks: UploadRecord[] = [];
  readonly #abort = new AbortController();
  #stop: SeriesUpload | undefined;
  #held: number | undefined;
  #hasProgress = false;
  /** Files that an answer said nothing definite about; the receipt's count may still cover them. */
  #unclear = 0;
  #refused = 0;
  #refusal = '';
  #heartbeatAt: string;
  /** At most: of the requests that may be under way at once, without a mark in between. */
  #largestBurstBytes = 0;
  #requestsAtOnce = 1;

  constructor(
    deps: UploadDeps,
    series: UploadingSeries,
    permit: CallPermit,
    budget: Budget,
    replaced: readonly Instance[],
  ) {
    this.#replaced = replaced;
    this.#deps = deps;
    this.#series = series;
    this.#permit = permit;
    this.#budget = budget;
    this.#leave = new UploadLeave(deps, series, budget);
    this.#heartbeatAt = deps.clock().toISOString();
  }

  noteHeld(instancesAtQure: number | undefined): void {
    // Counts only grow while requests run at once, and their answers come in any order.
    if (instancesAtQure !== undefined) this.#held = Math.max(this.#held ?? 0, instancesAtQure);
  }

  async upload(requests: readonly Instance[][], concurrency: number): Promise<void> {
    const queue = [...requests];
    const sent = new Set<Instance>();
    const largest = Math.max(0, ...requests.map(mostBytesOf));
    this.#requestsAtOnce = concurrency;
    this.#largestBurstBytes = largest * Math.min(concurrency, requests.length);
    if (queue.length > 0) await this.#heartbeat();
    const sendNext = async (): Promise<boolean> => {
      const request = this.#stop === undefined ? queue.shift() : undefined;
      if (request === undefined) return false;
      const hindrance = await this.#leave.hindrance();
      if (hindrance === 'out_of_time') this.#stopWith({ kind: hindrance });
      if (hindrance === 'superseded') this.#stopWith({ kind: hindrance, sent: [] });
      if (hindrance !== undefined) return false;
      for (const instance of request) sent.add(instance);
      queue.unshift(...(await this.#send(request)));
      return true;
    };
    // A wrong token is found out by one request, not by as many as run at once.
    if (!this.#permit.isVerified) await sendNext();
    const worker = async () => {
      while (await sendNext());
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    // A refusal concerns the whole source, whichever request met it.
    if (sent.size === 0 || this.#stop?.kind === 'stopped' || (await this.#leave.isOurs())) return;
    this.#stop = { kind: 'superseded', sent: [...sent] };
  }

  conclude(expected: number, replacedUnconfirmed: number): SeriesUpload {
    if (this.#stop !== undefined) return this.#stop;
    if (this.#refused > 0) {
      return {
        kind: 'not_registered',
        count: this.#refused,
        message: this.#refusal,
        hasProgress: this.#hasProgress,
      };
    }
    // Qure may hold more than we do, for example from another sender; it must not hold less.
    if (this.#held !== undefined && this.#held >= expected)
      return {
        kind: 'uploaded',
        replacedUnconfirmed,
        instancesAtQure: this.#held,
        hasSent: this.#hasProgress,
      };
    if (this.#unclear > 0) {
      const message = 'the answer has no entry for the file';
      return { kind: 'not_registered', count: this.#unclear, message, hasProgress: this.#hasProgress };
    }
    return { kind: 'short_receipt', instancesAtQure: this.#held };
  }

  /** Returns smaller requests where Qure refused this one as a whole. */
  async #send(request: Instance[]): Promise<Instance[][]> {
    const hashes = new Map<string, () => string | undefined>();
    const drop = readTogether(this.#deps.drop, request, this.#requestsAtOnce);
    const files = request.map((instance) => toUploadFile(drop, instance, hashes));
    const deadline = new Date(this.#deps.clock().getTime() + this.#budget.remainingMs() - RESERVE_MS);
    const outcome = await this.#deps.qure.uploadInstances(this.#permit.credentials, files, {
      seriesInstanceUid: this.#series.seriesInstanceUid,
      signal: this.#abort.signal,
      deadline,
    });
    switch (outcome.kind) {
      case 'receipt': {
        if (outcome.licenseExpired) this.#stopWith({ kind: 'stopped', reason: 'license_expired' });
        else if (!this.#permit.isVerified) await this.#permit.recordSuccess();
        this.noteHeld(outcome.instancesAtQure);
        await this.#mark(request, outcome, hashes);
        for (const part of outcome.notRegistered) {
          if (part.reason === 'unclear') this.#unclear += 1;
          else this.#refused += 1;
          this.#refusal = part.message;
        }
        return [];
      }
      case 'rejected':
      case 'too_large':
        // One file may spoil a whole request: the halves tell which.
        if (request.length > 1) return splitRequest(request);
        if (outcome.kind === 'too_large') this.#stopWith(outcome);
        else if (outcome.verdict !== undefined)
          this.#stopWith({ kind: 'rejected', verdict: outcome.verdict });
        // Anybody between us and Qure may say this of a request.
        else this.#stopWith(this.#unavailable(`http_${outcome.httpStatus}`));
        return [];
      case 'auth_rejected':
      case 'source_denied':
        this.#stopWith({ kind: 'stopped', reason: outcome.kind });
        return [];
      case 'source_failed':
        this.#stopWith(this.#ofSource(outcome.error, instanceOf(request, outcome.fieldName)));
        return [];
      case 'source_changed':
        this.#stopWith({ kind: 'object_missing', wasInArchive: false });
        return [];
      case 'misconfigured':
      case 'redirected':
        this.#stopWith({ kind: 'misconfigured', detail: outcome.detail });
        return [];
      case 'unexpected':
        this.#stopWith(this.#unavailable(`http_${outcome.httpStatus}`));
        return [];
      case 'transient':
        this.#stopWith(this.#unavailable(outcome.cause, outcome.retryAfterMs));
        return [];
      default:
        return outcome satisfies never;
    }
  }

  async #mark(
    request: readonly Instance[],
    { registered: fieldNames, known = [], instancesAtQure }: Extract<UploadOutcome, { kind: 'receipt' }>,
    hashes: ReadonlyMap<string, () => string | undefined>,
  ) {
    const taken = request.filter((_instance, at) => fieldNames.includes(`file_${at}`));
    if (taken.length === 0) return;
    this.#hasProgress = true;
    const unconfirmed = request
      .filter((instance, at) => known.includes(`file_${at}`) && this.#replaced.includes(instance))
      .map(({ sopInstanceUid }) => sopInstanceUid);
    const mark: UploadRecord = {
      registered: taken.map((instance) => toMarkedFile(instance, hashes.get(instance.sopInstanceUid)?.())),
      ...(unconfirmed.length === 0 ? {} : { unconfirmed }),
      ...(instancesAtQure === undefined ? {} : { instancesAtQure }),
    };
    const keptTo = keptUntil(this.#series, this.#deps.clock().toISOString());
    await this.#deps.uploadRecords.add(this.#series, this.#series.uploadRound, mark, keptTo);
    this.marks.push(mark);
    this.#deps.meter('UploadedBytes', bytesOf(taken), { source: this.#series.source });
    if (secondsBetween(this.#heartbeatAt, this.#deps.clock().toISOString()) >= HEARTBEAT_SECONDS)
      await this.#heartbeat();
  }

  /** Tells the sweep that this run is alive, and for how long it may have nothing to tell. */
  async #heartbeat(): Promise<void> {
    const now = this.#deps.clock().toISOString();
    this.#heartbeatAt = now;
    const seconds = Math.min(
      this.#largestBurstBytes / SLOW_UPLOAD_BYTES_PER_SECOND,
      this.#budget.remainingMs() / 1000,
    );
    await this.#deps.series.heartbeat(this.#series, addSeconds(now, STAGE_GRACE_SECONDS + seconds));
  }

  /** What a file that cannot be read to its end means: the next try reads the same content, or S3 is asked again. */
  #ofSource(error: unknown, instance: Instance | undefined): SeriesUpload {
    if (error instanceof InstanceMissingError)
      return { kind: 'object_missing', wasInArchive: instance?.object.entry !== undefined };
    if (error instanceof DamagedInstanceError)
      return { kind: 'damaged', sopInstanceUid: error.sopInstanceUid };
    if (error instanceof DamagedEntryError && instance !== undefined)
      return { kind: 'damaged', sopInstanceUid: instance.sopInstanceUid };
    return this.#unavailable('drop_bucket_unreadable');
  }

  #unavailable(cause: string, retryAfterMs?: number): SeriesUpload {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { kind: 'unavailable', cause, ...wait, hasProgress: this.#hasProgress };
  }

  /**
   * The first reason stands, unless it only asks for another try and this one knows that it would be in vain. Refusals end the
   * other requests too; after other reasons they may finish what they began.
   */
  #stopWith(outcome: SeriesUpload): void {
    if (outcome.kind === 'damaged' && this.#stop?.kind === 'unavailable') this.#stop = outcome;
    this.#stop ??= outcome;
    if (outcome.kind === 'stopped') {
      this.#stop = outcome;
      this.#abort.abort();
    }
  }
}
