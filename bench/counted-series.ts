import { startQureSimulator } from '@qure-dropoff/qure-simulator';
import { createDropBucket } from '../functions/aws/drop-bucket.ts';
import { createResultsBucket } from '../functions/aws/results-bucket.ts';
import { createStores } from '../functions/aws/table/stores.ts';
import { createHandler as checkCompletion } from '../functions/handlers/check-completion/handler.ts';
import { createHandler as compute } from '../functions/handlers/compute/handler.ts';
import { createHandler as indexInstances } from '../functions/handlers/index-instances/handler.ts';
import { createHandler as pollResults } from '../functions/handlers/poll-results/handler.ts';
import { patientHasher } from '../functions/instances/patient-hash.ts';
import type { SeriesId } from '../functions/instances/series-id.ts';
import { createQureClient } from '../functions/qure/client/client.ts';
import { USER_AGENT } from '../functions/shared/version.ts';
import { parseSource } from '../functions/sources/sources-document.ts';
import { type CallCounts, countDynamo, countS3 } from './call-counts.ts';
import { DROP_BUCKET, type EmbeddedCloud, RESULTS_BUCKET, TABLE_NAME } from './embedded-cloud.ts';
import { IndexWrites } from './index-writes.ts';
import { inBatches, ingestEvent } from './ingest-event.ts';
import { COUNTED } from './list-prices.ts';
import { type StageName, StageRunner } from './stage-runner.ts';

const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };

export interface CountedSeries extends SeriesId {
  keys: readonly string[];
  sizeBytes: number;
  prefix: string;
}

/**
 * Takes one series that lies in the drop bucket through all stages, with the times of the cloud, and answers what
 * each stage called.
 *
 * @param eventsPerInvocation how many S3 events Lambda hands to one invocation of the indexer
 * @param indexWrites reckons the units of the indexes
 * @throws Error when the series does not end in DONE
 */
export async function countSeries(
  cloud: EmbeddedCloud,
  series: CountedSeries,
  eventsPerInvocation: number,
  computeSeconds: number,
  indexWrites = new IndexWrites(cloud.dynamoClient()),
): Promise<Readonly<Record<StageName, CallCounts>>> {
  const runner = new StageRunner();
  const s3 = cloud.s3Client();
  const dynamo = cloud.dynamoClient();
  countS3(s3, () => runner.current);
  countDynamo(dynamo, () => runner.current, indexWrites);
  const simulator = await startQureSimulator({
    ...CREDENTIALS,
    computeDelayMs: computeSeconds * 1000,
    nowMs: () => runner.nowMs,
  });
  const qure = createQureClient({ userAgent: USER_AGENT });
  const source = parseSource(series.source, { prefix: series.prefix });
  const deps = {
    ...createStores(dynamo, TABLE_NAME),
    drop: createDropBucket(s3, DROP_BUCKET),
    dropBucketName: DROP_BUCKET,
    results: createResultsBucket(s3, RESULTS_BUCKET),
    queues: runner.queues,
    qure,
    publish: async (events: readonly unknown[]) => runner.current.add(COUNTED.events, events.length),
    loadSources: async () => [source],
    loadPatientHasher: async () => patientHasher('the patient key of a benchmark'),
    loadMisconfiguredPrefixes: async () => [],
    loadCredentials: async () => ({ ...CREDENTIALS, baseUrl: simulator.baseUrl }),
    verifiedCredentials: new Set<string>(),
    countWaitingDrops: async () => {
      runner.current.add(COUNTED.sqs);
      return 0;
    },
    clock: () => new Date(runner.nowMs),
    random: () => 0.5,
    timeoutSignal: (ms: number) => AbortSignal.timeout(ms),
    deadLetters: { queueOf: () => undefined, send: async () => undefined },
    log: () => undefined,
    meter: () => undefined,
  };
  try {
    const index = indexInstances(deps);
    for (const keys of inBatches(series.keys, eventsPerInvocation)) {
      // S3 sends one message for each object; the queue's owner pays for it.
      runner.counts.index.add(COUNTED.sqs, keys.length);
      await runner.invoke('index', index, ingestEvent(keys, series.sizeBytes));
    }
    await runner.runAll({
      completion: checkCompletion(deps),
      compute: compute(deps),
      results: pollResults(deps),
    });
    // Read outside the count.
    const stored = await createStores(cloud.dynamoClient(), TABLE_NAME).series.load(series);
    if (stored?.state !== 'DONE') throw new Error(`expected the series to be DONE, got ${stored?.state}`);
    return runner.counts;
  } finally {
    await qure.close();
    await simulator.close();
  }
}
