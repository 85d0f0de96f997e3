import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createDropBucket } from '../functions/aws/drop-bucket.ts';
import { uploadSeries } from '../functions/delivery/upload-series.ts';
import type { Instance } from '../functions/instances/instance.ts';
import { createQureClient } from '../functions/qure/client/client.ts';
import { mapConcurrently } from '../functions/shared/concurrency.ts';
import { USER_AGENT } from '../functions/shared/version.ts';
import { parseSource } from '../functions/sources/sources-document.ts';
import { createS3Client, DROP_BUCKET } from './embedded-cloud.ts';
import { measureMemory } from './memory.ts';
import type { UploadJob, UploadMeasure } from './upload-job.ts';
import { uploadingSeries } from './uploading-series.ts';

/** One upload of one contender in a process of its own, so that its memory can be told. Started by upload.ts. */

const RUN_MS = 15 * 60_000;

const job = JSON.parse(process.argv[2] ?? '') as UploadJob;
const instances = JSON.parse(readFileSync(job.instancesPath, 'utf8')) as Instance[];
const s3 = createS3Client(job.s3Url);
// The first call loads and opens what every call needs; that is no growth of the upload's.
await getWhole(s3, instances[0]?.object.key ?? '');
const memory = measureMemory();
const start = performance.now();
await { ours: uploadOurs, naive: uploadNaively, pipe: pipeAll }[job.contender]();
const seconds = (performance.now() - start) / 1000;
const measure: UploadMeasure = { seconds, ...memory.stop() };
process.stdout.write(JSON.stringify(measure));
process.exit(0);

async function uploadOurs(): Promise<void> {
  const source = parseSource('bench', {});
  const qure = createQureClient({ userAgent: USER_AGENT });
  const series = uploadingSeries(job.seriesInstanceUid, instances.length);
  const outcome = await uploadSeries(
    {
      drop: createDropBucket(s3, DROP_BUCKET),
      series: { load: async () => series, heartbeat: async () => undefined },
      uploadRecords: { add: async () => undefined, of: async () => [], ofAllRounds: async () => [] },
      qure,
      clock: () => new Date(),
      meter: () => undefined,
    },
    series,
    instances,
    source,
    {
      credentials: { baseUrl: job.qureUrl, token: 'bench', source: 'bench' },
      isProbe: false,
      isVerified: true,
      recordRejection: async () => undefined,
      recordSuccess: async () => undefined,
      close: async () => undefined,
    },
    { remainingMs: () => RUN_MS },
  );
  if (outcome.kind !== 'uploaded') throw new Error(`expected the series to be uploaded, got ${outcome.kind}`);
}

/** The baseline: one file after the other, whole in memory, one request each, by what Node brings along. */
async function uploadNaively(): Promise<void> {
  for (const { object, sopInstanceUid } of instances) {
    const form = new FormData();
    form.append('file', new Blob([await getWhole(s3, object.key)]), `${sopInstanceUid}.dcm`);
    const answer = await fetch(`${job.qureUrl}/studies/`, {
      method: 'POST',
      headers: { Authorization: 'Token bench', Source: 'bench' },
      body: form,
    });
    if (!answer.ok) throw new Error(`expected 200, got ${answer.status}`);
    await answer.json();
  }
}

/** What no upload can be much faster than: the bytes of each file go from one server to the other, as many at once as ours. */
async function pipeAll(): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  await mapConcurrently(instances, parseSource('bench', {}).uploadConcurrency, async ({ object }) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: DROP_BUCKET, Key: object.key }));
    const headers = { 'Content-Length': object.sizeBytes };
    const post = request(`${job.qureUrl}/studies/`, { method: 'POST', agent, headers });
    const answered = once(post, 'response') as Promise<[IncomingMessage]>;
    await pipeline(answer.Body as Readable, post);
    const [response] = await answered;
    for await (const _chunk of response);
  });
  agent.destroy();
}

async function getWhole(client: S3Client, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await client.send(new GetObjectCommand({ Bucket: DROP_BUCKET, Key: key }));
  return new Uint8Array((await answer.Body?.transformToByteArray()) ?? []);
}
