import { startQureSimulator } from '@qure-dropoff/qure-simulator';
import { createStores } from '../functions/aws/table/stores.ts';
import { createHandler as checkCompletion } from '../functions/handlers/check-completion/handler.ts';
import { createHandler as compute } from '../functions/handlers/compute/handler.ts';
import { createHandler as indexInstances } from '../functions/handlers/index-instances/handler.ts';
import { createHandler as pollResults } from '../functions/handlers/poll-results/handler.ts';
import type { SeriesId } from '../functions/instances/series-id.ts';
import { createQureClient } from '../functions/qure/client/client.ts';
import { USER_AGENT } from '../functions/shared/version.ts';
import { parseSource } from '../functions/sources/sources-document.ts';
import { type CallCounts, COUNTED } from './call-counts.ts';
import { countedDeps } from './counted-deps.ts';
import { type EmbeddedCloud, TABLE_NAME } from './embedded-cloud.ts';
import { IndexWrites } from './index-writes.ts';
import { inBatches, ingestEvent } from './ingest-event.ts';
import { type StageName, StageRunner } from './stage-runner.ts';
import { storedBytes } from './stored-bytes.ts';

const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };
/** The files of a series arrive within this time, in batches of the same distance. */
const ARRIVAL_MS = 60_000;

export interface CountedSeries extends SeriesId {
  keys: readonly string[];
  sizeBytes: number;
  prefix: string;
}

/** What a series asked of AWS, and what it left in the table. */
export interface CountedWork {
  stages: Readonly<Record<StageName, CallCounts>>;
  metrics: ReadonlySet<string>;
  rowBytes: number;
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
): Promise<CountedWork> {
  const runner = new StageRunner();
  const simulator = await startQureSimulator({
    ...CREDENTIALS,
    computeDelayMs: computeSeconds * 1000,
    nowMs: () => runner.nowMs,
  });
  const qure = createQureClient({ userAgent: USER_AGENT });
  const source = parseSource(series.source, { prefix: series.prefix });
  const { deps: common, metrics } = countedDeps(cloud, runner, indexWrites);
  const deps = {
    ...common,
    queues: runner.queues,
    qure,
    loadSources: async () => [source],
    loadCredentials: async () => ({ ...CREDENTIALS, baseUrl: simulator.baseUrl }),
    verifiedCredentials: new Set<string>(),
  };
  // Read outside the count.
  const reader = cloud.dynamoClient();
  const bytesBefore = await storedBytes(reader);
  try {
    const index = indexInstances(deps);
    const batches = inBatches(series.keys, eventsPerInvocation);
    for (const keys of batches) {
      // S3 sends one message for each object; the queue's owner pays for it.
      runner.counts.index.add(COUNTED.sqs, keys.length);
      await runner.invoke('index', index, ingestEvent(keys, series.sizeBytes));
      runner.pass(ARRIVAL_MS / batches.length);
    }
    await runner.runAll({
      completion: checkCompletion(deps),
      compute: compute(deps),
      results: pollResults(deps),
    });
    const stored = await createStores(reader, TABLE_NAME).series.load(series);
    if (stored?.state !== 'DONE') throw new Error(`expected the series to be DONE, got ${stored?.state}`);
    return { stages: runner.counts, metrics, rowBytes: (await storedBytes(reader)) - bytesBefore };
  } finally {
    await qure.close();
    await simulator.close();
  }
}
