import { eventIdOf, MAX_EVENT_RESULT_KEYS, type OutboxEvent, type SeriesDetailType } from './events.ts';
import type { Product } from './product.ts';
import type { StoredComputeResponse } from './qure/compute-answer.ts';
import { resultFolder } from './result-keys.ts';
import type {
  Acceptance,
  CompleteSeries,
  ComputingSeries,
  DoneSeries,
  FailedSeries,
  FailureReason,
  Judgement,
  ReceivingSeries,
  Series,
  SeriesState,
  SkippedSeries,
  TriageStatus,
  UnsupportedSeries,
  UploadingSeries,
} from './series.ts';
import type { Source } from './source.ts';
import { addSeconds, type Instant, laterOf } from './time.ts';

/**
 * The ways from one state to the next, as pure functions over rows. None of them checks the version: the store
 * saves a row only where the version that was read still stands, so whoever comes second starts over.
 */

/** A series that Qure takes back more often than this needs a person. */
export const MAX_SETBACKS = 4;

/** How long a stage may stand still before the sweep sends its message again. Longer than any wait it makes itself. */
export const STAGE_GRACE_SECONDS = 120;

function common(series: Series) {
  return {
    source: series.source,
    seriesInstanceUid: series.seriesInstanceUid,
    studyInstanceUid: series.studyInstanceUid,
    ...(series.modality === undefined ? {} : { modality: series.modality }),
    generation: series.generation,
    version: series.version,
    ticket: series.ticket,
    firstArrivalAt: series.firstArrivalAt,
    lastArrivalAt: series.lastArrivalAt,
    outbox: series.outbox,
    ...(series.accepted === undefined ? {} : { accepted: series.accepted }),
    ...(series.claim === undefined ? {} : { claim: series.claim }),
    uploadRound: series.uploadRound,
  };
}

/**
 * What stays known of a series that Qure has lost: that it accepted the set before counts no more. The claim stays: should
 * Qure have lost less than it says, a later generation must still be asked for as one, or it would be answered
 * "already pushed" and its new instances left out.
 */
function forgotten(series: Series) {
  const { accepted: _void, ...kept } = common(series);
  return { ...kept, ...(kept.claim?.isLaterGeneration === true ? { isRecompute: true } : {}) };
}

/** A row holds 400 KB; the names of more files than this are left out of it, the files themselves are stored. */
const MAX_FILE_NAMES_LENGTH = 150_000;

function boundedFiles(files: readonly string[]): string[] {
  let length = 0;
  return files.filter((file) => {
    length += file.length;
    return length <= MAX_FILE_NAMES_LENGTH;
  });
}

type RoutedSeries =
  | CompleteSeries
  | UploadingSeries
  | ComputingSeries
  | DoneSeries
  | UnsupportedSeries
  | FailedSeries;

function routed(series: RoutedSeries) {
  return {
    instances: series.instances,
    fingerprint: series.fingerprint,
    evidence: series.evidence,
    completedAt: series.completedAt,
    product: series.product,
    setbacks: series.setbacks,
    deliverBy: series.deliverBy,
    ...(series.isRecompute === undefined ? {} : { isRecompute: series.isRecompute }),
  };
}

/** Qure has given its final answer to what it accepted. */
function answered(series: Series): { accepted?: Acceptance } {
  return series.accepted === undefined ? {} : { accepted: { ...series.accepted, isAnswered: true } };
}

function computeOf(series: RoutedSeries): { compute?: StoredComputeResponse } {
  return 'compute' in series && series.compute !== undefined ? { compute: series.compute } : {};
}

