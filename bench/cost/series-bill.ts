import { costOf } from '../../functions/shared/prices.ts';
import { type CallCounts, COUNTED, merged } from '../call-counts.ts';
import { STAGE_NAMES, type StageName } from '../stage-runner.ts';
import { GB, type Kind, PLATFORM_LOG_BYTES, SHARE_OF_TRACES, SIZES } from './assumptions.ts';
import { dollars, REQUESTS } from './bill.ts';
import { type LambdaTime, sumOfTime } from './lambda-time.ts';

/** One series of one design. */
export interface SeriesCost {
  kind: Kind;
  instances: number;
  /** What the sender puts: as many as instances, or one archive. */
  senderPuts: number;
  stages: Readonly<Record<StageName, CallCounts>>;
  time: LambdaTime;
}

/** US dollars of one series, by what is billed. */
export function linesOf(series: SeriesCost): { label: string; usd: number }[] {
  const counts = countsOf(series);
  const usd = (service: string) =>
    REQUESTS.filter(({ label }) => label.startsWith(service)).reduce(
      (sum, { price, countIn }) => sum + costOf(price, countIn(counts)),
      0,
    );
  return [
    { label: "S3: the sender's PUTs", usd: costOf('s3Write', series.senderPuts) },
    { label: 'S3: requests of the pipeline', usd: usd('S3') },
    { label: 'DynamoDB', usd: usd('DynamoDB') },
    { label: 'SQS', usd: usd('SQS') },
    { label: 'Lambda: invocations', usd: usd('Lambda') },
    { label: 'Lambda: time', usd: costOf('lambdaGbSecond', sumOfTime(series.time)) },
    { label: 'EventBridge', usd: usd('EventBridge') },
    { label: 'logs', usd: costOf('logIngestion', logBytesOf(counts) / GB) },
    { label: 'traces, at most', usd: costOf('trace', counts.of(COUNTED.lambda) * SHARE_OF_TRACES) },
  ];
}

/** Everything but storage and transfer. */
export function totalOf(series: SeriesCost): number {
  return linesOf(series).reduce((sum, { usd }) => sum + usd, 0);
}

/** Without time, logs, traces and the sender: what is counted alone. */
export function requestsOf(series: SeriesCost): number {
  return dollars(countsOf(series));
}

export function countsOf({ stages }: SeriesCost): CallCounts {
  return merged(STAGE_NAMES.map((stage) => stages[stage]));
}

export function scanBytesOf({ kind, instances }: SeriesCost): number {
  return instances * SIZES[kind].instanceBytes;
}

export function logBytesOf(counts: CallCounts): number {
  return counts.logBytes + counts.of(COUNTED.lambda) * PLATFORM_LOG_BYTES;
}
