/** The queues of the pipeline, by the names that alarms, dead letters and the HTTP API have for them. */
export const QUEUED_STAGES = [
  'ingest',
  'completion',
  'compute',
  'results',
  'urgentCompute',
  'urgentResults',
] as const;
export type QueuedStage = (typeof QUEUED_STAGES)[number];
