import { createDropBucket } from '../functions/aws/drop-bucket.ts';
import { createEmbeddedMetrics } from '../functions/aws/embedded-metrics.ts';
import { createResultsBucket } from '../functions/aws/results-bucket.ts';
import { createStores } from '../functions/aws/table/stores.ts';
import { patientHasher } from '../functions/instances/patient-hash.ts';
import type { Log } from '../functions/shared/log.ts';
import { type CallCounts, COUNTED, countDynamo, countS3 } from './call-counts.ts';
import { DROP_BUCKET, type EmbeddedCloud, RESULTS_BUCKET, TABLE_NAME } from './embedded-cloud.ts';
import type { IndexWrites } from './index-writes.ts';

/** What CloudWatch adds to each line that it bills. Source: CloudWatch Logs, "PutLogEvents". */
const LINE_OVERHEAD_BYTES = 26;

/** A time of its own, and the counts of whatever runs at present. */
export interface CountedTime {
  readonly nowMs: number;
  readonly current: CallCounts;
}

/** What every function works with; each call, event and line is counted. */
export function countedDeps(cloud: EmbeddedCloud, time: CountedTime, indexWrites: IndexWrites) {
  const s3 = cloud.s3Client();
  const dynamo = cloud.dynamoClient();
  countS3(s3, () => time.current);
  countDynamo(dynamo, () => time.current, indexWrites);
  /** Metrics with each combination of dimensions, as CloudWatch charges for them. */
  const metrics = new Set<string>();
  const write = (line: string) => {
    time.current.logBytes += Buffer.byteLength(line) + LINE_OVERHEAD_BYTES;
  };
  const log: Log = (level, message, fields) =>
    write(JSON.stringify({ at: new Date(time.nowMs).toISOString(), level, message, ...fields }));
  const deps = {
    ...createStores(dynamo, TABLE_NAME),
    drop: createDropBucket(s3, DROP_BUCKET),
    dropBucketName: DROP_BUCKET,
    results: createResultsBucket(s3, RESULTS_BUCKET),
    publish: async (events: readonly unknown[]) => time.current.add(COUNTED.events, events.length),
    loadPatientHasher: async () => patientHasher('the patient key of a benchmark'),
    loadMisconfiguredPrefixes: async () => [],
    countWaitingDrops: async () => {
      time.current.add(COUNTED.sqs);
      return 0;
    },
    clock: () => new Date(time.nowMs),
    random: () => 0.5,
    timeoutSignal: (ms: number) => AbortSignal.timeout(ms),
    deadLetters: { queueOf: () => undefined, send: async () => undefined },
    log,
    meter: createEmbeddedMetrics('qure-dropoff', 'all', (line) => {
      write(line);
      for (const metric of metricsIn(line)) metrics.add(metric);
    }),
  };
  return { deps, metrics };
}

function metricsIn(line: string): string[] {
  const { _aws, ...values } = JSON.parse(line) as Record<string, unknown> & EmbeddedMetric;
  return _aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((set) =>
      Metrics.map(({ Name }) =>
        [Name, ...set.map((dimension) => `${dimension}=${values[dimension]}`)].join(' '),
      ),
    ),
  );
}

interface EmbeddedMetric {
  _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
}
