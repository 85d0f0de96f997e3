import type { AnswerFacts, VerdictReason } from '../qure/answer-facts.ts';
import type { StoredComputeResponse } from '../qure/compute-answer.ts';
import type { Product } from '../qure/product.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds, type Instant, laterOf } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { leaveGeneration } from './earlier-generations.ts';
import type { OutboxEvent } from './events.ts';
import {
  type CompleteSeries,
  type CompletionDecision,
  type ComputingSeries,
  type DoneSeries,
  type FailedSeries,
  type HeldBack,
  type ReceivingSeries,
  type Series,
  type SeriesUnderWay,
  type SkippedSeries,
  stopReasonOf,
  type UnsupportedSeries,
  type UploadingSeries,
} from './series.ts';
import { type FailureReason, isStopReason } from './series-facts.ts';
import {
  boundedFiles,
  commonFields,
  computeOf,
  type EarlierResult,
  earlierAnswerOf,
  LOST_AT_QURE,
  routedFields,
  STAGE_GRACE_SECONDS,
  withAnswer,
  withEvent,
  withoutAcceptance,
  withSuperseded,
} from './series-parts.ts';

/**
 * The ways from one state to the next, as pure functions over rows. None of them checks the version: the store
 * saves a row only where the version that was read still stands, so the second of two runs starts over.
 */
/** A series that Qure takes back more often than this needs a person. */
export const MAX_RESTARTS = 4;

/** Other instances than those judged came: the next generation begins. */
export function reopen(series: Series, quietPeriodSeconds: number, now: Instant): ReceivingSeries {
  return {
    ...commonFields(series),
    ...leaveGeneration(series, 'instances', now),
    state: 'RECEIVING',
    generation: series.generation + 1,
    ticket: series.ticket + 1,
    lastArrivalAt: now,
    changedAt: now,
    dueAt: addSeconds(now, quietPeriodSeconds + STAGE_GRACE_SECONDS),
  };
}

/**
 * Qure may have been given an older content after a newer one: what it has accepted counts no more, and the set, though it is
 * the same one, is a generation that has yet to be computed. A series that is open already stays so.
 */
export function openAnew(series: Series, quietPeriodSeconds: number, now: Instant): ReceivingSeries {
  const open = series.state === 'RECEIVING' ? series : reopen(series, quietPeriodSeconds, now);
  const { accepted: _void, ...opened } = open;
  return opened;
}

/** Every instance is here and a product takes them. */
export function complete(
  series: ReceivingSeries,
  judgement: CompletionDecision & { product: Product; priority?: 'urgent' },
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): CompleteSeries {
  return withEvent<CompleteSeries>(
    {
      ...commonFields(series),
      ...judgement,
      state: 'COMPLETE',
      ticket: series.ticket + 1,
      restarts: 0,
      deliveryDeadline: addSeconds(now, source.deliveryTimeoutSeconds),
      changedAt: now,
    },
    'Series Complete',
  );
}

/** Every instance is here and no product takes them. */
export function skip(
  series: ReceivingSeries,
  judgement: CompletionDecision & { reason: string; detail?: string },
  now: Instant,
): SkippedSeries {
  return withEvent<SkippedSeries>(
    { ...commonFields(series), ...judgement, state: 'SKIPPED', ticket: series.ticket + 1, changedAt: now },
    'Series Skipped',
  );
}

/** Every instance is here, and what was found of them forbids to bring them to Qure. */
export function failAtOnce(
  series: ReceivingSeries,
  judgement: CompletionDecision & { product: Product; priority?: 'urgent' },
  failure: { reason: FailureReason; detail: string },
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): FailedSeries {
  return withEvent<FailedSeries>(
    {
      ...commonFields(series),
      ...judgement,
      ...failure,
      state: 'FAILED',
      ticket: series.ticket + 1,
      restarts: 0,
      deliveryDeadline: addSeconds(now, source.deliveryTimeoutSeconds),
      resultFiles: [],
      changedAt: now,
    },
    'Series Failed',
  );
}

