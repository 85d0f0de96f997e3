/**
 * What the bench cannot count, because it is the network's, the scanner's or Qure's. Each is printed with the tables;
 * docs/costs.md says what it changes.
 */

/** Bytes of what a sender drops, and of what Qure answers with. */
export const SIZES = {
  CT: { instanceBytes: 500_000, resultBytes: 10_000_000 },
  'X-ray': { instanceBytes: 10_000_000, resultBytes: 2_000_000 },
} as const;
export type Kind = keyof typeof SIZES;

/** From the upload to the result. */
export const COMPUTE_SECONDS = 180;

/** A run begins and ends its batch in this time; the rest of its time is by object. */
export const INGEST_RUN_SECONDS = 0.3;
export const SCHEDULED_RUN_SECONDS = { sweep: 0.5, reconcile: 0.3, canary: 2 } as const;

/** START, END and REPORT of a run, in JSON. */
export const PLATFORM_LOG_BYTES = 900;

/** Long polls of 20 s that Lambda keeps open at a queue without messages. Source: AWS Lambda developer guide, "Polling and batching streams". */
export const IDLE_POLLERS = 5;
export const LONG_POLL_SECONDS = 20;

/** Data keys that are renewed every five minutes while there is work: of twelve queues, both ways, and of table and buckets. */
export const DATA_KEYS = { inUse: 30, renewedEverySeconds: 300 } as const;

/** X-Ray records the first request of each second and one of twenty of the others; this is the upper bound. */
export const SHARE_OF_TRACES = 1;

/** How much longer it takes to send one file after the other: docs/benchmarks.md, upload with answers at once. */
export const NAIVE_UPLOAD_FACTOR = 2.3;
export const NAIVE_POLL_SECONDS = 5;

export const HOURS_A_MONTH = 730;
export const DAYS_A_MONTH = HOURS_A_MONTH / 24;
export const GB = 1_000_000_000;
