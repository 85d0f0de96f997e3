import type { Duration } from 'aws-cdk-lib';

/** The metrics of the pipeline; docs/metrics.md explains each. */
export enum PipelineMetric {
  /** Instances whose rows were written. */
  OBJECTS_INDEXED = 'ObjectsIndexed',
  /** Objects that could not be indexed. */
  OBJECTS_QUARANTINED = 'ObjectsQuarantined',
  /** Objects that S3 refused to the reconciliation. */
  OBJECTS_UNREADABLE = 'ObjectsUnreadable',
  /** Series in a batch whose patient could not be kept, with `phi: show`. */
  PATIENTS_NOT_KEPT = 'PatientsNotKept',
  /** Series judged complete. */
  SERIES_COMPLETED = 'SeriesCompleted',
  /**
   * 1 for each learned series that its sender's habit calls, or would have called, complete too early, otherwise 0: the average is
   * the share.
   */
  SERIES_MISJUDGED = 'SeriesMisjudged',
  /** Series whose results are stored. */
  SERIES_DONE = 'SeriesDone',
  /** Series that no product takes. */
  SERIES_SKIPPED = 'SeriesSkipped',
  /** Series that Qure refused for good. */
  SERIES_UNSUPPORTED = 'SeriesUnsupported',
  /** Series that need manual action. */
  SERIES_FAILED = 'SeriesFailed',
  /** Checks of series whose results are later than the service level of their source. */
  SERIES_OVERDUE = 'SeriesOverdue',
  /** Findings about CT series as volumes (missing slices, gaps, …). */
  QUALITY_FINDINGS = 'QualityFindings',
  /** Series outside the clearances of their products. */
  OUTSIDE_INDICATIONS = 'OutsideIndications',
  /** Results that show another version of a model than those before. */
  MODEL_VERSION_CHANGES = 'ModelVersionChanges',
  /** Series that wait for a limit of their source, or since it is stopped. */
  SERIES_HELD_BACK = 'SeriesHeldBack',
  /** Bytes that Qure has registered. */
  UPLOADED_BYTES = 'UploadedBytes',
  /** Answers of Qure to compute calls, of any kind. */
  COMPUTE_ANSWERS = 'ComputeAnswers',
  /** From the last instance until Qure computes the series. */
  SECONDS_TO_COMPUTE = 'SecondsToCompute',
  /** From the last instance until its results are stored. */
  SECONDS_TO_RESULT = 'SecondsToResult',
  /** 1 while the calls of a source are stopped; of one source there is no value while they are not. */
  OPEN_CIRCUITS = 'OpenCircuits',
  /** Messages that a function has moved to the dead letters. Those that SQS moves itself are counted only by the queues. */
  DEAD_LETTERS = 'DeadLetters',
  /** Overdue series for which the sweep has sent a message. */
  SWEPT_SERIES = 'SweptSeries',
  /** 1 for a run of the canary whose scan had its result in time, otherwise 0. */
  CANARY_SUCCEEDED = 'CanarySucceeded',
  /** How long the scan of the canary took. */
  CANARY_SECONDS = 'CanarySeconds',
}

/** Of one source, or of the whole deployment. */
export interface PipelineMetricOptions {
  /**
   * The name of a deployed source.
   * @default - the whole deployment
   */
  readonly source?: string;
  /**
   * The period.
   * @default Duration.minutes(5)
   */
  readonly period?: Duration;
  /**
   * The statistic.
   * @default - the sum, for durations the 95th percentile
   */
  readonly statistic?: string;
  /**
   * The label in a graph.
   * @default - CloudWatch makes one
   */
  readonly label?: string;
  /**
   * The colour in a graph.
   * @default - CloudWatch takes one
   */
  readonly color?: string;
}
