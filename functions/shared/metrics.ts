/**
 * The numbers that the pipeline tells of itself. The one table that functions emit by and that alarms, the dashboard and the
 * helpers of `infra/` read by: a name that stands on one side alone does not compile. Imports nothing, since both sides
 * import it.
 */

/** What a number can be told apart by. Few values each: CloudWatch charges for every combination, so never a UID or a key. */
export const METRIC_DIMENSIONS = {
  source: 'Source',
  product: 'Product',
  evidence: 'Evidence',
  status: 'Status',
  stage: 'Stage',
  cause: 'Cause',
  reason: 'Reason',
  usecase: 'Usecase',
} as const;
export type MetricDimension = keyof typeof METRIC_DIMENSIONS;

/** As CloudWatch names them. Source: Amazon CloudWatch API reference, "MetricDatum". */
export type MetricUnit = 'Count' | 'Bytes' | 'Seconds';

export interface MetricDefinition {
  unit: MetricUnit;
  /** The sets under which the metric is kept beside the one of the whole deployment (`App` alone). */
  dimensions: readonly (readonly MetricDimension[])[];
}

export const METRIC_NAMESPACE = 'QureDropoff';

/** Holds the name of the deployment; every metric has it. */
export const APP_DIMENSION = 'App';

/** Each is explained in docs/metrics.md. */
export const METRICS = {
  ObjectsIndexed: { unit: 'Count', dimensions: [['source']] },
  ObjectsQuarantined: { unit: 'Count', dimensions: [['source'], ['reason']] },
  ObjectsUnreadable: { unit: 'Count', dimensions: [['source']] },
  PatientsNotKept: { unit: 'Count', dimensions: [['source']] },
  SeriesCompleted: { unit: 'Count', dimensions: [['source'], ['evidence']] },
  SeriesMisjudged: { unit: 'Count', dimensions: [['source']] },
  SeriesDone: { unit: 'Count', dimensions: [['source'], ['product'], ['usecase']] },
  SeriesSkipped: { unit: 'Count', dimensions: [['source'], ['reason']] },
  SeriesUnsupported: { unit: 'Count', dimensions: [['source'], ['product'], ['reason']] },
  ModelVersionChanges: { unit: 'Count', dimensions: [['source'], ['product']] },
  SeriesFailed: { unit: 'Count', dimensions: [['source'], ['reason']] },
  SeriesOverdue: { unit: 'Count', dimensions: [['source']] },
  QualityFindings: { unit: 'Count', dimensions: [['source'], ['reason']] },
  OutsideIndications: { unit: 'Count', dimensions: [['source'], ['reason']] },
  SeriesHeldBack: { unit: 'Count', dimensions: [['source'], ['reason']] },
  UploadedBytes: { unit: 'Bytes', dimensions: [['source']] },
  ComputeAnswers: { unit: 'Count', dimensions: [['source'], ['status']] },
  SecondsToCompute: { unit: 'Seconds', dimensions: [['source'], ['product']] },
  SecondsToResult: { unit: 'Seconds', dimensions: [['source'], ['product']] },
  OpenCircuits: { unit: 'Count', dimensions: [['source']] },
  DeadLetters: { unit: 'Count', dimensions: [['stage'], ['stage', 'cause']] },
  SweptSeries: { unit: 'Count', dimensions: [] },
  CanarySucceeded: { unit: 'Count', dimensions: [['source']] },
  CanarySeconds: { unit: 'Seconds', dimensions: [['source']] },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/**
 * Which metrics are kept for each source besides the whole deployment. CloudWatch charges for each of them in each hour with a
 * value, so many sources cost more than their scans. `failures`: those that tell which source needs attention.
 */
export const METRICS_BY_SOURCE = ['all', 'failures', 'none'] as const;
export type MetricsBySource = (typeof METRICS_BY_SOURCE)[number];

const FAILURES: readonly MetricName[] = [
  'ObjectsQuarantined',
  'ObjectsUnreadable',
  'SeriesUnsupported',
  'SeriesFailed',
  'SeriesOverdue',
  'SeriesHeldBack',
  'OpenCircuits',
];

/** The canary is one source, whose alarm needs its metrics. */
export function isKeptBySource(name: MetricName, kept: MetricsBySource): boolean {
  if (kept === 'all' || name === 'CanarySucceeded' || name === 'CanarySeconds') return true;
  return kept === 'failures' && FAILURES.includes(name);
}

/**
 * Counts a fact. `value` in the metric's unit. Never throws, and answers at once. Called after the write that makes the fact
 * one: a message that comes twice then counts once, and a crash right after the write leaves the fact uncounted.
 */
export type Meter = (
  name: MetricName,
  value: number,
  dimensions?: Partial<Record<MetricDimension, string>>,
) => void;
