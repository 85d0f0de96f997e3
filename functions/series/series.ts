import type { SeriesId } from '../instances/series-id.ts';
import type { AnswerFacts, FindingSummary, TriageStatus, VerdictReason } from '../qure/answer-facts.ts';
import type { StoredComputeResponse } from '../qure/compute-answer.ts';
import type { EarlierAnswer } from '../qure/earlier-answer.ts';
import type { PollPlan } from '../qure/poll-plan.ts';
import type { Product } from '../qure/product.ts';
import type { SeriesQuality } from '../routing/quality/quality-facts.ts';
import type { Region } from '../routing/regions.ts';
import type { Instant } from '../shared/time.ts';
import type { OutboxEvent } from './events.ts';
import {
  type CompletionReason,
  type FailureReason,
  FINAL_STATES,
  isStopReason,
  type JudgedSilence,
  type SeriesState,
  type StopReason,
  type Triage,
} from './series-facts.ts';

export interface Acceptance {
  generation: number;
  fingerprint: string;
  at: Instant;
  compute?: StoredComputeResponse;
  /** Qure has given its final answer to it, so that it computes nothing of this series until it is asked again. */
  isAnswered?: boolean;
}

/** Qure's answer to a generation, as the answer to a later one is compared with it. */
export interface StoredResult {
  generation: number;
  /** Equal exactly where Qure's answers differ in nothing but their links (`answerDigest`). */
  digest: string;
  at: Instant;
}

export interface LastResult extends StoredResult {
  /** Below which it is stored: the sender may correct it. Absent in rows of earlier versions, which count as having the present one. */
  studyInstanceUid?: string;
}

/** The set that was judged complete last; on the row of a series only where its rows expire (`judged-set.ts`). */
export interface JudgedSet {
  fingerprint: string;
  /** Of the first of its rows. */
  expiresAt: Instant;
  /** For so many days the series is kept after its last change. Absent: for good. */
  keepDays?: number;
}

/**
 * When the steps of the present generation were made, for people and for the figures of turnaround. `uploadBeganAt` alone decides
 * something: what was begun to be uploaded is uploaded to its end. Rows of earlier versions lack them.
 */
export interface SeriesSteps {
  /** The compute stage took the series for the first time; absent where another system uploads. */
  uploadBeganAt?: Instant;
  /** Qure's receipt showed every instance. */
  uploadedAt?: Instant;
  /** By that receipt: Qure may hold more than we do. */
  instancesAtQure?: number;
  /** How often Qure was asked for the result. */
  polls?: number;
  lastPollAt?: Instant;
}

/** A generation that was left for the next one. */
export interface EarlierGeneration {
  generation: number;
  /** In which it was left. */
  state: SeriesState;
  /** When that state was entered. */
  changedAt: Instant;
  leftAt: Instant;
  /**
   * `instances`: others came, or older contents may have gone to Qure after newer ones. `retry`: a person asked for it.
   * `other_qure`: the source has another Qure, or another workspace.
   */
  leftFor: 'instances' | 'retry' | 'other_qure';
  instances?: number;
  evidence?: CompletionReason;
  completedAt?: Instant;
  reason?: string;
  /** Of its result, if it was left with one. */
  triage?: Triage;
  /** Its result is the bundled simulator's. */
  isSimulated?: true;
}

