import { GetObjectCommand, HeadObjectCommand, NoSuchKey, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StoredResults } from '../core/ports.ts';

export function createStoredResults(client: S3Client, bucket: string): StoredResults {
  return {
    linkTo: (Key, expiresIn) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key }), { expiresIn }),
    async readJson(Key, maxBytes) {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
        if ((head.ContentLength ?? 0) > maxBytes) return undefined;
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        // Takes a byte order mark away, as the reader of Qure's answer did before it was stored verbatim.
        const text = new TextDecoder().decode(await answer.Body?.transformToByteArray());
        return text === '' ? undefined : (JSON.parse(text) as unknown);
      } catch (error) {
        if (error instanceof NoSuchKey || error instanceof NotFound) return undefined;
        throw error;
      }
    },
  };
}
