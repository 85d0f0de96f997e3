import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { sampleUid } from '../../local/samples/sample-uids.ts';
import type { Benchmark } from '../benchmark.ts';
import { startCloudProcess } from '../cloud-process.ts';
import { createS3Client, DROP_BUCKET, RESULTS_BUCKET } from '../embedded-cloud.ts';
import { runChild } from '../run-child.ts';
import { startUploadSink } from '../upload-sink.ts';
import { largeCt, largeTar } from './large-content.ts';
import { dicomKey, type LargeJob, type LargeMeasure, type LargeStage, tarKey } from './large-job.ts';

const MIB = 1024 * 1024;
const WARM_UP_BYTES = MIB;
const SIZES_MIB = [20, 200, 2048];
const SERIES_UID = sampleUid('large/series');
const CHILD = fileURLToPath(new URL('./large-child.ts', import.meta.url));

const STAGES: readonly (readonly [LargeStage, string])[] = [
  ['index', 'index'],
  ['upload', 'upload'],
  ['archive', 'index of a tar with it'],
  ['entry', 'upload out of the tar'],
  ['asset', 'store an asset'],
];

/** Whether memory grows with the size of a single object, in everything that reads more of it than its header. */
export const largeObjects: Benchmark = {
  name: 'large-objects',
  async run() {
    const cloud = await startCloudProcess();
    const s3 = createS3Client(cloud.s3Url);
    const sink = await startUploadSink(SERIES_UID);
    const assets = await startAssetServer();
    try {
      const urls = { s3Url: cloud.s3Url, qureUrl: sink.baseUrl, assetUrl: assets.url };
      const job = { ...urls, warmUpBytes: WARM_UP_BYTES, seriesInstanceUid: SERIES_UID };
      await putObjects(s3, WARM_UP_BYTES);
      const measures = new Map<string, LargeMeasure>();
      for (const sizeMib of SIZES_MIB) {
        const sizeBytes = sizeMib * MIB;
        await putObjects(s3, sizeBytes);
        for (const [stage] of STAGES) {
          const measure = runChild<LargeMeasure>(CHILD, { ...job, stage, sizeBytes } satisfies LargeJob);
          measures.set(`${stage} ${sizeMib}`, await measure);
        }
        for (const [Bucket, Key] of [
          [DROP_BUCKET, dicomKey(sizeBytes)],
          [DROP_BUCKET, tarKey(sizeBytes)],
          [RESULTS_BUCKET, 'bench/sc.dcm'],
        ] as const)
          await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      }
      const row = ([stage, name]: readonly [LargeStage, string], of: (measure: LargeMeasure) => string) => [
        name,
        ...SIZES_MIB.map((sizeMib) => {
          const measure = measures.get(`${stage} ${sizeMib}`);
          return measure === undefined ? '' : of(measure);
        }),
      ];
      const inMib = (bytes: number) => (bytes / MIB).toFixed(0);
      return [
        {
          title: 'Large objects: memory by the size of a single object',
          columns: ['MiB', ...SIZES_MIB.map((sizeMib) => `${sizeMib.toLocaleString('en-US')} MiB`)],
          rows: STAGES.flatMap((stage) => [
            row(stage, ({ rssGrowthBytes }) => inMib(rssGrowthBytes)).with(0, `${stage[1]}: RSS`),
            row(stage, ({ heapGrowthBytes }) => inMib(heapGrowthBytes)).with(
              0,
              `${stage[1]}: heap and buffers`,
            ),
            row(stage, ({ seconds }) => seconds.toFixed(1)).with(0, `${stage[1]}: seconds`),
          ]),
          notes: [
            'Growth is the peak above the memory before the run, in one run and in a process of its own, after one object of 1 MiB.',
            'The object has a header of 12 KB and then pixels, as a multi-frame CT. S3 is in another process, Qure and the host of the asset in a third.',
          ],
        },
      ];
    } finally {
      s3.destroy();
      await Promise.all([sink.close(), assets.close()]);
      await cloud.close();
    }
  },
};

async function putObjects(s3: S3Client, sizeBytes: number): Promise<void> {
  const put = (Key: string, Body: Readable, ContentLength: number) =>
    s3.send(new PutObjectCommand({ Bucket: DROP_BUCKET, Key, Body, ContentLength }));
  await put(dicomKey(sizeBytes), largeCt(sizeBytes), sizeBytes);
  const tar = largeTar(sizeBytes);
  await put(tarKey(sizeBytes), tar.content, tar.sizeBytes);
}

/** Serves `largeCt` of as many bytes as the path says. */
async function startAssetServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const sizeBytes = Number(request.url?.slice(1));
    response.writeHead(200, { 'content-type': 'application/dicom', 'content-length': sizeBytes });
    pipeline(largeCt(sizeBytes), response, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
