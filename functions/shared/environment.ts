/**
 * The environment variables of the functions. `infra/` sets them, each function's `index.ts` names its own; nothing
 * else reads `process.env`. Imported by both sides, so this file must import nothing.
 */
export const ENV = {
  /** The name of the deployment; every metric has it as a dimension. */
  appName: 'APP_NAME',
  /** `all`, `failures` or `none`: the metrics that are kept for each source. Missing: `all`. */
  metricsBySource: 'METRICS_BY_SOURCE',
  tableName: 'TABLE_NAME',
  dropBucket: 'DROP_BUCKET',
  resultsBucket: 'RESULTS_BUCKET',
  ingestQueueUrl: 'INGEST_QUEUE_URL',
  completionQueueUrl: 'COMPLETION_QUEUE_URL',
  computeQueueUrl: 'COMPUTE_QUEUE_URL',
  resultsQueueUrl: 'RESULTS_QUEUE_URL',
  urgentComputeQueueUrl: 'URGENT_COMPUTE_QUEUE_URL',
  urgentResultsQueueUrl: 'URGENT_RESULTS_QUEUE_URL',
  eventBusName: 'EVENT_BUS_NAME',
  /** JSON: the names of the queues that the function takes from and of their dead letters; see functions/recovery/dead-letters/dead-letter.ts. */
  deadLetterQueues: 'DEAD_LETTER_QUEUES',
  /** SSM path; the parameter `<path><source name>` holds that source's JSON document. Ends in `/`. */
  sourcesPath: 'SOURCES_PATH',
  /** Secrets Manager name prefix; the secret `<prefix><source name>` holds `{"baseUrl","token","source"}`. Ends in `/`. */
  secretsPrefix: 'SECRETS_PREFIX',
  /** Secrets Manager name; the secret holds the key under which patients are hashed, see functions/instances/patient-hash.ts. */
  patientKeySecret: 'PATIENT_KEY_SECRET',
  /** ARN of the KMS key under which patients are encrypted. Missing: no patient is kept or shown; see functions/instances/kept-patient.ts. */
  phiKey: 'PHI_KEY',
  /** JSON: how people sign in to the page, see functions/api/sign-in.ts. Missing: there is no sign-in. */
  signIn: 'SIGN_IN',
  /** JSON: what AWS bills of the deployment, see functions/api/month-cost.ts. Missing or empty, as on one machine: there is no bill. */
  billed: 'BILLED',
  /** JSON: what the canary drops, and when it has to be there; see functions/recovery/canary/canary.ts. */
  canary: 'CANARY',
} as const;