/**
 * The compute stage has taken the series. Its run takes the next ticket, so that every copy of its message is stale. `isProbe`:
 * it still waits for its source, and for no longer than before.
 */
export function startUploading(
  series: CompleteSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds' | 'delivery'>,
  now: Instant,
  isProbe = false,
): UploadingSeries {
  const waits = isProbe && stopReasonOf(series) !== undefined;
  const { heldBack } = series;
  return {
    ...commonFields(series),
    ...routedFields(series),
    ...(waits ? defined({ heldBack }) : {}),
    ...(source.delivery === 'upload' ? { steps: { uploadBeganAt: now } } : {}),
    state: 'UPLOADING',
    ticket: series.ticket + 1,
    // The time in our queue does not count against Qure.
    deliveryDeadline: waits ? series.deliveryDeadline : addSeconds(now, source.deliveryTimeoutSeconds),
    changedAt: now,
    dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
  };
}

/**
 * Its source has no room for the series, or is stopped. The wait for room is ours, not Qure's: it moves the deadline of what is
 * under way, by no more than itself, or a series that Qure never takes would come to no end between other ones. The
 * wait for credentials is not, and ends at the deadline.
 */
export function holdBack<S extends SeriesUnderWay>(
  series: S,
  heldBack: HeldBack,
  waitSeconds: number,
  now: Instant,
): S {
  const dueAt = addSeconds(now, waitSeconds + STAGE_GRACE_SECONDS);
  const deliveryDeadline = isStopReason(heldBack.reason)
    ? series.deliveryDeadline
    : addSeconds(series.deliveryDeadline, waitSeconds);
  return { ...series, heldBack, ticket: series.ticket + 1, deliveryDeadline, dueAt };
}

/** The next run of the compute stage goes on with what has begun; it takes the next ticket, too. */
export function resumeUploading(
  { heldBack, ...series }: UploadingSeries,
  now: Instant,
  isProbe = false,
): UploadingSeries {
  const waits = isProbe ? defined({ heldBack }) : {};
  return { ...series, ...waits, ticket: series.ticket + 1, dueAt: addSeconds(now, STAGE_GRACE_SECONDS) };
}

/** Back to the compute stage, because Qure took back what it had acknowledged. */
function restart(
  series: UploadingSeries | ComputingSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return {
    ...routedFields(series),
    ...withoutAcceptance(series),
    state: 'UPLOADING',
    ticket: series.ticket + 1,
    restarts: series.restarts + 1,
    deliveryDeadline: laterOf(series.deliveryDeadline, addSeconds(now, source.deliveryTimeoutSeconds)),
    changedAt: now,
    dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
  };
}

/** Qure lacks what it had registered (404): everything is uploaded again. */
export function uploadAgain(
  series: UploadingSeries | ComputingSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return { ...restart(series, source, now), uploadRound: series.uploadRound + 1 };
}

/** Qure says that it was never asked to compute the series (409): the instances stay, the call is made again. */
export function computeAgain(
  series: ComputingSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return restart(series, source, now);
}

/** Qure has accepted this generation, or starts by itself; results are polled from here on. */
export function startComputing(
  series: UploadingSeries,
  compute: StoredComputeResponse | undefined,
  source: Pick<Source, 'resultsTimeoutSeconds'>,
  now: Instant,
  {
    replacedUnconfirmed = 0,
    firstPollSeconds = 0,
    pollPlan,
  }: Pick<ComputingSeries, 'replacedUnconfirmed' | 'pollPlan'> & { firstPollSeconds?: number } = {},
): ComputingSeries {
  const { isRecompute: _done, replacedUnconfirmed: _old, pollPlan: _before, ...rest } = routedFields(series);
  const earlier = earlierAnswerOf(series);
  const computing = withEvent<ComputingSeries>(
    {
      ...commonFields(series),
      ...rest,
      ...(replacedUnconfirmed === 0 ? {} : { replacedUnconfirmed }),
      state: 'COMPUTING',
      ticket: series.ticket + 1,
      accepted: {
        generation: series.generation,
        fingerprint: series.fingerprint,
        at: now,
        ...(compute === undefined ? {} : { compute }),
      },
      ...(compute === undefined ? {} : { compute }),
      resultsDeadline: addSeconds(now, source.resultsTimeoutSeconds),
      ...defined({ earlier, pollPlan }),
      changedAt: now,
    },
    'Series Computing',
  );
  return { ...computing, dueAt: addSeconds(now, firstPollSeconds + STAGE_GRACE_SECONDS) };
}

