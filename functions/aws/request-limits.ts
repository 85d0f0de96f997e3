/**
 * Longer than any answer of AWS takes, and three tries are shorter than a run of the indexer. The SDK has no limit of its own: a request
 * that is never answered would take all the time of its run. After one of these the SDK asks again. Source: AWS SDK for JavaScript v3,
 * `NodeHttpHandlerOptions`.
 */
const LONGEST_ANSWER_MS = 15_000;

/** Of the clients of all services. */
export const REQUEST_LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: LONGEST_ANSWER_MS,
  throwOnRequestTimeout: true,
  /** Without a byte in either direction. */
  socketTimeout: LONGEST_ANSWER_MS,
} as const;

/** Of a client of S3 whose objects are read as fast as Qure takes them: it may take nothing for 60 s (`functions/qure/client/client.ts`). */
export const SLOWLY_READ_LIMITS = { ...REQUEST_LIMITS, socketTimeout: 90_000 } as const;

/** Of a client of S3 that stores results: its answer comes after the last byte. */
export const LARGE_WRITE_LIMITS = { ...REQUEST_LIMITS, requestTimeout: 60_000 } as const;
