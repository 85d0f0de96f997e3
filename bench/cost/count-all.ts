import { HEAD_SLICES } from '@qure-dropoff/dicom/write';
import { STAGES } from '../../infra/limits.ts';
import { sampleUid } from '../../local/samples/sample-uids.ts';
import { merged } from '../call-counts.ts';
import { type CountedWork, countSeries } from '../counted-series.ts';
import { putObjects, startEmbeddedCloud } from '../embedded-cloud.ts';
import { zipOfStored } from '../sample-archive.ts';
import { chestXRay, ctSlice } from '../sample-files.ts';
import { COMPUTE_SECONDS, type Kind, SIZES } from './assumptions.ts';
import { requireAllPriced } from './bill.ts';
import { countIdleRuns, type IdleRuns } from './idle-runs.ts';
import { lambdaTimeOf, naiveLambdaTime } from './lambda-time.ts';
import { countNaively, NAIVE_POLLS } from './naive.ts';
import { countsOf, type SeriesCost } from './series-bill.ts';

/** Longer than the first read of a header; how much longer changes no count but for uploads above 32 MiB a request. */
const PIXEL_BYTES = 32 * 1024;
/** Of a slice that a zip has deflated to half: how far slices lie apart decides how many reads an archive takes. */
const DEFLATED_PIXEL_BYTES = SIZES.CT.instanceBytes / 2;
/** What a slow sender makes of an ingest queue that does not wait for more events, and what a full batch would. */
export const EVENTS_A_RUN = { one: 1, full: STAGES.ingest.batchSize } as const;

export interface CountedDesigns {
  slices: number;
  ct: SeriesCost;
  ctFullBatches: SeriesCost;
  /** The same series as one zip. */
  ctZip: SeriesCost;
  /** As one whose files are stored as they are. */
  ctStoredZip: SeriesCost;
  xRay: SeriesCost;
  naiveCt: SeriesCost;
  naiveXRay: SeriesCost;
  canary: SeriesCost;
  /** In the table and its indexes, of one series. */
  rowBytes: Readonly<Record<Kind, number>>;
  /** Of a source that sends both kinds. */
  metrics: ReadonlySet<string>;
  idle: IdleRuns;
}

/** Each design counted once, on services in this process. */
export async function countDesigns(slices: number): Promise<CountedDesigns> {
  const cloud = await startEmbeddedCloud();
  try {
    const idle = await countIdleRuns(cloud);
    const drop = async (kind: Kind, name: string, files: readonly Buffer[], isZip = false) => {
      const objects = isZip
        ? [{ key: `${name}/series.zip`, bytes: zipOfStored(files) }]
        : files.map((bytes, at) => ({ key: `${name}/${at + 1}.dcm`, bytes }));
      await putObjects(cloud.s3Client(), objects);
      const keys = objects.map(({ key }) => key);
      const count = (source: string, eventsARun: number) =>
        countSeries(
          cloud,
          {
            source,
            prefix: `${name}/`,
            seriesInstanceUid: sampleUid(`${name}/series`),
            keys,
            sizeBytes: objects[0]?.bytes.length ?? 0,
          },
          eventsARun,
          COMPUTE_SECONDS,
        );
      const costOf = ({ stages }: CountedWork): SeriesCost => {
        const time = lambdaTimeOf(kind, files.length, stages);
        return { kind, instances: files.length, senderPuts: keys.length, stages, time };
      };
      const naive = async (ours: SeriesCost): Promise<SeriesCost> => ({
        ...ours,
        stages: await countNaively(cloud, name, keys, ours.stages),
        time: naiveLambdaTime(kind, files.length, NAIVE_POLLS, ours.time.completion),
      });
      return { count, costOf, naive };
    };
    const ct = await drop('CT', 'cost-ct', ctFiles('cost-ct', slices));
    const zip = await drop('CT', 'cost-zip', ctFiles('cost-zip', slices, DEFLATED_PIXEL_BYTES), true);
    const storedZip = await drop(
      'CT',
      'cost-stored',
      ctFiles('cost-stored', slices, SIZES.CT.instanceBytes),
      true,
    );
    const xRay = await drop('X-ray', 'cost-x-ray', [chestXRay('cost-x-ray', PIXEL_BYTES)]);
    const canary = await drop('CT', 'cost-canary', ctFiles('cost-canary', HEAD_SLICES));
    // One source for both kinds, so that metrics are those of one source.
    const ctWork = await ct.count('cost', EVENTS_A_RUN.one);
    const xRayWork = await xRay.count('cost', EVENTS_A_RUN.one);
    const [ctCost, xRayCost] = [ct.costOf(ctWork), xRay.costOf(xRayWork)];
    const designs = {
      ct: ctCost,
      ctFullBatches: ct.costOf(await ct.count('cost-full-batches', EVENTS_A_RUN.full)),
      ctZip: zip.costOf(await zip.count('cost-zip', EVENTS_A_RUN.one)),
      ctStoredZip: storedZip.costOf(await storedZip.count('cost-stored', EVENTS_A_RUN.one)),
      xRay: xRayCost,
      naiveCt: await ct.naive(ctCost),
      naiveXRay: await xRay.naive(xRayCost),
      canary: smallUpload(canary.costOf(await canary.count('cost-canary', EVENTS_A_RUN.one)), xRayCost),
    };
    for (const design of Object.values(designs)) requireAllPriced(countsOf(design));
    requireAllPriced(merged([idle.sweep, idle.pass, idle.reconcile]));
    return {
      ...designs,
      slices,
      rowBytes: { CT: ctWork.rowBytes, 'X-ray': xRayWork.rowBytes },
      metrics: ctWork.metrics.union(xRayWork.metrics),
      idle,
    };
  } finally {
    await cloud.close();
  }
}

function ctFiles(series: string, slices: number, pixelBytes = PIXEL_BYTES): Buffer[] {
  return Array.from({ length: slices }, (_slice, at) =>
    ctSlice({ series, instanceNumber: at + 1, hasLongHeader: true, pixelBytes }),
  );
}

/** The study of a canary has a megabyte: it is sent as fast as an X-ray. */
function smallUpload(canary: SeriesCost, { time }: SeriesCost): SeriesCost {
  return { ...canary, time: { ...canary.time, compute: time.compute } };
}
