import {
  APP_DIMENSION,
  isKeptBySource,
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  METRICS,
  type Meter,
  type MetricDefinition,
  type MetricDimension,
  type MetricsBySource,
} from '../shared/metrics.ts';

/** What CloudWatch takes as the value of a dimension. Source: Amazon CloudWatch API reference, "Dimension". */
const DIMENSION_VALUE = /^(?!:)(?=.*\S)[\x20-\x7e]{1,1024}$/;

/**
 * Metrics as lines on standard output in the embedded metric format, which CloudWatch Logs turns into metrics by itself: no
 * call that takes time, costs or fails. One line for each number, written at once, so that a process that dies takes none along.
 * Source: Amazon CloudWatch user guide, "Specification: Embedded metric format".
 */
export function createEmbeddedMetrics(
  appName: string,
  kept: MetricsBySource = 'all',
  write: (line: string) => void = (line) => process.stdout.write(line),
): Meter {
  return (name, value, dimensions = {}) => {
    // One that is no number would make CloudWatch refuse the line.
    if (!Number.isFinite(value)) return;
    const { unit, dimensions: sets }: MetricDefinition = METRICS[name];
    const told = new Map<MetricDimension, string>();
    for (const dimension of sets.flat()) {
      const given = dimensions[dimension];
      if (given !== undefined && DIMENSION_VALUE.test(given)) told.set(dimension, given);
    }
    // CloudWatch ignores a whole line that lacks one of the dimensions that it names.
    const tellable = sets.filter(
      (set) =>
        set.every((dimension) => told.has(dimension)) &&
        (!set.includes('source') || isKeptBySource(name, kept)),
    );
    const directive = {
      Namespace: METRIC_NAMESPACE,
      Dimensions: [
        [APP_DIMENSION],
        ...tellable.map((set) => [APP_DIMENSION, ...set.map((one) => METRIC_DIMENSIONS[one])]),
      ],
      Metrics: [{ Name: name, Unit: unit }],
    };
    const document = {
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
      [APP_DIMENSION]: appName,
      ...Object.fromEntries(
        [...told]
          .filter(([dimension]) => tellable.flat().includes(dimension))
          .map(([dimension, text]) => [METRIC_DIMENSIONS[dimension], text]),
      ),
      [name]: value,
    };
    try {
      write(`${JSON.stringify(document)}\n`);
    } catch {
      // A number less; the work that it counts has been done and must go on.
    }
  };
}
