import { type AdmissionDeps, type CallPermit, REFUSAL_DETAILS } from '../admission/admission.ts';
import { holdBackRefused } from '../admission/hold-back.ts';
import type { Held } from '../admission/hold-waits.ts';
import { StageRun } from '../admission/stage-run.ts';
import type { UploadRecordStore } from '../delivery/upload-records.ts';
import type { InstanceStore } from '../instances/instance.ts';
import type { LoadPatientHasher } from '../instances/patient-hash.ts';
import type { QureClient } from '../qure/client/client.ts';
import { toComputeJson } from '../qure/compute-answer.ts';
import type { EarlierAnswer } from '../qure/earlier-answer.ts';
import { FINDINGS_FILE } from '../qure/findings/findings.ts';
import type { AnswerContext } from '../qure/judge-answer.ts';
import { knownProducts, productOf } from '../qure/product.ts';
import { answerBoundSeconds, UNAVAILABLE_BACKOFF } from '../qure/qure-waits.ts';
import type { ResultsAnswer } from '../qure/results-answer.ts';
import type { ComputingTimesStore } from '../series/computing-times.ts';
import { jobOf } from '../series/job.ts';
import type { Queues } from '../series/messages.ts';
import { MAX_PROCESSING, type ResultsMessage } from '../series/messages.ts';
import type { ModelVersionStore } from '../series/model-version.ts';
import { COMPUTE_FILE, mismatchFile, resultFolder } from '../series/result-keys.ts';
import type { ComputingSeries, Series, UploadingSeries } from '../series/series.ts';
import type { FailureReason, StopReason } from '../series/series-facts.ts';
import type { StageDeps } from '../series/stage.ts';
import { computeAgain, type FailedAnswer, fail, MAX_RESTARTS, uploadAgain } from '../series/transitions.ts';
import { nextTry } from '../shared/backoff.ts';
import { defined } from '../shared/defined.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { type Clock, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import type { HashedResults } from './hashed-results.ts';
import type { InstanceResultStore } from './instance-result.ts';
import { pollDelayOf } from './poll-delay.ts';
import type { StoredAssets } from './store-assets.ts';
import { takeLease } from './store-lease.ts';

export interface PollDeps extends StageDeps, AdmissionDeps {
  clock: Clock;
  log: StageDeps['log'];
  instances: InstanceStore;
  instanceResults: InstanceResultStore;
  modelVersions: ModelVersionStore;
  computingTimes: ComputingTimesStore;
  uploadRecords: Pick<UploadRecordStore, 'of' | 'ofAllRounds'>;
  results: HashedResults;
  loadPatientHasher: LoadPatientHasher;
  queues: Queues;
  qure: Pick<QureClient, 'seriesResults' | 'instanceResults' | 'fetchAsset'>;
  /** In [0, 1), for jitter. */
  random(): number;
  /** Fires after so many milliseconds. */
  timeoutSignal(ms: number): AbortSignal;
  /** Of this invocation. */
  remainingMs(): number;
}

/** Assets that cannot be had after so many runs need a person; the result itself is stored. */
const MAX_ASSET_TRIES = 8;

const LEGACY_FORMAT =
  'Qure answers in its older format (files, tags, raw at the top, no result); ask Qure to take {client: CXRAPI} off the configuration of the token, then retry';

/** Answers other than a result or a verdict. */
export type Unready =
  | Exclude<ResultsAnswer, { kind: 'ready' | 'ready_invalid_scan' | 'unsupported' }>
  | {
      kind: 'misconfigured';
      detail: string;
    };

/** One run of the results stage: the ways out of it. */
export class PollWork extends StageRun<PollDeps, ResultsMessage, ComputingSeries> {
  /** UIDs of which Qure has said "under process", where that proves that the next answer is a new one. */
  readonly #processing: Set<string>;
  #lease: Promise<number | undefined> | undefined;
  #leasedVersion: number | undefined;
  readonly beganAt = this.now();
  /** X-rays: an image has its result, and the series is concluded then, without the images that have no answer. */
  concludesAt: Instant | undefined;

  constructor(deps: PollDeps, message: ResultsMessage, source: Source, series: ComputingSeries) {
    super(deps, message, source, series);
    this.#processing = new Set(message.processing);
  }