interface SeriesCommon extends SeriesId {
  studyInstanceUid: string;
  modality?: string;
  /**
   * Of the first instance that has one; once judged, of the newest. Absent in rows of earlier versions, and where the source leaves
   * it out.
   */
  accessionNumber?: string;
  /** What the texts of the first instance name; once judged, of the newest. Absent in rows of earlier versions. */
  bodyParts?: Region[];
  /** Of the first instance (`senderOf`); absent in rows of earlier versions. */
  sender?: string;
  /** Counts up when a series that was judged complete gets other instances, or is to be computed again. */
  generation: number;
  /** Counts writes of the row: every save is conditional on the version that was read. */
  version: number;
  /**
   * A fencing token: only a message with the present ticket may work on this series. A run of the
   * compute stage, and a run that sends the next message, takes the next ticket: every older message is stale and is dropped.
   */
  ticket: number;
  firstArrivalAt: Instant;
  lastArrivalAt: Instant;
  /** When `state` was entered. */
  changedAt: Instant;
  /** When the sweep looks after this series, unless another run moves it before; absent when nothing has to happen. */
  dueAt?: Instant;
  /** Events of transitions already made that EventBridge may not have yet. */
  outbox: OutboxEvent[];
  /** The last set of instances that Qure accepted for computation. */
  accepted?: Acceptance;
  /** The last answer that Qure is known to have given to this series, a refusal or a failed one included. */
  lastAnswer?: StoredResult;
  /** The last result that was stored of this series, whatever has become of it since. */
  lastResult?: LastResult;
  /** Written before a compute call, so that a lost answer is known to be possible. */
  callIntent?: {
    generation: number;
    at: Instant;
    isLaterGeneration?: boolean;
    /** See `EarlierAnswer`. */
    isEarlierPending?: boolean;
  };
  /**
   * Counts up when everything has to go to Qure again, since Qure lacks what it had registered, or has other contents of it.
   * Upload marks of earlier rounds do not count, in later generations neither.
   */
  uploadRound: number;
  /**
   * `lastingWorkspaceIdOf` the Qure that upload marks, acceptance and answers are of. Absent until the series is brought to one, and
   * in rows of earlier versions, which count as being of the present one.
   */
  workspace?: string;
  /** The first generation that is brought to it; what it knows of earlier ones is not known. Absent: it is the first Qure. */
  workspaceSince?: number;
  judgedSet?: JudgedSet;
  /** The last of them, oldest first; absent for a first generation, and of those that an earlier version has left. */
  earlierGenerations?: EarlierGeneration[];
  /** When EventBridge had taken the events of the present state; absent before. */
  announcedAt?: Instant;
}

/** What stays true of a generation once it was judged complete. */
export interface CompletionDecision {
  instances: number;
  fingerprint: string;
  evidence: CompletionReason;
  /** What was known of the sender; only where that decided how long was waited. */
  silence?: JudgedSilence;
  completedAt: Instant;
  quality?: SeriesQuality;
  /** Codes of what lies outside the clearances that the source names; absent where nothing does. */
  outsideIndication?: string[];
}

/** On its way to Qure, or there. */
interface Routed extends CompletionDecision {
  /** That it was routed to; of an X-ray that is `DONE` the one that answered. */
  product: Product;
  /** That an X-ray was routed to, where another product answered. */
  routedProduct?: Product;
  /** Absent for a routine one. Decided with the product, and kept until the series is judged anew. */
  priority?: 'urgent';
  /** How often Qure took back what it had acknowledged (404 or 409 later on); bounds going back and forth. */
  restarts: number;
  /** Give up bringing the series to Qure at this time. */
  deliveryDeadline: Instant;
  /** Ask Qure to compute again although it has accepted this very set before. */
  isRecompute?: boolean;
  /** When it was requested although there had been an answer; the wait is counted from here. */
  recomputeRequestedAt?: Instant;
  steps?: SeriesSteps;
  /** When its results are asked for; absent where the source says how often. Nothing is learned of what Qure was asked for before. */
  pollPlan?: PollPlan & { isRepeat?: true };
  /** Instances that were sent to Qure again with other bytes, and of which Qure said only that it has them (`created: false`). */
  replacedUnconfirmed?: number;
}

/** Why Qure is not asked for a series yet: the limits of its source are used up, or its source is stopped. */
export interface HeldBack {
  reason: 'concurrency' | 'daily_budget' | StopReason;
  since: Instant;
  /** When it asks again, or when the next day's budget begins. */
  until: Instant;
}

