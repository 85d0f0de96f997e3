import type { StoredComputeResponse } from '../qure/compute-answer.ts';
import type { EarlierAnswer } from '../qure/earlier-answer.ts';
import { defined } from '../shared/defined.ts';
import type { SeriesDetailType } from '../shared/detail-types.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import { eventIdOf, MAX_EVENT_RESULT_KEYS, type OutboxEvent } from './events.ts';
import { priorityField } from './job.ts';
import { resultFolder } from './result-keys.ts';
import type {
  Acceptance,
  CompleteSeries,
  CompletionDecision,
  ComputingSeries,
  DoneSeries,
  FailedSeries,
  Series,
  StoredResult,
  UnsupportedSeries,
  UploadingSeries,
} from './series.ts';
import type { FailureReason, ResultFacts } from './series-facts.ts';

/** The parts of a row that a transition takes over from the previous state. */

/** How long a stage may make no progress before the sweep sends its message again. Longer than any wait of the stage itself. */
export const STAGE_GRACE_SECONDS = 120;

/** A stage that has its message again and again and never ends is given up so long after its own deadline. */
export const DEADLINE_GRACE_SECONDS = 5 * STAGE_GRACE_SECONDS;

/** The fields of every state. A transition names every other field that it keeps, so that no stale field is carried over. */
export function commonFields(series: Series) {
  return {
    source: series.source,
    seriesInstanceUid: series.seriesInstanceUid,
    studyInstanceUid: series.studyInstanceUid,
    generation: series.generation,
    version: series.version,
    ticket: series.ticket,
    firstArrivalAt: series.firstArrivalAt,
    lastArrivalAt: series.lastArrivalAt,
    outbox: series.outbox,
    ...defined({
      modality: series.modality,
      accessionNumber: series.accessionNumber,
      bodyParts: series.bodyParts,
      sender: series.sender,
      accepted: series.accepted,
      callIntent: series.callIntent,
      lastAnswer: series.lastAnswer,
      lastResult: series.lastResult,
      workspace: series.workspace,
      workspaceSince: series.workspaceSince,
      judgedSet: series.judgedSet,
      earlierGenerations: series.earlierGenerations,
    }),
    uploadRound: series.uploadRound,
  };
}

/**
 * The fields of a series that Qure has lost: its acceptance does not count any more. The call intent stays: if Qure has lost
 * less than it says, a later generation must still be requested as one, or Qure would answer "already pushed" and leave out
 * the new instances.
 */
export function withoutAcceptance(series: Series) {
  const { accepted: _void, ...kept } = commonFields(series);
  return { ...kept, ...(kept.callIntent?.isLaterGeneration === true ? { isRecompute: true } : {}) };
}

/** A row holds 400 KB; the names of more files than this are left out of it, the files themselves are stored. */
const MAX_FILE_NAMES_LENGTH = 150_000;

export function boundedFiles(files: readonly string[]): string[] {
  let length = 0;
  return files.filter((file) => {
    length += file.length;
    return length <= MAX_FILE_NAMES_LENGTH;
  });
}

export type RoutedSeries =
  | CompleteSeries
  | UploadingSeries
  | ComputingSeries
  | DoneSeries
  | UnsupportedSeries
  | FailedSeries;

/** The decision that the generation is complete. */
export function decisionFields(series: CompletionDecision): CompletionDecision {
  return {
    instances: series.instances,
    fingerprint: series.fingerprint,
    evidence: series.evidence,
    completedAt: series.completedAt,
    ...defined({
      silence: series.silence,
      quality: series.quality,
      outsideIndication: series.outsideIndication,
    }),
  };
}

/** The fields of a row from its routing to its result. */
export function routedFields(series: RoutedSeries) {
  return {
    ...decisionFields(series),
    product: series.product,
    ...priorityField(series.priority),
    restarts: series.restarts,
    deliveryDeadline: series.deliveryDeadline,
    ...defined({
      routedProduct: series.routedProduct,
      isRecompute: series.isRecompute,
      recomputeRequestedAt: series.recomputeRequestedAt,
      replacedUnconfirmed: series.replacedUnconfirmed,
      steps: series.steps,
      pollPlan: series.pollPlan,
    }),
  };
}

/**
 * Qure's acceptance of exactly the present set: no compute call is needed. `undefined` if it is to be computed again, or if a
 * call for a generation in between may have reached Qure, whose last result would be of that generation.
 */
export function currentAcceptance(series: RoutedSeries): Acceptance | undefined {
  const { accepted, callIntent } = series;
  const isLastAsked = accepted !== undefined && (callIntent?.generation ?? 0) <= accepted.generation;
  if (series.isRecompute === true || !isLastAsked) return undefined;
  return accepted.fingerprint === series.fingerprint ? accepted : undefined;
}

/** The last generation for which the present Qure may have been asked to compute; 0: none. */
export function lastAskedGeneration({ accepted, callIntent, workspaceSince = 1 }: Series): number {
  return Math.max(accepted?.generation ?? 0, callIntent?.generation ?? 0, workspaceSince - 1);
}

/** Qure has given its final answer to what it accepted. `digest`: of the answer, where it was one to a call for results. */
export function withAnswer(
  series: Series,
  at: Instant,
  digest?: string,
): { accepted?: Acceptance; lastAnswer?: StoredResult } {
  return {
    ...(series.accepted === undefined ? {} : { accepted: { ...series.accepted, isAnswered: true } }),
    ...(digest === undefined ? {} : { lastAnswer: { generation: series.generation, digest, at } }),
  };
}

/**
 * What Qure may still say of an earlier generation when it is asked for the computation of this one; `undefined` where there
 * is nothing. A set that Qure has accepted before is waited for under the generation for which it was accepted.
 */
