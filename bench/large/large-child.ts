import { createDropBucket } from '../../functions/aws/drop-bucket.ts';
import { createResultsBucket } from '../../functions/aws/results-bucket.ts';
import { uploadSeries } from '../../functions/delivery/upload-series.ts';
import { archiveReader } from '../../functions/ingest/archive/archive-reader.ts';
import { tarCheck, tarPages } from '../../functions/ingest/archive/entry-pages.ts';
import { readDroppedObject } from '../../functions/ingest/read-dropped-object.ts';
import { type Archive, firstProgress } from '../../functions/instances/archive.ts';
import type { Instance } from '../../functions/instances/instance.ts';
import { createQureClient } from '../../functions/qure/client/client.ts';
import { withHashes } from '../../functions/results/hashed-results.ts';
import { storeAssets } from '../../functions/results/store-assets.ts';
import { USER_AGENT } from '../../functions/shared/version.ts';
import { parseSource } from '../../functions/sources/sources-document.ts';
import { createS3Client, DROP_BUCKET, RESULTS_BUCKET } from '../embedded-cloud.ts';
import { measureMemory } from '../memory.ts';
import { uploadingSeries } from '../uploading-series.ts';
import { dicomKey, type LargeJob, type LargeMeasure, type LargeStage, tarKey } from './large-job.ts';

/** One object of one size in a process of its own, so that its memory can be told. Started by large-objects.ts. */

const RUN_MS = 60 * 60_000;

const job = JSON.parse(process.argv[2] ?? '') as LargeJob;
const s3 = createS3Client(job.s3Url);
const drop = createDropBucket(s3, DROP_BUCKET);
const qure = createQureClient({ userAgent: USER_AGENT, maxAssetDurationMs: RUN_MS });
const source = parseSource('bench', {});
const credentials = { baseUrl: job.qureUrl, token: 'bench', source: 'bench' };
const now = new Date().toISOString();

/** What is found first of an object is no part of what is measured. */
const STAGES: Record<LargeStage, (sizeBytes: number) => Promise<() => Promise<unknown>>> = {
  index: async (sizeBytes) => () => indexed(sizeBytes),
  async upload(sizeBytes) {
    const instance = await indexed(sizeBytes);
    return () => upload(instance);
  },
  async archive(sizeBytes) {
    const archive = await archiveOf(sizeBytes);
    return () => entryOf(archive);
  },
  async entry(sizeBytes) {
    const instance = await entryOf(await archiveOf(sizeBytes));
    return () => upload(instance);
  },
  asset: async (sizeBytes) => () => storeAsset(sizeBytes),
};

await (await STAGES[job.stage](job.warmUpBytes))();
const work = await STAGES[job.stage](job.sizeBytes);
const memory = measureMemory();
const start = performance.now();
await work();
const seconds = (performance.now() - start) / 1000;
const measure: LargeMeasure = { seconds, ...memory.stop() };
process.stdout.write(JSON.stringify(measure));
process.exit(0);

async function indexed(sizeBytes: number): Promise<Instance> {
  const read = await readDroppedObject(drop, { key: dicomKey(sizeBytes), source }, now);
  if (read.kind !== 'instance') throw new Error(`expected an instance, got ${read.kind}`);
  return read.instance;
}

async function archiveOf(sizeBytes: number): Promise<Archive> {
  const key = tarKey(sizeBytes);
  const range = await drop.readRange(key, 0, 0);
  if (range.kind === 'missing') throw new Error(`expected the archive ${key}`);
  const { etag, totalSizeBytes, lastModified } = range;
  const progress = firstProgress('tar', 0);
  const state = 'waiting' as const;
  const named = { id: 'bench', source: 'bench', key, format: 'tar' as const };
  return { ...named, etag, sizeBytes: totalSizeBytes, lastModified, state, progress };
}

/** The steps of `index-archive.ts`, without their rows. */
async function entryOf(archive: Archive): Promise<Instance> {
  const read = archiveReader(drop, archive);
  const [check, readPage] = [tarCheck(read, archive), tarPages(read, archive)];
  for (let place = { next: 0, entries: 0, isLast: false }; !place.isLast; )
    place = await check(place.next, place.entries);
  let page = await readPage(0, 0, now);
  while (page.sum !== undefined) page = await readPage(0, 0, now, page.sum);
  const [first] = page.entries;
  if (first?.read.kind !== 'instance') throw new Error(`expected an instance, got ${first?.read.kind}`);
  return first.read.instance;
}

async function upload(instance: Instance): Promise<void> {
  const series = uploadingSeries(job.seriesInstanceUid, 1);
  const outcome = await uploadSeries(
    {
      drop,
      series: { load: async () => series, heartbeat: async () => undefined },
      uploadRecords: { add: async () => undefined, of: async () => [], ofAllRounds: async () => [] },
      qure,
      clock: () => new Date(),
      meter: () => undefined,
    },
    series,
    [instance],
    source,
    {
      credentials,
      isProbe: false,
      isVerified: true,
      recordRejection: async () => undefined,
      recordSuccess: async () => undefined,
      close: async () => undefined,
    },
    { remainingMs: () => RUN_MS },
  );
  if (outcome.kind !== 'uploaded') throw new Error(`expected the object to be uploaded, got ${outcome.kind}`);
}

async function storeAsset(sizeBytes: number): Promise<void> {
  const { stored } = await storeAssets(
    {
      qure,
      results: withHashes(createResultsBucket(s3, RESULTS_BUCKET)),
      loadPatientHasher: async () => () => '',
      timeoutSignal: (ms) => AbortSignal.timeout(ms),
    },
    credentials,
    'bench/',
    {
      kind: 'ready',
      files: [{ type: 'sc', urls: [`${job.assetUrl}/${sizeBytes}`] }],
      ignoredFiles: 0,
      hasContent: true,
      digest: '',
    },
    { isForeign: async () => false, alreadyStored: new Set(), remainingMs: () => RUN_MS },
  );
  if (stored.length !== 1) throw new Error('expected the asset to be stored');
}