  /** No other run has taken the next ticket, or the lease. */
  readonly isOurs = (series: Series): series is ComputingSeries =>
    series.state === 'COMPUTING' &&
    series.ticket === this.series.ticket &&
    (this.#leasedVersion === undefined || series.version === this.#leasedVersion);

  async fail(
    reason: FailureReason,
    detail: string,
    resultFiles: string[] = [],
    answer?: FailedAnswer,
  ): Promise<void> {
    const failure = { reason, detail, resultFiles, ...defined({ answer }) };
    await this.move((series) => fail(series, failure, this.now()));
  }

  /** What the next answer about this UID is judged by. `earlier`: whose answer it may still be. */
  answerContext(uid: string, earlier: EarlierAnswer | undefined): AnswerContext {
    const { candidate, waitingSince } = this.message;
    return {
      product: productOf(this.source, this.series.product),
      products: knownProducts(this.source),
      expects: this.source.expects ?? [],
      isProcessingSeen: this.#processing.has(uid),
      ...defined({ earlier, candidate, waitingSince }),
      boundSeconds: answerBoundSeconds(this.source.resultsTimeoutSeconds),
      resultsDeadline: this.series.resultsDeadline,
      now: this.now(),
    };
  }

  /** "Under process" may speak of a computation that had not ended, until that one has answered. */
  noteProcessing(uid: string): void {
    const isOfEarlier = this.series.earlier?.isPending === true && this.message.candidate === undefined;
    if (!isOfEarlier) this.#processing.add(uid);
  }

  /** Whether this run has the lease of the result, and may store what it has. Asked before anything is written. */
  async mayStore(): Promise<boolean> {
    this.#lease ??= this.#takeLease();
    this.#leasedVersion = await this.#lease;
    return this.#leasedVersion !== undefined;
  }

  /** The answer to the compute call is stored here, from the row: a run of the compute stage has no lease of the files. */
  async #takeLease(): Promise<number | undefined> {
    const { compute } = this.series;
    const version = await takeLease(this.deps, this.series, this.now());
    if (version !== undefined && compute !== undefined) {
      const body = Buffer.from(`${JSON.stringify(toComputeJson(compute), undefined, 2)}\n`);
      await this.deps.results.put(resultFolder(this.series) + COMPUTE_FILE, body, 'application/json');
    }
    return version;
  }

  /** Qure refused the source, which is stopped by that; or it denies the series alone. */
  private async refusedBy(permit: CallPermit, reason: StopReason): Promise<void> {
    const stop = await permit.recordRejection(reason);
    if (stop === undefined) return this.fail(reason, REFUSAL_DETAILS[reason]);
    return this.waitForSource({ kind: 'held_back', reason: stop });
  }

  /** Results are asked for again once the source goes on, until the results time-out. */
  async waitForSource(stopped: Held & { detail?: string }): Promise<void> {
    const held = await holdBackRefused(this.deps, this.series, this.isOurs, this.source, stopped);
    if (held === undefined) return;
    const { waitingSince: _over, ...message } = this.message;
    await this.send(message, held.series, held.waitSeconds);
  }

  /** What to do with an answer that is neither a result nor a verdict. */
  async afterUnready(answer: Unready, permit: CallPermit): Promise<void> {
    switch (answer.kind) {
      case 'processing':
        return this.pollAgain(answer.retryAfterMs);
      case 'not_uploaded':
        // Another system uploads, and may still be at it.
        if (this.source.delivery === 'external') return this.pollAgain();
        return this.goBack((series) => uploadAgain(series, this.source, this.now()));
      case 'not_computed':
        // Without a call of ours there is none to repeat: Qure starts by itself, perhaps later.
        if (this.source.compute === 'automatic' || !productOf(this.source, this.series.product).compute)
          return this.pollAgain();
        return this.goBack((series) => computeAgain(series, this.source, this.now()));
      case 'auth_rejected':
      case 'source_denied':
        return this.refusedBy(permit, answer.kind);
      case 'legacy_format':
        return this.fail('legacy_format', LEGACY_FORMAT);
      case 'redirected':
      case 'misconfigured':
        return this.askLater(answer.kind, undefined, answer.detail);
      case 'unexpected':
        return this.askLater(`http_${answer.httpStatus}`);
      case 'transient':
        return this.askLater(answer.cause, answer.retryAfterMs);
      default:
        return answer satisfies never;
    }
  }

  /** The result is not there yet: it is asked for again, until the results time-out. */
  async pollAgain(retryAfterMs?: number): Promise<void> {
    if (this.concludesAt === undefined && this.now() >= this.series.resultsDeadline) {
      const detail = 'Qure gave no result in time; ask Qure about the series, then retry';
      return this.fail('results_timeout', detail);
    }
    const { polls } = this.message;
    const { waitingSince: _over, ...message } = this.message;
    const delaySeconds = this.boundedDelay(pollDelayOf(this, retryAfterMs));
    await this.resume({ polls: polls + 1, failures: 0 }, delaySeconds, message);
  }