export function earlierAnswerOf(series: RoutedSeries): EarlierAnswer | undefined {
  const { lastAnswer, accepted, callIntent, workspaceSince } = series;
  const asked = currentAcceptance(series)?.generation ?? series.generation;
  const result = lastAnswer !== undefined && lastAnswer.generation < asked ? lastAnswer : undefined;
  // Where no call is made, it is not known whether the computation before had ended, nor what another Qure has computed before.
  const isUnanswered =
    accepted === undefined
      ? workspaceSince !== undefined
      : accepted.generation < asked && accepted.isAnswered !== true;
  const isPending = callIntent?.generation === asked ? callIntent.isEarlierPending === true : isUnanswered;
  if (result === undefined && !isPending) return undefined;
  return { ...defined({ result }), ...(isPending ? { isPending } : {}) };
}

export function computeOf(series: RoutedSeries): { compute?: StoredComputeResponse } {
  return 'compute' in series && series.compute !== undefined ? { compute: series.compute } : {};
}

/** The facts of views and events about the completion decision and Qure's answer, as far as the row has them. */
export function resultFactsOf(series: Series): ResultFacts {
  const facts: ResultFacts = {};
  if ('usecase' in series && series.usecase !== undefined) facts.usecase = series.usecase;
  if ('modelVersion' in series && series.modelVersion !== undefined) facts.modelVersion = series.modelVersion;
  if ('findings' in series && series.findings !== undefined) facts.findings = series.findings;
  if ('isInvalidScan' in series && series.isInvalidScan !== undefined)
    facts.isInvalidScan = series.isInvalidScan;
  if ('unreadInstances' in series && series.unreadInstances !== undefined)
    facts.unreadInstances = series.unreadInstances;
  if ('sameAsGeneration' in series && series.sameAsGeneration !== undefined)
    facts.sameAsGeneration = series.sameAsGeneration;
  if ('replacedUnconfirmed' in series && series.replacedUnconfirmed !== undefined)
    facts.replacedUnconfirmed = series.replacedUnconfirmed;
  if ('quality' in series && series.quality !== undefined) facts.quality = series.quality;
  if ('outsideIndication' in series && series.outsideIndication !== undefined)
    facts.outsideIndication = series.outsideIndication;
  return facts;
}

/**
 * The keys of the findings that are present, as a list of their own: a pattern of EventBridge on a list of objects may find `key` in
 * one of them and `present` in another.
 */
function presentFindingsOf(series: Series): { presentFindings?: string[] } {
  const findings = 'findings' in series ? (series.findings ?? []) : [];
  const keys = findings.filter(({ present }) => present === true).map(({ key }) => key);
  return keys.length === 0 ? {} : { presentFindings: keys };
}

/** Puts the event of the state that `series` has just entered into its outbox. */
export function withEvent<S extends Series>(series: S, detailType: SeriesDetailType): S {
  const files = 'resultFiles' in series ? series.resultFiles : [];
  const event: OutboxEvent = {
    detailType,
    detail: {
      version: '1',
      // The version that the coming save replaces is unique in the life of a row; a row that has expired or was restored has another time.
      eventId: eventIdOf(
        series.source,
        series.seriesInstanceUid,
        series.version,
        series.state,
        series.changedAt,
      ),
      source: series.source,
      studyInstanceUid: series.studyInstanceUid,
      seriesInstanceUid: series.seriesInstanceUid,
      generation: series.generation,
      state: series.state,
      ...('product' in series ? { product: series.product } : {}),
      ...('triageStatus' in series && series.triageStatus !== undefined
        ? { triageStatus: series.triageStatus }
        : {}),
      ...resultFactsOf(series),
      ...presentFindingsOf(series),
      resultKeys: files.slice(0, MAX_EVENT_RESULT_KEYS).map((file) => resultFolder(series) + file),
      ...('reason' in series ? { reason: series.reason } : {}),
      at: series.changedAt,
    },
  };
  return {
    ...series,
    outbox: [...series.outbox, event],
    // Due, so that the sweep publishes the event if this run does not; `flushOutbox` clears it in a final state.
    dueAt: addSeconds(series.changedAt, STAGE_GRACE_SECONDS),
  };
}

export interface EarlierResult {
  generation: number;
  studyInstanceUid: string;
  resultFiles: readonly string[];
}

/** Adds the event of the earlier result that `series`, which is DONE, replaces. */
export function withSuperseded(series: DoneSeries, earlier: EarlierResult): DoneSeries {
  const { source, seriesInstanceUid, product, changedAt } = series;
  const { generation, studyInstanceUid } = earlier;
  const folder = resultFolder({ source, studyInstanceUid, seriesInstanceUid, generation });
  const event: OutboxEvent = {
    detailType: 'Series Superseded',
    detail: {
      version: '1',
      eventId: eventIdOf(
        source,
        seriesInstanceUid,
        generation,
        'superseded by',
        series.generation,
        changedAt,
      ),
      source,
      studyInstanceUid,
      seriesInstanceUid,
      generation,
      state: 'DONE',
      product,
      supersededBy: series.generation,
      resultKeys: earlier.resultFiles.slice(0, MAX_EVENT_RESULT_KEYS).map((file) => folder + file),
      at: changedAt,
    },
  };
  return { ...series, outbox: [...series.outbox, event] };
}

/** Failures by which Qure does not have what was sent to it. */
export const LOST_AT_QURE: readonly FailureReason[] = ['receipt_mismatch', 'not_uploaded'];

/** When the next look at a receiving series is overdue. */
export function quietDueAt(
  lastArrivalAt: Instant,
  quietPeriodSeconds: number,
  graceSeconds: number,
): Instant {
  return addSeconds(lastArrivalAt, quietPeriodSeconds + graceSeconds);
}