/** Result JSON and every asset are stored. */
export function finish(
  series: ComputingSeries,
  {
    superseded,
    news = [],
    digest,
    product = series.product,
    isWhole = true,
    ...result
  }: AnswerFacts &
    Pick<
      DoneSeries,
      'resultFiles' | 'triageStatus' | 'isInvalidScan' | 'unreadInstances' | 'sameAsGeneration' | 'findings'
    > & {
      digest?: string;
      /** That answered, where it is another one than the series was routed to. */
      product?: Product;
      /** `false`: Qure may still compute some of the instances, which were not waited for any longer. */
      isWhole?: boolean;
      /** What else the result tells, to be announced with it. */
      news?: readonly OutboxEvent[];
      /** The result of an earlier generation, which this one stands in place of. */
      superseded?: EarlierResult;
    },
  now: Instant,
): DoneSeries {
  const { generation, studyInstanceUid } = series;
  const done = withEvent<DoneSeries>(
    {
      ...commonFields(series),
      ...routedFields(series),
      ...computeOf(series),
      ...withAnswer(series, now, digest),
      ...(isWhole ? {} : defined({ accepted: series.accepted })),
      ...(digest === undefined ? {} : { lastResult: { generation, studyInstanceUid, digest, at: now } }),
      ...result,
      ...(product === series.product ? {} : { product, routedProduct: series.product }),
      resultFiles: boundedFiles(result.resultFiles),
      state: 'DONE',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Done',
  );
  const told = { ...done, outbox: [...done.outbox, ...news] };
  return superseded === undefined ? told : withSuperseded(told, superseded);
}

/** Qure's final word on the scan: a 400, or an answer that says that Qure has not read it. */
export function refuse(
  series: UploadingSeries | ComputingSeries,
  { digest, ...verdict }: AnswerFacts & { reason: VerdictReason; detail?: string; digest?: string },
  now: Instant,
): UnsupportedSeries {
  return withEvent<UnsupportedSeries>(
    {
      ...commonFields(series),
      ...routedFields(series),
      ...computeOf(series),
      ...withAnswer(series, now, digest),
      ...verdict,
      state: 'UNSUPPORTED',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Unsupported',
  );
}

/** What a failure keeps of Qure's answer; triage and findings only where the answer itself counts. */
export type FailedAnswer = AnswerFacts &
  Pick<FailedSeries, 'triageStatus' | 'findings'> & { digest?: string };

/** A person has to look; `retry` leads back. */
export function fail(
  series: SeriesUnderWay,
  {
    reason,
    detail,
    resultFiles = [],
    answer,
  }: {
    reason: FailureReason;
    detail: string;
    resultFiles?: string[];
    /** Qure's answer, where it is its answer that failed, or an asset of it. */
    answer?: FailedAnswer;
  },
  now: Instant,
): FailedSeries {
  const { digest, ...facts } = answer ?? {};
  return withEvent<FailedSeries>(
    {
      ...commonFields(series),
      ...routedFields(series),
      ...computeOf(series),
      ...(answer === undefined ? {} : withAnswer(series, now, digest)),
      ...facts,
      // What Qure disowned counts no more, neither for a retry nor for a later generation.
      uploadRound: series.uploadRound + (LOST_AT_QURE.includes(reason) ? 1 : 0),
      reason,
      detail,
      resultFiles: boundedFiles(resultFiles),
      state: 'FAILED',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Failed',
  );
}
