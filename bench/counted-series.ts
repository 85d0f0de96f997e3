import { newSender } from '@qure-dropoff/learned-quiet';
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
/** How fast the sender is. */
const ARRIVALS_A_SECOND = 10;
/** None of the sender's earlier series has paused. */
const SILENCES = { series: 200, longest: [200] };
/** Of the product; each took as long as this one. */
const KNOWN_RESULTS = 50;
const KNOWN_HISTORY = { ...newSender(), few: SILENCES, many: SILENCES };

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
 * Takes one series of a known sender that lies in the drop bucket through all stages, with the times of the cloud, and answers
 * what each stage called. Checks of the series run while it arrives.
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
    senders: {
      ...common.senders,
      load: async (name: string, sender: string) =>
        (await common.senders.load(name, sender)) ?? {
          source: name,
          sender,
          history: KNOWN_HISTORY,
          learned: [],
          version: 0,
        },
    },
    computingTimes: {
      ...common.computingTimes,
      load: async (name: string, product: string) => {
        const known = await common.computingTimes.load(name, product);
        const times =
          known.times.length === 0
            ? Array.from({ length: KNOWN_RESULTS }, () => computeSeconds)
            : known.times;
        return { ...known, times };
      },
    },
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
    const handlers = {
      completion: checkCompletion(deps),
      compute: compute(deps),
      results: pollResults(deps),
    };
    for (const keys of inBatches(series.keys, eventsPerInvocation)) {
      // S3 sends one message for each object; the queue's owner pays for it.
      runner.counts.index.add(COUNTED.sqs, keys.length);
      await runner.invoke('index', index, ingestEvent(keys, series.sizeBytes));
      await runner.runUntil(runner.nowMs + (keys.length / ARRIVALS_A_SECOND) * 1000, handlers);
    }
    await runner.runUntil(Infinity, handlers);
    const stored = await createStores(reader, TABLE_NAME).series.load(series);
    if (stored?.state !== 'DONE') throw new Error(`expected the series to be DONE, got ${stored?.state}`);
    return { stages: runner.counts, metrics, rowBytes: (await storedBytes(reader)) - bytesBefore };
  } finally {
    await qure.close();
    await simulator.close();
  }
}