/** Puts the announcement of the state that `series` has just entered into its outbox. */
function announced<S extends Series>(series: S, detailType: SeriesDetailType): S {
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

/** Other instances than those judged came: the next generation begins. */
export function reopen(series: Series, quietPeriodSeconds: number, now: Instant): ReceivingSeries {
  return {
    ...common(series),
    state: 'RECEIVING',
    generation: series.generation + 1,
    ticket: series.ticket + 1,
    lastArrivalAt: now,
    changedAt: now,
    dueAt: addSeconds(now, quietPeriodSeconds + STAGE_GRACE_SECONDS),
  };
}

/** Every instance is here and a product takes them. */
export function complete(
  series: ReceivingSeries,
  judgement: Judgement & { product: Product },
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): CompleteSeries {
  return announced<CompleteSeries>(
    {
      ...common(series),
      ...judgement,
      state: 'COMPLETE',
      ticket: series.ticket + 1,
      setbacks: 0,
      deliverBy: addSeconds(now, source.deliveryTimeoutSeconds),
      changedAt: now,
    },
    'Series Complete',
  );
}

/** Every instance is here and no product takes them. */
export function skip(
  series: ReceivingSeries,
  judgement: Judgement & { reason: string; detail?: string },
  now: Instant,
): SkippedSeries {
  return announced<SkippedSeries>(
    { ...common(series), ...judgement, state: 'SKIPPED', ticket: series.ticket + 1, changedAt: now },
    'Series Skipped',
  );
}

/** The compute stage has taken the series. */
export function startUploading(
  series: CompleteSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return {
    ...common(series),
    ...routed(series),
    state: 'UPLOADING',
    // The time in line is ours, not Qure's.
    deliverBy: addSeconds(now, source.deliveryTimeoutSeconds),
    changedAt: now,
    dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
  };
}

/** Back to the compute stage, because Qure took back what it had acknowledged. */
function setBack(
  series: UploadingSeries | ComputingSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return {
    ...routed(series),
    ...forgotten(series),
    state: 'UPLOADING',
    ticket: series.ticket + 1,
    setbacks: series.setbacks + 1,
    deliverBy: laterOf(series.deliverBy, addSeconds(now, source.deliveryTimeoutSeconds)),
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
  return { ...setBack(series, source, now), uploadRound: series.uploadRound + 1 };
}

/** Qure says that it was never asked to compute the series (409): the instances stay, the call is made again. */
export function computeAgain(
  series: ComputingSeries,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): UploadingSeries {
  return setBack(series, source, now);
}

/** Qure has accepted this generation, or starts by itself; results are polled from here on. */
export function startComputing(
  series: UploadingSeries,
  compute: StoredComputeResponse | undefined,
  source: Pick<Source, 'resultsTimeoutSeconds'>,
  now: Instant,
): ComputingSeries {
  const { isRecompute: _done, ...rest } = routed(series);
  return announced<ComputingSeries>(
    {
      ...common(series),
      ...rest,
      state: 'COMPUTING',
      ticket: series.ticket + 1,
      accepted: {
        generation: series.generation,
        fingerprint: series.fingerprint,
        at: now,
        ...(compute === undefined ? {} : { compute }),
      },
      ...(compute === undefined ? {} : { compute }),
      resultsBy: addSeconds(now, source.resultsTimeoutSeconds),
      changedAt: now,
    },
    'Series Computing',
  );
}

/** Result JSON and every asset are stored. */
export function finish(
  series: ComputingSeries,
  result: { resultFiles: string[]; triageStatus?: TriageStatus; isInvalidScan?: boolean },
  now: Instant,
): DoneSeries {
  return announced<DoneSeries>(
    {
      ...common(series),
      ...routed(series),
      ...computeOf(series),
      ...answered(series),
      ...result,
      resultFiles: boundedFiles(result.resultFiles),
      state: 'DONE',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Done',
  );
}

/** Qure's final 400: unsupported or invalid scan. */
export function refuse(
  series: UploadingSeries | ComputingSeries,
  verdict: { reason: string; detail?: string },
  now: Instant,
): UnsupportedSeries {
  return announced<UnsupportedSeries>(
    {
      ...common(series),
      ...routed(series),
      ...computeOf(series),
      ...answered(series),
      ...verdict,
      state: 'UNSUPPORTED',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Unsupported',
  );
}

/** Qure does not have what it was given. */
const DISOWNED: readonly FailureReason[] = ['receipt_mismatch', 'not_uploaded'];

/** A person has to look; `retry` leads back. */
export function fail(
  series: CompleteSeries | UploadingSeries | ComputingSeries,
  failure: { reason: FailureReason; detail: string; resultFiles?: string[] },
  now: Instant,
): FailedSeries {
  return announced<FailedSeries>(
    {
      ...common(series),
      ...routed(series),
      ...computeOf(series),
      // What Qure disowned counts no more, neither for a retry nor for a later generation.
      uploadRound: series.uploadRound + (DISOWNED.includes(failure.reason) ? 1 : 0),
      reason: failure.reason,
      detail: failure.detail,
      resultFiles: boundedFiles(failure.resultFiles ?? []),
      state: 'FAILED',
      ticket: series.ticket + 1,
      changedAt: now,
    },
    'Series Failed',
  );
}

export type RetryRequest = { recompute?: boolean; product?: Product };
export type RetryOutcome =
  | { kind: 'retried'; series: CompleteSeries }
  | { kind: 'refused'; state: SeriesState; why: string };

/**
 * A person asks for the series again. A plain retry goes on with the same generation: what Qure already has is not
 * uploaded again, what it already accepted is not computed again. With `recompute`, and with another product, a new
 * generation begins and Qure is asked to compute the same instances again.
 */
export function retry(
  series: Series,
  request: RetryRequest,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): RetryOutcome {
  const refused = (why: string): RetryOutcome => ({ kind: 'refused', state: series.state, why });
  switch (series.state) {
    case 'RECEIVING':
      return refused('its instances are still arriving; it is judged complete by itself');
    case 'COMPLETE':
    case 'UPLOADING':
    case 'COMPUTING':
      return refused('it is being worked on; wait for a final state');
    case 'DONE':
      if (
        request.recompute !== true &&
        (request.product === undefined || request.product === series.product)
      ) {
        return refused('its results are stored; send {"recompute": true} to compute it again');
      }
      break;
    case 'SKIPPED':
      if (request.product === undefined) {
        return refused(
          'no rule gives it a product; send {"product": "qER" | "qCT" | "qXR" | "qMSK"} to force one',
        );
      }
      break;
    case 'UNSUPPORTED':
    case 'FAILED':
      break;
    default:
      return series satisfies never;
  }
  const product = request.product ?? ('product' in series ? series.product : undefined);
  if (product === undefined) return refused('it has no product; name one');
  const isOtherProduct = 'product' in series && series.product !== product;
  const startsGeneration = request.recompute === true || isOtherProduct || series.state === 'DONE';
  return {
    kind: 'retried',
    series: {
      ...(isDisowned(series) ? forgotten(series) : common(series)),
      instances: series.instances,
      fingerprint: series.fingerprint,
      evidence: series.evidence,
      completedAt: series.completedAt,
      state: 'COMPLETE',
      product,
      generation: startsGeneration ? series.generation + 1 : series.generation,
      ticket: series.ticket + 1,
      // What failed for a count or a missing upload is brought once more as a whole.
      setbacks: 0,
      // Also where an earlier request to compute again was not carried out.
      ...(startsGeneration || ('isRecompute' in series && series.isRecompute === true)
        ? { isRecompute: true }
        : {}),
      deliverBy: addSeconds(now, source.deliveryTimeoutSeconds),
      changedAt: now,
      dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
    },
  };
}

function isDisowned(series: Series): boolean {
  return series.state === 'FAILED' && DISOWNED.includes(series.reason);
}
