import { STAGES } from '../../infra/limits.ts';
import { type CallCounts, COUNTED } from '../call-counts.ts';
import { RUN_SECONDS } from '../scale/load.ts';
import type { StageName } from '../stage-runner.ts';
import { INGEST_RUN_SECONDS, type Kind, NAIVE_UPLOAD_FACTOR } from './assumptions.ts';

const MB_A_GB = 1024;
const SECONDS_AN_OBJECT = (RUN_SECONDS.ingest - INGEST_RUN_SECONDS) / STAGES.ingest.batchSize;

/** GB-seconds of one series by stage: invocations are counted, seconds are assumed. */
export type LambdaTime = Readonly<Record<StageName, number>>;

export function lambdaTimeOf(
  kind: Kind,
  instances: number,
  stages: Readonly<Record<StageName, CallCounts>>,
): LambdaTime {
  const runs = (stage: StageName) => stages[stage].of(COUNTED.lambda);
  return {
    index: gb(STAGES.ingest) * (runs('index') * INGEST_RUN_SECONDS + instances * SECONDS_AN_OBJECT),
    completion: gb(STAGES.completion) * runs('completion') * RUN_SECONDS.completion,
    compute: gb(STAGES.compute) * RUN_SECONDS.upload[kind],
    results: gb(STAGES.results) * runs('results') * RUN_SECONDS.poll,
  };
}

/** One run for each object, one file after the other to Qure, and a poll every few seconds; memory as ours. */
export function naiveLambdaTime(
  kind: Kind,
  instances: number,
  polls: number,
  completion: number,
): LambdaTime {
  const upload = RUN_SECONDS.upload[kind] * (instances > 1 ? NAIVE_UPLOAD_FACTOR : 1);
  return {
    index: gb(STAGES.ingest) * instances * (INGEST_RUN_SECONDS + SECONDS_AN_OBJECT),
    completion,
    compute: gb(STAGES.compute) * upload,
    results: gb(STAGES.results) * polls * RUN_SECONDS.poll,
  };
}

export function sumOfTime(time: LambdaTime): number {
  return Object.values(time).reduce((sum, gbSeconds) => sum + gbSeconds, 0);
}

function gb({ memoryMb }: { memoryMb: number }): number {
  return memoryMb / MB_A_GB;
}
