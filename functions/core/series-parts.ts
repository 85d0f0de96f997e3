import { defined } from './defined.ts';
import { eventIdOf, MAX_EVENT_RESULT_KEYS, type OutboxEvent, type SeriesDetailType } from './events.ts';
import { laneOf } from './lane.ts';
import type { StoredComputeResponse } from './qure/compute-answer.ts';
import { resultFolder } from './result-keys.ts';
import type {
  Acceptance,
  CompleteSeries,
  ComputingSeries,
  DoneSeries,
  EarlierAnswer,
  FailedSeries,
  Judgement,
  Series,
  StoredResult,
  UnsupportedSeries,
  UploadingSeries,
} from './series.ts';
import type { FailureReason, ResultFacts } from './series-facts.ts';
import { addSeconds, type Instant } from './time.ts';

/** The parts that rows are made of when they go from one state to the next. */

/** How long a stage may stand still before the sweep sends its message again. Longer than any wait it makes itself. */
export const STAGE_GRACE_SECONDS = 120;

/** What every row has, whatever its state. A transition names what it keeps beside this, so that nothing stale is carried on. */
export function common(series: Series) {
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
      accepted: series.accepted,
      claim: series.claim,
      lastAnswer: series.lastAnswer,
      lastResult: series.lastResult,
    }),
    uploadRound: series.uploadRound,
  };
}

/**
 * What stays known of a series that Qure has lost: that it accepted the set before counts no more. The claim stays: should
 * Qure have lost less than it says, a later generation must still be asked for as one, or it would be answered
 * "already pushed" and its new instances left out.
 */
export function forgotten(series: Series) {
  const { accepted: _void, ...kept } = common(series);
  return { ...kept, ...(kept.claim?.isLaterGeneration === true ? { isRecompute: true } : {}) };
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

/** What was found when the generation was judged complete. */
export function judgementOf(series: Judgement): Judgement {
  return {
    instances: series.instances,
    fingerprint: series.fingerprint,
    evidence: series.evidence,
    completedAt: series.completedAt,
    ...defined({ quality: series.quality, outsideIndication: series.outsideIndication }),
  };
}

/** What a row keeps on its way to Qure and back. */
export function routed(series: RoutedSeries) {
  return {
    ...judgementOf(series),
    product: series.product,
    ...laneOf(series.priority),
    setbacks: series.setbacks,
    deliverBy: series.deliverBy,
    ...defined({
      routedProduct: series.routedProduct,
      isRecompute: series.isRecompute,
      askedAgainAt: series.askedAgainAt,
      replacedUnconfirmed: series.replacedUnconfirmed,
    }),
  };
}

/**
 * Qure's acceptance of the very set that the series stands for, unless it is to be computed again all the same: nothing is
 * computed anew. A call for a generation in between may have reached Qure, whose last word would be that one's result.
 */
export function standingAcceptance(series: RoutedSeries): Acceptance | undefined {
  const { accepted, claim } = series;
  const isLastAsked = accepted !== undefined && (claim?.generation ?? 0) <= accepted.generation;
  if (series.isRecompute === true || !isLastAsked) return undefined;
  return accepted.fingerprint === series.fingerprint ? accepted : undefined;
}

/** Qure has given its final answer to what it accepted. `digest`: of the answer, where it was one to a call for results. */
export function answered(
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
  const { lastAnswer, accepted, claim } = series;
  const asked = standingAcceptance(series)?.generation ?? series.generation;
  const result = lastAnswer !== undefined && lastAnswer.generation < asked ? lastAnswer : undefined;
  // Where no call is made nobody has looked whether the computation before had ended.
  const isUnanswered = accepted !== undefined && accepted.generation < asked && accepted.isAnswered !== true;
  const isPending = claim?.generation === asked ? claim.isEarlierPending === true : isUnanswered;
  if (result === undefined && !isPending) return undefined;
  return { ...defined({ result }), ...(isPending ? { isPending } : {}) };
}

export function computeOf(series: RoutedSeries): { compute?: StoredComputeResponse } {
  return 'compute' in series && series.compute !== undefined ? { compute: series.compute } : {};
}

/** What a view and an event tell of a judgement and of Qure's answer, as far as the row has it. */
export function resultFactsOf(series: Series): ResultFacts {
  const facts: ResultFacts = {};
  if ('usecase' in series && series.usecase !== undefined) facts.usecase = series.usecase;
  if ('modelVersion' in series && series.modelVersion !== undefined) facts.modelVersion = series.modelVersion;
  if ('findings' in series && series.findings !== undefined) facts.findings = series.findings;
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

/** Puts the announcement of the state that `series` has just entered into its outbox. */
export function announced<S extends Series>(series: S, detailType: SeriesDetailType): S {
  const files = 'resultFiles' in series ? series.resultFiles : [];
  const event: OutboxEvent = {
    detailType,
    detail: {
      version: '1',
      // The version that the coming save writes over happens once in the life of a row.
      eventId: eventIdOf(series.source, series.seriesInstanceUid, series.version, series.state),
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
    // Due, so that the sweep announces it should nobody else come to; `flushOutbox` ends that in a final state.
    dueAt: addSeconds(series.changedAt, STAGE_GRACE_SECONDS),
  };
}

/** The earlier result that `series`, which is DONE, stands in place of: announced beside its own announcement. */
export function withSuperseded(
  series: DoneSeries,
  earlier: { generation: number; resultFiles: readonly string[] },
): DoneSeries {
  const { source, studyInstanceUid, seriesInstanceUid, product, changedAt } = series;
  const folder = resultFolder({ ...series, generation: earlier.generation });
  const event: OutboxEvent = {
    detailType: 'Series Superseded',
    detail: {
      version: '1',
      eventId: eventIdOf(source, seriesInstanceUid, earlier.generation, 'superseded by', series.generation),
      source,
      studyInstanceUid,
      seriesInstanceUid,
      generation: earlier.generation,
      state: 'DONE',
      product,
      supersededBy: series.generation,
      resultKeys: earlier.resultFiles.slice(0, MAX_EVENT_RESULT_KEYS).map((file) => folder + file),
      at: changedAt,
    },
  };
  return { ...series, outbox: [...series.outbox, event] };
}

/** Qure does not have what it was given. */
export const DISOWNED: readonly FailureReason[] = ['receipt_mismatch', 'not_uploaded'];
