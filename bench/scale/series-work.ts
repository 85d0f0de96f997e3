import { STAGES } from '../../infra/limits.ts';
import { sampleUid } from '../../local/samples/sample-uids.ts';
import { type CallCounts, merged } from '../call-counts.ts';
import { dollars, requireAllPriced } from '../cost/bill.ts';
import { countSeries } from '../counted-series.ts';
import { type EmbeddedCloud, putObjects } from '../embedded-cloud.ts';
import { IndexWrites } from '../index-writes.ts';
import { chestXRay, ctSlice } from '../sample-files.ts';
import { STAGE_NAMES, type StageName } from '../stage-runner.ts';

const PIXEL_BYTES = 4 * 1024;
const COMPUTE_SECONDS = 180;

/** What one series asks of AWS, as the handlers were counted to ask it. */
export interface SeriesWork {
  kind: 'CT' | 'X-ray';
  instances: number;
  writeUnits: number;
  readUnits: number;
  /** S3 GETs. */
  reads: number;
  polls: number;
  dollars: number;
  /** Write units by index and key, without shards: `byState RECEIVING`. */
  indexUnits: ReadonlyMap<string, number>;
}

/** Takes one CT series of so many slices through the real handlers. */
export async function countCt(cloud: EmbeddedCloud, slices: number): Promise<SeriesWork> {
  const files = Array.from({ length: slices }, (_slice, at) =>
    ctSlice({ series: 'scale-ct', instanceNumber: at + 1, pixelBytes: PIXEL_BYTES }),
  );
  return count(cloud, 'CT', 'scale-ct', files);
}

/** The same for an X-ray, a series of one image. */
export async function countXRay(cloud: EmbeddedCloud): Promise<SeriesWork> {
  return count(cloud, 'X-ray', 'scale-x-ray', [chestXRay('scale-x-ray', PIXEL_BYTES)]);
}

async function count(
  cloud: EmbeddedCloud,
  kind: SeriesWork['kind'],
  name: string,
  files: readonly Buffer[],
): Promise<SeriesWork> {
  const prefix = `${name}/`;
  const objects = files.map((bytes, at) => ({ key: `${prefix}${at + 1}.dcm`, bytes }));
  await putObjects(cloud.s3Client(), objects);
  const indexWrites = new IndexWrites(cloud.dynamoClient());
  const series = {
    source: name,
    prefix,
    seriesInstanceUid: sampleUid(`${name}/series`),
    keys: objects.map(({ key }) => key),
    sizeBytes: files[0]?.length ?? 0,
  };
  const { stages } = await countSeries(cloud, series, STAGES.ingest.batchSize, COMPUTE_SECONDS, indexWrites);
  return { kind, instances: files.length, ...workOf(stages), indexUnits: withoutShards(indexWrites, name) };
}

function workOf(stages: Readonly<Record<StageName, CallCounts>>) {
  const sum = merged(STAGE_NAMES.map((stage) => stages[stage]));
  requireAllPriced(sum);
  return {
    writeUnits: sum.writeUnits,
    readUnits: sum.readUnits,
    reads: sum.of('GetObject', 'HeadObject'),
    polls: stages.results.of('Lambda'),
    dollars: dollars(sum),
  };
}

/** Indexes whose keys are UIDs have no key that many series share. */
function withoutShards({ units }: IndexWrites, source: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [at, count] of units) {
    const [index = '', key = ''] = at.split(' ');
    if (index === 'byStudy' || index === 'bySeries') continue;
    const shared =
      index === 'byDue' ? index : `${index} ${key.replace(/#\d+$/, '').replace(source, 'source')}`;
    sums.set(shared, (sums.get(shared) ?? 0) + count);
  }
  return sums;
}