  /** Qure could not be asked, or did not answer usefully. */
  private async askLater(cause: string, retryAfterMs?: number, detail?: string): Promise<void> {
    const failures = this.message.failures + 1;
    const delayMs = this.retryDelayMs(failures, this.series.resultsDeadline, retryAfterMs);
    if (delayMs === undefined && this.concludesAt === undefined) {
      const why = detail ?? `Qure could not be asked for results until the deadline (last: ${cause})`;
      return this.fail('qure_unavailable', why);
    }
    const { seriesInstanceUid } = this.series;
    this.deps.log('warn', 'results could not be asked for; tried again', {
      source: this.source.name,
      seriesInstanceUid,
      cause,
    });
    await this.resume({ failures }, this.boundedDelay(delaySecondsFor((delayMs ?? Infinity) / 1000)));
  }

  private boundedDelay(delaySeconds: number): number {
    if (this.concludesAt === undefined) return delaySeconds;
    return Math.min(delaySeconds, delaySecondsFor(Math.max(0, secondsBetween(this.now(), this.concludesAt))));
  }

  /**
   * Files that earlier runs have stored of this result. Of a generation that Qure has computed twice some may be of the
   * result before: none of them counts, and all are fetched in one run.
   */
  async storedBefore(): Promise<string[]> {
    const mayBeOfAnother = this.message.assetTries === 0 || this.series.restarts > 0;
    return mayBeOfAnother ? [] : this.deps.results.keys(`${resultFolder(this.series)}files/`);
  }

  /** Assets that could not all be stored: tried again with new links, a bounded number of times. */
  async afterAssets(
    assets: StoredAssets,
    resultFiles: string[],
    hasStored: boolean,
    /** Writes `findings.json`: the answer counts, though not all of its assets can be had. */
    concluded: () => Promise<FailedAnswer>,
  ): Promise<void> {
    // What does not count in the next run is no progress.
    const hasProgress = hasStored && this.series.restarts === 0;
    if (assets.isOutOfTime && hasProgress) return this.resume({ assetTries: 1 }, 0);
    const [refused] = assets.refused;
    const tries = hasProgress ? 1 : this.message.assetTries + 1;
    if (refused !== undefined || tries > MAX_ASSET_TRIES) {
      const [broken] = assets.broken;
      const why =
        refused === undefined
          ? `${assets.expired.length + assets.broken.length} asset(s) could not be downloaded (last: ${broken?.cause ?? 'links expired'})`
          : `the link of ${refused.file} must not be fetched (${refused.reason})`;
      const reason = refused === undefined || refused.isReachable ? 'asset_download' : 'asset_missing';
      const answer = await concluded();
      const files = [FINDINGS_FILE, ...resultFiles];
      return this.fail(reason, `${why}; the result itself is stored`, files, answer);
    }
    const next = nextTry(UNAVAILABLE_BACKOFF, { failures: tries, random: this.deps.random() });
    await this.resume({ assetTries: tries }, delaySecondsFor(next.kind === 'wait' ? next.delayMs / 1000 : 1));
  }

  /** DICOM files of another study or patient came with the result: nothing of it is announced, and a person has to look. */
  async afterForeign(files: readonly string[], answer: FailedAnswer = {}): Promise<void> {
    const [first = ''] = files;
    const detail = `${files.length} asset(s) are of another study or patient (first: ${mismatchFile(first)}); tell Qure`;
    return this.fail('asset_mismatch', detail, [], answer);
  }

  /** Back to the compute stage, a bounded number of times; after that Qure has until the results time-out to find the series. */
  private async goBack(change: (series: ComputingSeries) => UploadingSeries): Promise<void> {
    if (this.series.restarts >= MAX_RESTARTS) {
      if (this.concludesAt !== undefined || this.now() < this.series.resultsDeadline) return this.pollAgain();
      return this.fail(
        'not_uploaded',
        'Qure lost the series again and again after taking it; ask Qure, then retry',
      );
    }
    await this.sendBack(change);
  }

  /** With this run's request for the result counted; no save is made for it. */
  private withPoll(series: ComputingSeries): ComputingSeries {
    const { steps = {} } = series;
    return { ...series, steps: { ...steps, polls: (steps.polls ?? 0) + 1, lastPollAt: this.now() } };
  }

  override move<To extends Series>(transition: (series: ComputingSeries) => To): Promise<To | undefined> {
    return super.move((series) => transition(this.withPoll(series)));
  }

  /** Leaves the next message. */
  async resume(
    change: Partial<ResultsMessage>,
    delaySeconds: number,
    from: ResultsMessage = this.message,
  ): Promise<void> {
    const resumed = await this.issueNextTicket(delaySeconds, (series) => this.withPoll(series));
    if (resumed !== undefined) await this.send({ ...from, ...change }, resumed, delaySeconds);
  }

  private async send(message: ResultsMessage, series: ComputingSeries, delaySeconds: number): Promise<void> {
    const processing = [...this.#processing].slice(0, MAX_PROCESSING);
    await this.deps.queues.sendResults(
      { ...message, ...(processing.length === 0 ? {} : { processing }), ...jobOf(series) },
      delaySeconds,
    );
  }
}