export interface ReceivingSeries extends SeriesCommon {
  state: 'RECEIVING';
  /** Nothing could be dropped until then, after the last arrival: the host was down, or its clock was set back. By the clock that was then. */
  silentSince?: Instant;
}

/** From when on silence says something. */
export function silenceBegan({
  lastArrivalAt,
  silentSince = lastArrivalAt,
}: Pick<ReceivingSeries, 'lastArrivalAt' | 'silentSince'>): Instant {
  return silentSince > lastArrivalAt ? silentSince : lastArrivalAt;
}

export interface CompleteSeries extends SeriesCommon, Routed {
  state: 'COMPLETE';
  heldBack?: HeldBack;
}
export interface UploadingSeries extends SeriesCommon, Routed {
  state: 'UPLOADING';
  /** Only where its slot was lost on the way or given back during a long wait, or its source is stopped: also of the probe. */
  heldBack?: HeldBack;
  /** The last answer to the compute call, when it was no acceptance. */
  compute?: StoredComputeResponse;
}
export interface ComputingSeries extends SeriesCommon, Routed {
  state: 'COMPUTING';
  /** Only where its source was stopped. */
  heldBack?: HeldBack;
  /** Absent where no compute call is made (X-rays, `compute: automatic`). */
  compute?: StoredComputeResponse;
  /** Give up on results at this time. */
  resultsDeadline: Instant;
  /** Absent where an answer can only be that of this generation. */
  earlier?: EarlierAnswer;
}
export interface DoneSeries extends SeriesCommon, Routed, AnswerFacts {
  state: 'DONE';
  compute?: StoredComputeResponse;
  triageStatus?: TriageStatus;
  /** Qure answered 206: the modality is right, the scan is not valid, and the result says so. */
  isInvalidScan?: boolean;
  /** X-rays: so many instances have no result (`UnreadReason`); `findings.json` names them. */
  unreadInstances?: number;
  /** The answer equals that of this earlier generation in everything but its links, and was accepted after a bound. */
  sameAsGeneration?: number;
  findings?: FindingSummary[];
  /** Below the generation's folder in the results bucket, for example `result.json`, `files/pdf/0` (`boundedFiles`). */
  resultFiles: string[];
}
export interface SkippedSeries extends SeriesCommon, CompletionDecision {
  state: 'SKIPPED';
  reason: string;
  detail?: string;
}
export interface UnsupportedSeries extends SeriesCommon, Routed, AnswerFacts {
  state: 'UNSUPPORTED';
  compute?: StoredComputeResponse;
  reason: VerdictReason;
  detail?: string;
}
export interface FailedSeries extends SeriesCommon, Routed, AnswerFacts {
  state: 'FAILED';
  compute?: StoredComputeResponse;
  reason: FailureReason;
  detail: string;
  /** Of a result that lacks nothing but assets (`asset_download`, `asset_missing`), as its findings. */
  triageStatus?: TriageStatus;
  findings?: FindingSummary[];
  /** What was stored before the failure. */
  resultFiles: string[];
}

export type Series =
  | ReceivingSeries
  | CompleteSeries
  | UploadingSeries
  | ComputingSeries
  | DoneSeries
  | SkippedSeries
  | UnsupportedSeries
  | FailedSeries;

/** Judged complete, and not final yet. */
export type SeriesUnderWay = CompleteSeries | UploadingSeries | ComputingSeries;

/** Why its source was stopped when the series asked last; `undefined` where it does not wait for that. */
export function stopReasonOf(series: Series): StopReason | undefined {
  const reason = 'heldBack' in series ? series.heldBack?.reason : undefined;
  return isStopReason(reason) ? reason : undefined;
}

export function isFinal(series: Pick<Series, 'state'>): boolean {
  return FINAL_STATES.includes(series.state);
}

/** The set of instances that the current generation stands for; a series that is still receiving has none. */
export function completedFingerprint(series: Series): string | undefined {
  return series.state === 'RECEIVING' ? undefined : series.fingerprint;
}
