import { sampleUid } from '../local/samples/sample-uids.ts';
import type { Benchmark, Findings } from './benchmark.ts';
import { CallCounts, countDynamo, countS3, merged } from './call-counts.ts';
import { type CountedSeries, countSeries } from './counted-series.ts';
import { type EmbeddedCloud, putObjects, startEmbeddedCloud } from './embedded-cloud.ts';
import { BILL, COUNTED, dollars, requireAllPriced } from './list-prices.ts';
import { indexNaively } from './naive-indexing.ts';
import { ctSlice } from './sample-files.ts';
import { STAGE_NAMES, type StageName } from './stage-runner.ts';

const SLICES = 300;
const SERIES_BILLED = 1_000;
/** What a sender of some dozen objects a second makes of a window of one second, and what a full batch would. */
const EVENTS_PER_INVOCATION = [10, 100] as const;
const COMPUTE_SECONDS = 180;
const PREFIX = 'cost/';
/** Longer than the first read of a header; how much longer changes no count but for uploads above 32 MiB a request. */
const PIXEL_BYTES = 32 * 1024;

/** What AWS would ask for 1,000 CT series in requests, by calls counted in one run of each. */
export const requestCost: Benchmark = {
  name: 'cost',
  async run() {
    const cloud = await startEmbeddedCloud();
    try {
      const drop = await dropSeries(cloud);
      const runs = new Map<number, Readonly<Record<StageName, CallCounts>>>();
      for (const events of EVENTS_PER_INVOCATION) {
        const series = { ...drop, source: `cost-${events}` };
        runs.set(events, await countSeries(cloud, series, events, COMPUTE_SECONDS));
      }
      const [few, many] = EVENTS_PER_INVOCATION.map((events) => runs.get(events));
      if (few === undefined || many === undefined) throw new Error('expected a run for each batch size');
      const naive = await countNaively(cloud, drop, few);
      return [compared(sumOf(few), sumOf(many), naive), byStage(few)];
    } finally {
      await cloud.close();
    }
  },
};

async function dropSeries(cloud: EmbeddedCloud): Promise<Omit<CountedSeries, 'source'>> {
  const objects = Array.from({ length: SLICES }, (_slice, at) => ({
    key: `${PREFIX}scan/${at + 1}.dcm`,
    bytes: ctSlice({ series: 'cost', instanceNumber: at + 1, hasLongHeader: true, pixelBytes: PIXEL_BYTES }),
  }));
  await putObjects(cloud.s3Client(), objects);
  return {
    keys: objects.map(({ key }) => key),
    sizeBytes: objects[0]?.bytes.length ?? 0,
    prefix: PREFIX,
    seriesInstanceUid: sampleUid('cost/series'),
  };
}

/**
 * The naive pipeline: its indexer (naive-indexing.ts) invoked once an object, one GetObject and one PutItem that marks it
 * for each upload, and completion and results taken to be ours.
 */
async function countNaively(
  cloud: EmbeddedCloud,
  drop: Omit<CountedSeries, 'source'>,
  ours: Readonly<Record<StageName, CallCounts>>,
): Promise<CallCounts> {
  const counts = new CallCounts();
  const clients = { s3: cloud.s3Client(), dynamo: cloud.dynamoClient() };
  countS3(clients.s3, () => counts);
  countDynamo(clients.dynamo, () => counts);
  await indexNaively(clients, 'cost', drop.keys);
  counts.add(COUNTED.lambda, drop.keys.length + 1);
  // For each object a send, a receive and a delete; for the upload's one message too.
  counts.add(COUNTED.sqs, 3 * (drop.keys.length + 1));
  counts.add('GetObject', drop.keys.length);
  counts.add('PutItem', drop.keys.length);
  counts.writeUnits += drop.keys.length;
  return merged([counts, ours.completion, ours.results]);
}

function compared(few: CallCounts, many: CallCounts, naive: CallCounts): Findings {
  const all = [few, many, naive];
  for (const counts of all) requireAllPriced(counts);
  const totals = all.map((counts) => dollars(counts) * SERIES_BILLED);
  const [total = 0, , naiveTotal = 0] = totals;
  return {
    title: `Requests of ${SERIES_BILLED.toLocaleString('en-US')} CT series of ${SLICES} slices at list prices`,
    columns: ['for one series', ...EVENTS_PER_INVOCATION.map((n) => `ours, ${n} events a run`), 'naive'],
    rows: [
      ...BILL.map(({ label, countIn }) => [label, ...all.map((counts) => numberText(countIn(counts)))]),
      ['US$ for 1,000 series', ...totals.map((sum) => sum.toFixed(2))],
    ],
    notes: [
      `Ours ÷ naive in dollars, ${EVENTS_PER_INVOCATION[0]} events a run: ${((total / naiveTotal) * 100).toFixed(0)} %. The naive pipeline is invoked for each object, reads each whole object twice, and writes a row, a counter and an upload mark for it. Its completion and results stages are ours.`,
      `Counted in a run without faults, with the quiet period of the cloud and ${COMPUTE_SECONDS} s of computation.`,
      "Not included, and larger than most of this: Lambda's running time, storage, transfer, KMS, logs, the sender's PUTs, and the polls of idle queues, which cost the same at any load.",
    ],
  };
}

function byStage(counts: Readonly<Record<StageName, CallCounts>>): Findings {
  return {
    title: `Where they go: one series, ${EVENTS_PER_INVOCATION[0]} events a run`,
    columns: ['stage', ...BILL.map(({ label }) => label), 'US$ for 1,000'],
    rows: STAGE_NAMES.map((stage) => [
      stage,
      ...BILL.map(({ countIn }) => numberText(countIn(counts[stage]))),
      (dollars(counts[stage]) * SERIES_BILLED).toFixed(3),
    ]),
    notes: [],
  };
}

function sumOf(stages: Readonly<Record<StageName, CallCounts>>): CallCounts {
  return merged(STAGE_NAMES.map((stage) => stages[stage]));
}

function numberText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
