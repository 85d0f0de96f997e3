import type { QueuedStage } from '../functions/shared/stages.ts';

/** The limits of a stage, or of its priority queue: each has a queue and an event source mapping of its own. */
export interface StageLimits {
  timeoutSeconds: number;
  memoryMb: number;
  /** Messages for one invocation, at most: a poller takes what is there. For more than 10 it has to wait a second. */
  batchSize: number;
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
  maxReceives: 5,
};

/** One poll, and on a final answer the download of every asset. */
const RESULTS = {
  timeoutSeconds: 300,
  memoryMb: 512,
  batchSize: 1,
  maxReceives: 5,
};

/**
 * At most 50 + 20 + 10 + 4 + 20 + 10 = 114 invocations at once, and the sweep and the API beside them: the account's limit for
 * concurrent executions (1,000 unless it is new or shared) has to leave so many free, else Lambda throttles all queues alike.
 * No function has reserved concurrency: the mappings limit what each queue uses. A reservation must cover at least the sum of
 * a function's queues (compute 14, results 30), or the routine queue would throttle the priority queue. Source: AWS Lambda developer guide, "Configuring maximum concurrency".
 */
export const STAGES = {
  /**
   * Under load a batch is full; otherwise no scan and no marker waits for one (docs/decisions/0043-no-window-before-the-index.md).
   * Many runs at once make up for the small batches.
   */
  ingest: {
    timeoutSeconds: 60,
    memoryMb: 512,
    batchSize: 10,
    maxConcurrency: 50,
    // Each receive that Lambda throttles counts, and an S3 event is not sent again: these are half an hour.
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
