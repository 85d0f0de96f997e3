import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  APP_DIMENSION,
  isKeptBySource,
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  METRICS,
  type MetricDefinition,
  type MetricDimension,
  type MetricName,
  type MetricsBySource,
  type MetricUnit,
} from '../../functions/shared/metrics.ts';

export interface PipelineMetricProps extends Omit<MetricOptions, 'dimensionsMap'> {
  /** One of the dimension sets of the metric. @default the whole deployment */
  dimensions?: Partial<Record<MetricDimension, string>>;
}

const PERIOD = Duration.minutes(5);

const STATISTICS: Record<MetricUnit, string> = {
  Count: Stats.SUM,
  Bytes: Stats.SUM,
  Seconds: Stats.percentile(95),
};

/**
 * The metrics of the functions, for alarms and dashboards. By default of five minutes: the sum, for durations the 95th
 * percentile.
 */
export class PipelineMetrics {
  private readonly appName: string;
  private readonly kept: MetricsBySource;

  constructor(appName: string, kept: MetricsBySource = 'all') {
    this.appName = appName;
    this.kept = kept;
  }

  /** Whether the functions emit a metric for each source. */
  isBySource(name: MetricName): boolean {
    return isKeptBySource(name, this.kept);
  }

  /** @throws Error for dimensions that the functions do not emit for this metric: it would never have a value */
  of(name: MetricName, { dimensions = {}, ...options }: PipelineMetricProps = {}): Metric {
    const asked = Object.entries(dimensions) as [MetricDimension, string][];
    const set = setOf(
      name,
      asked.map(([dimension]) => dimension),
    );
    if ('source' in dimensions && !this.isBySource(name)) {
      throw new Error(
        `Expected ${name} of the whole deployment, because metricsBySource is "${this.kept}". Leave out the source, or set it to "all".`,
      );
    }
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      statistic: defaultStatistic(name),
      period: PERIOD,
      ...options,
      dimensionsMap: {
        [APP_DIMENSION]: this.appName,
        ...Object.fromEntries(set.map((dimension) => [METRIC_DIMENSIONS[dimension], dimensions[dimension]])),
      },
    });
  }

  /** A line for each existing value of a dimension, for a dashboard. */
  each(name: MetricName, dimension: MetricDimension, statistic = defaultStatistic(name)): MathExpression {
    const title = METRIC_DIMENSIONS[dimension];
    setOf(name, [dimension]);
    const schema = `{${METRIC_NAMESPACE},${APP_DIMENSION},${title}}`;
    const search = `${schema} MetricName="${name}" ${APP_DIMENSION}="${this.appName}"`;
    return new MathExpression({
      expression: `SEARCH('${search}', '${statistic}', ${PERIOD.toSeconds()})`,
      usingMetrics: {},
      label: `\${PROP('Dim.${title}')}`,
      period: PERIOD,
    });
  }
}

/** A circuit is open or not: a sum would count how often it was checked. */
function defaultStatistic(name: MetricName): string {
  return name === 'OpenCircuits' ? Stats.MAXIMUM : STATISTICS[METRICS[name].unit];
}

function setOf(name: MetricName, asked: readonly MetricDimension[]): readonly MetricDimension[] {
  const { dimensions: sets }: MetricDefinition = METRICS[name];
  const found = [[], ...sets].find(
    (set) => set.length === asked.length && set.every((dimension) => asked.includes(dimension)),
  );
  if (found !== undefined) return found;
  const known = sets.map((set) => set.join(' and ')).join(', or by ') || 'nothing';
  throw new Error(
    `Expected ${name} as a whole or by ${known}, got ${asked.join(' and ')}. Choose one of them.`,
  );
}
