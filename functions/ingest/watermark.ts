import type { SQSRecord } from 'aws-lambda';
import { type DeadLetterCause, isForDeadLetters } from '../shared/dead-letter-cause.ts';
import type { Log } from '../shared/log.ts';
import { errorFields } from '../shared/log.ts';
import { type Clock, type Instant, secondsBetween } from '../shared/time.ts';

/**
 * The watermark of the ingest queue: events that SQS had before this instant are handled. SQS promises no order, but a queue
 * without message groups is first-in, first-out within seconds. The watermark is therefore the age of the oldest event of a
 * batch, and the lowest one of all runs counts: a young event that SQS gives out early does not raise it. On one machine the sources
 * are groups, and a batch begins with the oldest event that was never received.
 */
export interface WatermarkStore {
  load(): Promise<Instant | undefined>;
  /** A lower watermark replaces the stored one at once, a higher one only after `WATERMARK_SECONDS`. */
  save(watermark: Instant, now: Instant): Promise<void>;
}

/** How long the lowest watermark of all runs counts, and how often a process saves its own: ten writes a second at most. */
export const WATERMARK_SECONDS = 5;

/** How many S3 events wait to be received. */
export type CountWaitingDrops = () => Promise<number>;

export interface IngestProgress {
  countWaitingDrops: CountWaitingDrops;
  watermark: WatermarkStore;
}

/**
 * Up to when the events are handled: now, if none waits. Events that a run works on do not count as waiting: there are always
 * some, and they are as young as the run. `undefined`: not known, as after a deployment that brings the watermark.
 */
export async function handledUpTo(
  { countWaitingDrops, watermark }: IngestProgress,
  now: Instant,
): Promise<Instant | undefined> {
  return (await countWaitingDrops()) === 0 ? now : watermark.load();
}

type Delivery = Pick<SQSRecord, 'messageId' | 'attributes'>;

/**
 * The watermark of a batch: when SQS received the oldest of its events. Redeliveries say nothing about the queue; an event that
 * failed does, since newer ones of its source may wait behind it. `undefined` where all failed, or AWS refused something: most of
 * such a queue may be waiting for its next delivery.
 */
export function watermarkOf(
  deliveries: readonly Delivery[],
  failures: ReadonlyMap<string, DeadLetterCause>,
  now: Instant,
): Instant | undefined {
  const first = deliveries.filter(({ attributes }) => attributes.ApproximateReceiveCount === '1');
  if (first.some(({ messageId }) => isOfAws(failures.get(messageId)))) return undefined;
  if (first.every(({ messageId }) => failures.has(messageId))) return undefined;
  const oldestMs = Math.min(
    Date.parse(now),
    ...first.map(({ attributes }) => Number(attributes.SentTimestamp)),
  );
  return Number.isFinite(oldestMs) ? new Date(oldestMs).toISOString() : undefined;
}

/** Not the sender's, nor that of a source whose parameter has mistakes: these would hold back all other sources. */
function isOfAws(cause: DeadLetterCause | undefined): boolean {
  const isOfOne = cause === 'misconfigured_source' || cause === 'object_unreadable';
  return cause !== undefined && !isOfOne && !isForDeadLetters(cause, 1, 2);
}

export interface WatermarkDeps {
  watermark: WatermarkStore;
  clock: Clock;
  log: Log;
}

/** Saves the lowest watermark of the batches, at most every `WATERMARK_SECONDS` in one process. Series wait longer where this fails. */
export function createWatermarkKeeper({ watermark, clock, log }: WatermarkDeps) {
  let savedAt: Instant | undefined;
  let lowest: Instant | undefined;
  return async (deliveries: readonly Delivery[], failures: ReadonlyMap<string, DeadLetterCause>) => {
    const now = clock().toISOString();
    const own = watermarkOf(deliveries, failures, now);
    if (own !== undefined && (lowest === undefined || own < lowest)) lowest = own;
    const isEarly = savedAt !== undefined && secondsBetween(savedAt, now) < WATERMARK_SECONDS;
    if (lowest === undefined || isEarly) return;
    const saved = lowest;
    savedAt = now;
    lowest = undefined;
    await watermark.save(saved, now).catch((error: unknown) => {
      log('warn', 'watermark not saved', errorFields(error));
    });
  };
}
