import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createDropBucket } from '../../../functions/aws/drop-bucket.ts';
import { createResultsBucket } from '../../../functions/aws/results-bucket.ts';
import { createStoredResults } from '../../../functions/aws/stored-results.ts';
import { SimulatedBucket } from '../../services/bucket/simulated-bucket.ts';
import { SimulatedBuckets } from '../../services/bucket/simulated-buckets.ts';
import { beginUpload } from '../../services/bucket/upload-in-parts.ts';
import { clientOf, directWire } from '../../services/wire.ts';
import { DROP_BUCKET } from '../s3-event.ts';
import type { VirtualClock } from './virtual-clock.ts';

const RESULTS_BUCKET = 'results';

/** Both buckets as the functions have them, over simulated ones; and what a hospital does (`put`, `delete`) and a test sees. */
export function createWorldBuckets({ nowMs: now }: VirtualClock, isVersioned: () => boolean) {
  let ownEtag: string | undefined;
  const drop = new SimulatedBucket({
    bucket: DROP_BUCKET,
    get isVersioned() {
      return isVersioned();
    },
    now,
    etagOf: () => ownEtag,
  });
  const results = new SimulatedBucket({ bucket: RESULTS_BUCKET, isVersioned: false, now });
  const s3 = clientOf(new SimulatedBuckets({ [DROP_BUCKET]: drop, [RESULTS_BUCKET]: results }), directWire);
  return {
    drop: {
      ...createDropBucket(s3, DROP_BUCKET),
      /** `etag`: another than the MD5, as multipart uploads and SSE-KMS have it. */
      put(Key: string, Body: Uint8Array, etag?: string): void {
        ownEtag = etag;
        drop.execute(new PutObjectCommand({ Bucket: DROP_BUCKET, Key, Body }));
      },
      /** An upload in parts; what it gives back ends it. */
      begin(Key: string): (Body: Uint8Array) => string {
        ownEtag = undefined;
        return beginUpload(drop, DROP_BUCKET, Key);
      },
      delete(Key: string): void {
        drop.execute(new DeleteObjectCommand({ Bucket: DROP_BUCKET, Key }));
      },
      archive: (key: string) => drop.archive(key),
      hide: (prefix: string | undefined) => drop.hide(prefix),
      keys: () => Array.from(drop.objects(), ({ key }) => key),
    },
    results: {
      ...createResultsBucket(s3, RESULTS_BUCKET),
      ...createStoredResults(s3, RESULTS_BUCKET),
      /** The simulated client has nothing to sign with. */
      linkTo: async (folder: string, file: string, expiresInSeconds: number) =>
        `https://results.example/${folder}${file}?expires=${expiresInSeconds}`,
      get objects() {
        return new Map(
          Array.from(results.objects(), ({ key, bytes = new Uint8Array(), contentType, tags }) => [
            key,
            { body: Buffer.from(bytes), contentType, tags },
          ]),
        );
      },
      text(key: string): string | undefined {
        const bytes = results.contentOf(key);
        return bytes === undefined ? undefined : Buffer.from(bytes).toString();
      },
    },
  };
}
