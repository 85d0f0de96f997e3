import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { createDirectReads, createDropBucket } from '../functions/aws/drop-bucket.ts';
import { createDirectTable } from '../functions/aws/table/direct-table.ts';
import { createStores, createStoresOver } from '../functions/aws/table/stores.ts';
import { createHandler } from '../functions/handlers/index-instances/handler.ts';
import { patientHasher } from '../functions/instances/patient-hash.ts';
import { parseSource } from '../functions/sources/sources-document.ts';
import { STAGES } from '../infra/limits.ts';
import type { Benchmark, Findings } from './benchmark.ts';
import { CallCounts, countDynamo, countS3, DYNAMO_COMMANDS } from './call-counts.ts';
import { startCloudProcess } from './cloud-process.ts';
import {
  connection,
  createS3Client,
  DROP_BUCKET,
  type EmbeddedCloud,
  putObjects,
  startEmbeddedCloud,
  TABLE_NAME,
} from './embedded-cloud.ts';
import { IndexWrites } from './index-writes.ts';
import { inBatches, ingestEvent } from './ingest-event.ts';
import { indexNaively } from './naive-indexing.ts';
import { interleave, type Rounds, ratioText, spreadText } from './rounds.ts';
import { CT_PIXEL_BYTES, ctSlice } from './sample-files.ts';

const SERIES = 10;
const SLICES = 100;
/** Half a CT slice: larger ones favour us more, and take longer to drop. */
const PIXEL_BYTES = CT_PIXEL_BYTES / 2;
const ROUNDS = 3;
const PREFIX = 'bench/';

/** One scan after the other and many at once, as deployed; and what the check of a marker and the reconciliation index at once. */
const SETTINGS = [
  { batchSize: STAGES.ingest.batchSize, isMixed: false },
  { batchSize: STAGES.ingest.batchSize, isMixed: true },
  { batchSize: 100, isMixed: true },
] as const;
type Setting = (typeof SETTINGS)[number];

/** 1,000 dropped objects of 10 series into the index: the handler against a naive indexer. */
export const indexing: Benchmark = {
  name: 'indexing',
  async run() {
    const findings: Findings[] = [];
    for (const setting of SETTINGS) findings.push(await indexInBatches(setting));
    return findings;
  },
};

async function indexInBatches(setting: Setting): Promise<Findings> {
  const measured = await measure(setting);
  const [ours, naive] = await count(setting);
  const objects = SERIES * SLICES;
  const rates = (works: readonly Work[]) => works.map(({ seconds }) => objects / seconds);
  const cpu = (works: readonly Work[]) => works.map(({ cpuMs }) => cpuMs / objects);
  const units = (counts: CallCounts) => [
    counts.writeUnits,
    counts.readUnits,
    counts.of(...DYNAMO_COMMANDS),
    counts.of('GetObject'),
  ];
  const labels = ['DynamoDB write units', 'DynamoDB read units', 'DynamoDB requests', 'S3 GETs'];
  return {
    title: `Indexing ${objects.toLocaleString('en-US')} objects of ${SERIES} series, ${setting.isMixed ? 'mixed' : 'in turn'}, ${setting.batchSize} events a run`,
    columns: ['', 'ours', 'naive', 'ratio'],
    rows: [
      [
        'objects a second',
        spreadText(rates(measured.ours)),
        spreadText(rates(measured.baseline)),
        ratioText(rates(measured.ours), rates(measured.baseline)),
      ],
      [
        'CPU, ms an object',
        spreadText(cpu(measured.ours), 2),
        spreadText(cpu(measured.baseline), 2),
        ratioText(cpu(measured.ours), cpu(measured.baseline)),
      ],
      ...labels.map((label, at) => {
        const [one = 0, other = 0] = [units(ours)[at], units(naive)[at]];
        const ratio = other === 0 ? '–' : `${((one / other) * 100).toFixed(0)} %`;
        return [label, `${one}`, `${other}`, ratio];
      }),
    ],
    notes: [
      'The naive indexer reads the whole files of the same batches. Both read 32 objects in parallel.',
      'Servers run in a process of their own, whose time is not counted as CPU.',
      'Units were counted in a separate run. The units of our four indexes follow AWS’s rule; the naive table has no index.',
      'Our reads detect repeated and recovered objects; the naive indexer counts those wrongly.',
    ],
  };
}

