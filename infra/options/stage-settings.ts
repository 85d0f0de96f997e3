import { type AllStageLimits, STAGES, type StageLimits, visibilityTimeoutOf } from '../limits.ts';

/** What a deployment may set of a stage; docs/infrastructure.md has the defaults. */
export interface StageSettings {
  /**
   * Memory of the function, which also sets its share of a processor; 256 to 10240.
   * @default 1024 for compute, 512 for the others
   */
  memoryMb?: number;
  /**
   * Time-out of the function; at most 900, the longest that Lambda has. The visibility timeout of the queue and the alarm for its
   * backlog follow it.
   * @default ingest 60, completion 300, compute 900, results 300
   */
  timeoutSeconds?: number;
  /**
   * Parallel runs for the routine queue of the stage; 2 to 1000. Further messages wait.
   * @default ingest 50, completion 20, compute 10, results 20
   */
  maxConcurrency?: number;
}

/** Of a stage with a priority queue, whose runs are in addition to those of the routine queue. */
export interface PrioritizedStageSettings extends StageSettings {
  /**
   * Parallel runs for the priority queue; 2 to 1000.
   * @default compute 4, results 10
   */
  urgentMaxConcurrency?: number;
}

/** The stages of the pipeline. What is left out keeps its default. */
export interface StagesSettings {
  /** Reads the headers of dropped objects. */
  ingest?: StageSettings;
  /** Decides whether series are complete. */
  completion?: StageSettings;
  /** Uploads series to Qure. Qure sees `maxConcurrency + urgentMaxConcurrency` series at once at most. */
  compute?: PrioritizedStageSettings;
  /** Polls for results and stores them. */
  results?: PrioritizedStageSettings;
}

/** Lambda's longest. Leases, slots and probes of a run are 960 s: longer than any run. */
const MOST_TIMEOUT_SECONDS = 900;

/**
 * The shortest time-outs with which a stage can work: ingest reads a batch of headers; completion may walk below a marker; compute
 * and results stop 30 to 60 s before the end, and need as long again to begin anything.
 */
const LEAST_TIMEOUT_SECONDS = { ingest: 30, completion: 60, compute: 180, results: 180 } as const;

/** Source: AWS Lambda API reference, "ScalingConfig". */
const CONCURRENCY = { least: 2, most: 1000 };
/** Source: AWS Lambda quotas. Less than 256 MB is too little for the bundles. */
const MEMORY_MB = { least: 256, most: 10_240 };

/** The longest delay of a message of SQS: a message may be so old before its first receive. */
const LONGEST_DELAY_SECONDS = 900;

export function stageMistakes(settings: StagesSettings): string[] {
  const known = Object.keys(LEAST_TIMEOUT_SECONDS);
  const unknown = Object.keys(settings).filter((stage) => !known.includes(stage));
  return [
    ...unknown.map((stage) => `stages.${stage}: expected one of ${known.join(', ')}; correct the name`),
    ...(['ingest', 'completion', 'compute', 'results'] as const).flatMap((stage) => {
      const { memoryMb, timeoutSeconds, maxConcurrency, ...others } = settings[stage] ?? {};
      const { urgentMaxConcurrency }: PrioritizedStageSettings = others;
      const timeout = { least: LEAST_TIMEOUT_SECONDS[stage], most: MOST_TIMEOUT_SECONDS };
      return [
        ...outside(`stages.${stage}.memoryMb`, memoryMb, MEMORY_MB),
        ...outside(`stages.${stage}.timeoutSeconds`, timeoutSeconds, timeout),
        ...outside(`stages.${stage}.maxConcurrency`, maxConcurrency, CONCURRENCY),
        ...outside(`stages.${stage}.urgentMaxConcurrency`, urgentMaxConcurrency, CONCURRENCY),
      ];
    }),
  ];
}

function outside(
  name: string,
  value: number | undefined,
  { least, most }: { least: number; most: number },
): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
  return [`${name}: expected a whole number from ${least} to ${most}, got ${value}; correct it`];
}

/** @param settings without a mistake, see `stageMistakes` */
export function stageLimitsOf(settings: StagesSettings = {}): AllStageLimits {
  const { ingest, completion, compute, results } = settings;
  return {
    ingest: merged(STAGES.ingest, ingest),
    completion: merged(STAGES.completion, completion),
    compute: merged(STAGES.compute, compute),
    results: merged(STAGES.results, results),
    urgentCompute: merged(STAGES.urgentCompute, urgentOf(compute)),
    urgentResults: merged(STAGES.urgentResults, urgentOf(results)),
  };
}

/** One function consumes both queues of a stage. */
function urgentOf(settings: PrioritizedStageSettings = {}): StageSettings {
  const { maxConcurrency: _ofTheRoutineQueue, urgentMaxConcurrency, ...ofTheFunction } = settings;
  return {
    ...ofTheFunction,
    ...(urgentMaxConcurrency !== undefined && { maxConcurrency: urgentMaxConcurrency }),
  };
}

/** An alarm for a backlog must not begin while a message waits for its delay and one redelivery. */
function merged(limits: StageLimits, settings: StageSettings = {}): StageLimits {
  const {
    memoryMb = limits.memoryMb,
    timeoutSeconds = limits.timeoutSeconds,
    maxConcurrency = limits.maxConcurrency,
  } = settings;
  const result = { ...limits, memoryMb, timeoutSeconds, maxConcurrency };
  if (timeoutSeconds === limits.timeoutSeconds) return result;
  const redelivered = LONGEST_DELAY_SECONDS + visibilityTimeoutOf(result).toSeconds();
  return { ...result, backlogAlarmSeconds: Math.max(limits.backlogAlarmSeconds, redelivered + 60) };
}
