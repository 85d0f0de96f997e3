import { createDropBucket } from '../functions/aws/drop-bucket.ts';
import { createStores } from '../functions/aws/table/stores.ts';
import { createHandler } from '../functions/handlers/index-instances/handler.ts';
import { patientHasher } from '../functions/instances/patient-hash.ts';
import { parseSource } from '../functions/sources/sources-document.ts';
import { STAGES } from '../infra/limits.ts';
import type { Benchmark } from './benchmark.ts';
import { CallCounts, countDynamo, countS3, DYNAMO_COMMANDS } from './call-counts.ts';
import {
  DROP_BUCKET,
  type EmbeddedCloud,
  putObjects,
  startEmbeddedCloud,
  TABLE_NAME,
} from './embedded-cloud.ts';
import { IndexWrites } from './index-writes.ts';
import { inBatches, ingestEvent } from './ingest-event.ts';
import { indexNaively } from './naive-indexing.ts';
import { interleave, ratioText, spreadText } from './rounds.ts';
import { CT_PIXEL_BYTES, ctSlice } from './sample-files.ts';

const SERIES = 10;
const SLICES = 100;
/** Half a CT slice: larger ones favour us more, and take longer to drop. */
const PIXEL_BYTES = CT_PIXEL_BYTES / 2;
const ROUNDS = 3;
const PREFIX = 'bench/';

/** 1,000 dropped objects of 10 series into the index: the handler against a naive indexer. */
export const indexing: Benchmark = {
  name: 'indexing',
  async run() {
    const cloud = await startEmbeddedCloud();
    try {
      const drop = await dropSeries(cloud);
      const clients = { s3: cloud.s3Client(), dynamo: cloud.dynamoClient() };
      const seconds = await interleave(
        ROUNDS,
        (round) => timed(() => indexOurs(clients, `round-${round}`, drop)),
        (round) => timed(() => indexAllNaively(clients, `round-${round}`, drop)),
      );
      const ours = await counted(cloud, (counting) => indexOurs(counting, 'counted', drop));
      const naive = await counted(cloud, (counting) => indexAllNaively(counting, 'counted', drop));
      const rates = (values: readonly number[]) => values.map((value) => drop.keys.length / value);
      const units = (counts: CallCounts) => [
        counts.writeUnits,
        counts.readUnits,
        counts.of(...DYNAMO_COMMANDS),
        counts.of('GetObject'),
      ];
      const labels = ['DynamoDB write units', 'DynamoDB read units', 'DynamoDB requests', 'S3 GETs'];
      return [
        {
          title: `Indexing ${drop.keys.length.toLocaleString('en-US')} objects of ${SERIES} series, ${Math.round(drop.sizeBytes / 1024)} KiB each`,
          columns: ['', 'ours', 'naive', 'ratio'],
          rows: [
            [
              'objects a second',
              spreadText(rates(seconds.ours)),
              spreadText(rates(seconds.baseline)),
              ratioText(rates(seconds.ours), rates(seconds.baseline)),
            ],
            ...labels.map((label, at) => {
              const [one = 0, other = 0] = [units(ours)[at], units(naive)[at]];
              const ratio = other === 0 ? '–' : `${((one / other) * 100).toFixed(0)} %`;
              return [label, `${one}`, `${other}`, ratio];
            }),
          ],
          notes: [
            `The handler receives batches of ${STAGES.ingest.batchSize} events with mixed series; the naive indexer reads the whole files of the same batches. Both read 32 objects in parallel.`,
            'Servers and indexer share one process: the rates show saved work, not the rates of AWS.',
            'Units were counted in a separate run. The units of our four indexes follow AWS’s rule; the naive table has no index.',
            'Our reads detect repeated and recovered objects; the naive indexer counts those wrongly.',
          ],
        },
      ];
    } finally {
      await cloud.close();
    }
  },
};

type Clients = Parameters<typeof indexNaively>[0];

interface Drop {
  keys: string[];
  sizeBytes: number;
}

/** Slices of all series in turn, as senders that run at the same time mix them. */
async function dropSeries(cloud: EmbeddedCloud): Promise<Drop> {
  const s3 = cloud.s3Client();
  const keys: string[] = [];
  let sizeBytes = 0;
  for (let slice = 1; slice <= SLICES; slice += 1) {
    const objects = Array.from({ length: SERIES }, (_series, series) => ({
      key: `${PREFIX}scan-${series}/${slice}.dcm`,
      bytes: ctSlice({
        series: `series-${series}`,
        instanceNumber: slice,
        hasLongHeader: true,
        pixelBytes: PIXEL_BYTES,
      }),
    }));
    await putObjects(s3, objects);
    keys.push(...objects.map(({ key }) => key));
    sizeBytes = objects[0]?.bytes.length ?? 0;
  }
  return { keys, sizeBytes };
}

/** The name of the source stands in every row's key: each run begins with an empty index. */
async function indexOurs({ s3, dynamo }: Clients, run: string, drop: Drop): Promise<void> {
  const source = parseSource(run, { prefix: PREFIX });
  const handler = createHandler({
    ...createStores(dynamo, TABLE_NAME),
    drop: createDropBucket(s3, DROP_BUCKET),
    dropBucketName: DROP_BUCKET,
    queues: { sendCompletion: noAnswer, sendCompute: noAnswer, sendResults: noAnswer },
    publish: noAnswer,
    loadSources: async () => [source],
    loadPatientHasher: async () => patientHasher('the patient key of a benchmark'),
    loadMisconfiguredPrefixes: async () => [],
    clock: () => new Date(),
    deadLetters: { queueOf: () => undefined, send: async () => undefined },
    log: () => undefined,
    meter: () => undefined,
  });
  for (const keys of inBatches(drop.keys, STAGES.ingest.batchSize)) {
    const { batchItemFailures } = await handler(ingestEvent(keys, drop.sizeBytes));
    if (batchItemFailures.length > 0)
      throw new Error(`expected no failures, got ${batchItemFailures.length}`);
  }
}

async function noAnswer(): Promise<void> {}

async function indexAllNaively(clients: Clients, run: string, drop: Drop): Promise<void> {
  for (const keys of inBatches(drop.keys, STAGES.ingest.batchSize)) await indexNaively(clients, run, keys);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function counted(cloud: EmbeddedCloud, work: (clients: Clients) => Promise<void>): Promise<CallCounts> {
  const counts = new CallCounts();
  const clients = { s3: cloud.s3Client(), dynamo: cloud.dynamoClient() };
  countS3(clients.s3, () => counts);
  countDynamo(clients.dynamo, () => counts, new IndexWrites(cloud.dynamoClient()));
  await work(clients);
  return counts;
}