async function measure({ batchSize, isMixed }: Setting): Promise<Rounds<Work>> {
  const cloud = await startCloudProcess();
  const s3 = createS3Client(cloud.s3Url);
  const dynamo = new DynamoDBClient(connection(cloud.tableUrl));
  const own = { s3: createS3Client(cloud.s3Url), dynamo: new DynamoDBClient(connection(cloud.tableUrl)) };
  try {
    const drop = await dropSeries(s3, isMixed);
    const ours = {
      drop: createDropBucket(own.s3, DROP_BUCKET, createDirectReads(own.s3)),
      stores: createStoresOver({ client: createDirectTable(own.dynamo), tableName: TABLE_NAME }),
    };
    return await interleave(
      ROUNDS,
      (round) => timed(() => indexOurs(ours, `round-${round}`, drop, batchSize)),
      (round) => timed(() => indexAllNaively({ s3, dynamo }, `round-${round}`, drop, batchSize)),
    );
  } finally {
    for (const client of [s3, dynamo, own.s3, own.dynamo]) client.destroy();
    await cloud.close();
  }
}

async function count({ batchSize, isMixed }: Setting): Promise<readonly [CallCounts, CallCounts]> {
  const cloud = await startEmbeddedCloud();
  try {
    const drop = await dropSeries(cloud.s3Client(), isMixed);
    return [
      await counted(cloud, ({ s3, dynamo }) => {
        // What goes by the SDK is counted.
        const ours = { drop: createDropBucket(s3, DROP_BUCKET), stores: createStores(dynamo, TABLE_NAME) };
        return indexOurs(ours, 'counted', drop, batchSize);
      }),
      await counted(cloud, (counting) => indexAllNaively(counting, 'counted', drop, batchSize)),
    ];
  } finally {
    await cloud.close();
  }
}

type Clients = Parameters<typeof indexNaively>[0];

interface Adapters {
  drop: ReturnType<typeof createDropBucket>;
  stores: ReturnType<typeof createStores>;
}

interface Drop {
  keys: string[];
  sizeBytes: number;
}

/** `isMixed`: a slice of each series and then the next ones, as of senders that run at the same time. */
async function dropSeries(s3: S3Client, isMixed: boolean): Promise<Drop> {
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
  return { keys: isMixed ? keys : keys.toSorted(), sizeBytes };
}

/** The name of the source stands in every row's key: each run begins with an empty index. */
async function indexOurs(
  { drop, stores }: Adapters,
  run: string,
  dropped: Drop,
  batchSize: number,
): Promise<void> {
  const source = parseSource(run, { prefix: PREFIX });
  const handler = createHandler({
    ...stores,
    drop,
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
  for (const keys of inBatches(dropped.keys, batchSize)) {
    const { batchItemFailures } = await handler(ingestEvent(keys, dropped.sizeBytes));
    if (batchItemFailures.length > 0)
      throw new Error(`expected no failures, got ${batchItemFailures.length}`);
  }
}

async function noAnswer(): Promise<void> {}

async function indexAllNaively(clients: Clients, run: string, drop: Drop, batchSize: number): Promise<void> {
  for (const keys of inBatches(drop.keys, batchSize)) await indexNaively(clients, run, keys);
}

interface Work {
  seconds: number;
  cpuMs: number;
}

async function timed(work: () => Promise<void>): Promise<Work> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuMs: (user + system) / 1000 };
}

async function counted(cloud: EmbeddedCloud, work: (clients: Clients) => Promise<void>): Promise<CallCounts> {
  const counts = new CallCounts();
  const clients = { s3: cloud.s3Client(), dynamo: cloud.dynamoClient() };
  countS3(clients.s3, () => counts);
  countDynamo(clients.dynamo, () => counts, new IndexWrites(cloud.dynamoClient()));
  await work(clients);
  return counts;
}
