import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MetricName, MetricsBySource } from '../../functions/shared/metrics.ts';
import { PipelineMetrics } from './pipeline-metrics.ts';

/** Of the whole deployment. By default the sum of five minutes; for durations the 95th percentile. */
export type DeploymentMetricOptions = Omit<MetricOptions, 'dimensionsMap'>;

/** Of one source, or of the whole deployment. */
export type SourceMetricOptions = DeploymentMetricOptions & { source?: string };

/**
 * The metrics of the pipeline, for alarms and dashboards of an app; docs/metrics.md explains each. They throw for a
 * source that is not deployed, because its alarm would never have data.
 */
export abstract class MeasuredConstruct extends Construct {
  abstract readonly appName: string;

  /** The metrics that the deployment keeps for each source. */
  protected metricsKeptBySource(): MetricsBySource {
    return 'all';
  }

  /** Throws for a source that is not deployed. */
  protected abstract expectSource(sourceName: string): void;

  /** Instances whose rows were written. */
  metricObjectsIndexed(options?: SourceMetricOptions): Metric {
    return this.bySource('ObjectsIndexed', options);
  }

  /** Objects that could not be indexed. */
  metricObjectsQuarantined(options?: SourceMetricOptions): Metric {
    return this.bySource('ObjectsQuarantined', options);
  }

  /** Objects that S3 refused to the reconciliation. */
  metricObjectsUnreadable(options?: SourceMetricOptions): Metric {
    return this.bySource('ObjectsUnreadable', options);
  }

  /** Series in a batch whose patient could not be kept, with `phi: 'show'`. */
  metricPatientsNotKept(options?: SourceMetricOptions): Metric {
    return this.bySource('PatientsNotKept', options);
  }

  /** Series judged complete. */
  metricSeriesCompleted(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesCompleted', options);
  }

  /**
   * 1 for each learned series that its sender's habit calls, or would have called, complete too early, otherwise 0: the average is
   * the share.
   */
  metricSeriesMisjudged(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesMisjudged', options);
  }

  /** Series whose results are stored. */
  metricSeriesDone(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesDone', options);
  }

  /** Series that no product takes. */
  metricSeriesSkipped(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesSkipped', options);
  }

  /** Series that Qure refused for good. */
  metricSeriesUnsupported(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesUnsupported', options);
  }

  /** Series that need manual action. */
  metricSeriesFailed(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesFailed', options);
  }

  /** Checks of series whose results are later than the service level of their source. */
  metricSeriesOverdue(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesOverdue', options);
  }

  /** Findings about CT series as volumes (missing slices, gaps, …). */
  metricQualityFindings(options?: SourceMetricOptions): Metric {
    return this.bySource('QualityFindings', options);
  }

  /** Series outside the clearances of their products. */
  metricOutsideIndications(options?: SourceMetricOptions): Metric {
    return this.bySource('OutsideIndications', options);
  }

  /** Results that show another version of a model than those before. */
  metricModelVersionChanges(options?: SourceMetricOptions): Metric {
    return this.bySource('ModelVersionChanges', options);
  }

  /** Series that wait for a limit of their source, or since it is stopped. */
  metricSeriesHeldBack(options?: SourceMetricOptions): Metric {
    return this.bySource('SeriesHeldBack', options);
  }

  /** Bytes that Qure has registered. */
  metricUploadedBytes(options?: SourceMetricOptions): Metric {
    return this.bySource('UploadedBytes', options);
  }

  /** Answers of Qure to compute calls, of any kind. */
  metricComputeAnswers(options?: SourceMetricOptions): Metric {
    return this.bySource('ComputeAnswers', options);
  }

  /** From the last instance until Qure computes the series. */
  metricSecondsToCompute(options?: SourceMetricOptions): Metric {
    return this.bySource('SecondsToCompute', options);
  }

  /** From the last instance until its results are stored. */
  metricSecondsToResult(options?: SourceMetricOptions): Metric {
    return this.bySource('SecondsToResult', options);
  }

  /** 1 while the calls of a source are stopped; of one source there is no value while they are not. @default the maximum of five minutes */
  metricOpenCircuits(options?: SourceMetricOptions): Metric {
    return this.bySource('OpenCircuits', options);
  }

  /**
   * Messages that a function has moved to the dead letters. Those that SQS moves itself are counted only by the queues.
   */
  metricDeadLetters(options?: DeploymentMetricOptions): Metric {
    return this.ofAll('DeadLetters', options);
  }

  /** Overdue series for which the sweep has sent a message. */
  metricSweptSeries(options?: DeploymentMetricOptions): Metric {
    return this.ofAll('SweptSeries', options);
  }

  /** 1 for a run of the canary whose scan had its result in time, otherwise 0. */
  metricCanarySucceeded(options?: SourceMetricOptions): Metric {
    return this.bySource('CanarySucceeded', options);
  }

  /** How long the scan of the canary took. */
  metricCanarySeconds(options?: SourceMetricOptions): Metric {
    return this.bySource('CanarySeconds', options);
  }

  private bySource(name: MetricName, { source, ...options }: SourceMetricOptions = {}): Metric {
    if (source === undefined) return this.ofAll(name, options);
    this.expectSource(source);
    const metrics = new PipelineMetrics(this.appName, this.metricsKeptBySource());
    return metrics.of(name, { ...options, dimensions: { source } });
  }

  private ofAll(name: MetricName, options: DeploymentMetricOptions = {}): Metric {
    return new PipelineMetrics(this.appName).of(name, options);
  }
}
