import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Instance } from '../functions/instances/instance.ts';
import { sampleUid } from '../local/samples/sample-uids.ts';
import type { Benchmark } from './benchmark.ts';
import { type EmbeddedCloud, putObjects, startEmbeddedCloud } from './embedded-cloud.ts';
import { interleave, type Rounds, ratioText, spreadText } from './rounds.ts';
import { runChild } from './run-child.ts';
import { ctSlice } from './sample-files.ts';
import type { UploadJob, UploadMeasure } from './upload-job.ts';
import { startUploadSink } from './upload-sink.ts';

const SLICES = 300;
const SERIES_UID = sampleUid('upload/series');
const ROUNDS = 3;
/** The second stands for the way to Qure and for what Qure does before it answers; the true time is longer. */
const ANSWER_DELAYS_MS = [0, 20];
const CHILD = fileURLToPath(new URL('./upload-child.ts', import.meta.url));
const MIB = 1024 * 1024;

/** One CT series from S3 to Qure: several files a request, five requests at once, streamed; against one after the other. */
export const upload: Benchmark = {
  name: 'upload',
  async run() {
    const cloud = await startEmbeddedCloud();
    const sink = await startUploadSink(SERIES_UID);
    const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
    try {
      const instancesPath = join(folder, 'instances.json');
      const instances = await dropSeries(cloud);
      writeFileSync(instancesPath, JSON.stringify(instances));
      const sizeMib = instances.reduce((sum, { object }) => sum + object.sizeBytes, 0) / MIB;
      const rows: string[][] = [];
      const requests = { ours: 0, naive: 0, pipe: 0 };
      const uploadBy = (contender: UploadJob['contender'], delayMs: number) => async () => {
        sink.reset(delayMs);
        const job = { contender, s3Url: cloud.s3Url, qureUrl: sink.baseUrl, seriesInstanceUid: SERIES_UID };
        const measure = await runChild<UploadMeasure>(CHILD, { ...job, instancesPath });
        requests[contender] = sink.requests;
        return measure;
      };
      for (const delayMs of ANSWER_DELAYS_MS) {
        const measures = await interleave(ROUNDS, uploadBy('ours', delayMs), uploadBy('naive', delayMs));
        rows.push(...rowsOf(delayMs, sizeMib, measures, requests));
      }
      const beside = await interleave(ROUNDS, uploadBy('ours', 0), uploadBy('pipe', 0));
      return [
        {
          title: `Upload of one series: ${SLICES} files of 512 KiB, ${Math.round(sizeMib)} MiB`,
          columns: ['', 'ours', 'one after the other', 'ratio'],
          rows,
          notes: [
            'Each run has its own process. S3 and a sink that answers like Qure share another process on the same two cores.',
            'Growth is the peak above the memory before the run.',
            'One after the other: GetObject into memory, FormData and fetch, one file for each request.',
          ],
        },
        {
          title: 'Upload of the same series: beside a pipe between the same servers',
          columns: ['', 'ours', 'pipe', 'ratio'],
          rows: [rateRow('MiB a second, answer after 0 ms', sizeMib, beside)],
          notes: [
            'Pipe: GetObject into the body of a POST, a request for each file, as many at once as ours. It makes no forms and reads no answers.',
          ],
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await Promise.all([sink.close(), cloud.close()]);
    }
  },
};

function rowsOf(
  delayMs: number,
  sizeMib: number,
  { ours, baseline }: Rounds<UploadMeasure>,
  requests: Record<UploadJob['contender'], number>,
): string[][] {
  const row = (what: string, of: (measure: UploadMeasure) => number) => {
    const [one, other] = [ours.map(of), baseline.map(of)];
    return [`${what}, answer after ${delayMs} ms`, spreadText(one), spreadText(other), ratioText(one, other)];
  };
  return [
    rateRow(`MiB a second, answer after ${delayMs} ms`, sizeMib, { ours, baseline }),
    row('RSS growth, MiB', ({ rssGrowthBytes }) => rssGrowthBytes / MIB),
    row('heap and buffer growth, MiB', ({ heapGrowthBytes }) => heapGrowthBytes / MIB),
    [
      `requests to Qure, answer after ${delayMs} ms`,
      `${requests.ours}`,
      `${requests.naive}`,
      `${((requests.ours / requests.naive) * 100).toFixed(0)} %`,
    ],
  ];
}

function rateRow(what: string, sizeMib: number, { ours, baseline }: Rounds<UploadMeasure>): string[] {
  const rates = (measures: readonly UploadMeasure[]) => measures.map(({ seconds }) => sizeMib / seconds);
  const [one, other] = [rates(ours), rates(baseline)];
  return [what, spreadText(one), spreadText(other), ratioText(one, other)];
}

async function dropSeries(cloud: EmbeddedCloud): Promise<Instance[]> {
  const objects = Array.from({ length: SLICES }, (_slice, at) => ({
    key: `bench/${at + 1}.dcm`,
    bytes: ctSlice({ series: 'upload', instanceNumber: at + 1 }),
  }));
  const etags = await putObjects(cloud.s3Client(), objects);
  return objects.map(({ key, bytes }, at) => ({
    source: 'bench',
    studyInstanceUid: sampleUid('upload/study'),
    seriesInstanceUid: SERIES_UID,
    sopInstanceUid: sampleUid(`upload/${at + 1}`),
    instanceNumber: at + 1,
    object: { key, etag: etags[at] ?? '', sizeBytes: bytes.length, isGzip: false },
    indexedAt: new Date().toISOString(),
  }));
}
