import { Duration } from 'aws-cdk-lib';
import type { QueuedStage } from '../functions/shared/stages.ts';

/**
 * Every number of the deployment that depends on another one. Seconds, unless the name says otherwise.
 */

/**
 * A message must stay invisible for longer than its function can run. Otherwise a second invocation gets it while the
 * first still works. Lambda refuses a mapping whose queue is shorter than the function's timeout; the margin also
 * covers the batching window and the time of the poller.
 */
const VISIBILITY_MARGIN_SECONDS = 30;

/** The limits of a stage, or of its priority queue: each has a queue and an event source mapping of its own. */
export interface StageLimits {
  timeoutSeconds: number;
  memoryMb: number;
  /** Messages for one invocation. */
  batchSize: number;
  /** How long the poller gathers a batch. SQS requires 1 or more for batches over 10. */
  batchingWindowSeconds: number;
  /** Parallel invocations, by the event source mapping: further messages wait without using receives. */
  maxConcurrency: number;
  /** Receives before a message goes to the dead-letter queue. AWS advises 5 or more for Lambda. */
  maxReceives: number;
  /** The age of the oldest message at which the alarm begins. */
  backlogAlarmSeconds: number;
}

/** Streams a series to Qure for as long as Lambda allows, and sends itself a message for the rest. */
const COMPUTE = {
  timeoutSeconds: 900,
  memoryMb: 1024,
  batchSize: 1,
  batchingWindowSeconds: 0,
  maxReceives: 5,
};

/** One poll, and on a final answer the download of every asset. */
const RESULTS = {
  timeoutSeconds: 300,
  memoryMb: 512,
  batchSize: 1,
  batchingWindowSeconds: 0,
  maxReceives: 5,
};

/**
 * At most 20 + 20 + 10 + 4 + 20 + 10 = 84 invocations at once, and the sweep and the API beside them: the account's limit for
 * concurrent executions (1,000 unless it is new or shared) has to leave so many free, else Lambda throttles all queues alike.
 * No function has reserved concurrency: the mappings limit what each queue uses. A reservation must cover at least the sum of
 * a function's queues (compute 14, results 30), or the routine queue would throttle the priority queue. Source: AWS Lambda developer guide, "Configuring maximum concurrency".
 */
export const STAGES = {
  /**
   * A batch of a hundred headers needs one update per series instead of a hundred. Receives are cheap here, and a throttled
   * bucket needs time, hence more than usual.
   */
  ingest: {
    timeoutSeconds: 60,
    memoryMb: 1024,
    batchSize: 100,
    batchingWindowSeconds: 1,
    maxConcurrency: 20,
    // Each receive that Lambda throttles counts, and no one sends an S3 event again: these are half an hour.
    maxReceives: 20,
    backlogAlarmSeconds: 15 * 60,
  },
  /**
   * Counts the rows of a series. A marker may cover thousands of objects, hence the five minutes; other checks take milliseconds
   * and must not wait for such a marker, hence twenty at once.
   */
  completion: {
    timeoutSeconds: 300,
    memoryMb: 512,
    batchSize: 10,
    batchingWindowSeconds: 0,
    maxConcurrency: 20,
    maxReceives: 5,
    // Longer than the longest delay of a message (15 min) and a whole visibility timeout.
    backlogAlarmSeconds: 30 * 60,
  },
  compute: {
    ...COMPUTE,
    // Each run streams several files at once; more than ten could overload Qure or exceed the hospital's licence.
    maxConcurrency: 10,
    // Longer than several consecutive full runs (15 min each).
    backlogAlarmSeconds: 60 * 60,
  },
  results: {
    ...RESULTS,
    maxConcurrency: 20,
    // Longer than the longest delay of a message (15 min) and a whole visibility timeout.
    backlogAlarmSeconds: 30 * 60,
  },
  /**
   * The priority queue of compute. At two minutes for a head CT four at once are 120 an hour, more than an emergency department
   * scans. Qure sees 14 series at once at most instead of 10.
   */
  urgentCompute: {
    ...COMPUTE,
    maxConcurrency: 4,
    // Longer than the longest delay of a message (15 min) and a whole visibility timeout (15.5 min).
    backlogAlarmSeconds: 35 * 60,
  },
  /** The priority queue of results: a poll takes a second, the download of assets some more. */
  urgentResults: {
    ...RESULTS,
    maxConcurrency: 10,
    // As for the routine queue.
    backlogAlarmSeconds: 30 * 60,
  },
} as const satisfies Record<QueuedStage, StageLimits>;

export type StageName = QueuedStage;
export type AllStageLimits = Readonly<Record<StageName, StageLimits>>;

/** See `VISIBILITY_MARGIN_SECONDS`. */
export function visibilityTimeoutOf({ timeoutSeconds }: StageLimits): Duration {
  return Duration.seconds(timeoutSeconds + VISIBILITY_MARGIN_SECONDS);
}

/** The longest retention of SQS: enough for a weekend and the week after it to handle a dead letter. */
export const MESSAGE_RETENTION = Duration.days(14);

/**
 * One run ends before the next one starts. Each resumes the pass of the day, or finds that it has ended: 14 of every 15 minutes
 * are enough for millions of objects a day.
 */
export const RECONCILE = { everyMinutes: 15, timeoutSeconds: 840, memoryMb: 512 };

/** One sweep ends before the next one starts. */
export const SWEEP = { everyMinutes: 1, timeoutSeconds: 60, memoryMb: 512 };

/** A study an hour, which normally is final within minutes. A run puts 25 small objects and reads some rows. */
export const CANARY = { everyMinutes: 60, withinMinutes: 30, timeoutSeconds: 120, memoryMb: 512 };

/** API Gateway ends an integration after 30 seconds. */
export const API = { timeoutSeconds: 30, memoryMb: 512 };

/**
 * Requests per second of all callers together, and at one moment. A call takes well under a second, so these are some 20
 * invocations beside the 84 of the queues; further callers get 429 and retry.
 */
export const HTTP_API_THROTTLE = { rateLimit: 20, burstLimit: 40 };

/** An interrupted sender may resume its multipart upload within a week; afterwards the parts only cost money. */
export const ABANDONED_UPLOAD_RETENTION = Duration.days(7);

/** An object that was overwritten or deleted by mistake can be restored for so long. */
export const NONCURRENT_VERSION_RETENTION = Duration.days(30);

/** Access logs are kept for a year of audits. */
export const ACCESS_LOG_RETENTION = Duration.days(365);

/** Alarms evaluate whole minutes: SQS and Lambda publish their metrics once a minute. */
export const ALARM_PERIOD = Duration.minutes(1);

/** The longest wait between two checks of a series is a delay of 15 minutes (SQS) and the delay of the sweep. */
export const LATE_RESULTS_PERIOD = Duration.minutes(15);

/** A few reports and thumbnails beside the scans are usual; so many in an hour indicate a wrong export. */
export const QUARANTINE_FLOOD = { objects: 500, period: Duration.hours(1) };
