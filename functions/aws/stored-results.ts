import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { presentationOf } from '../qure/asset-type.ts';
import type { StoredResults } from '../series/results-bucket.ts';

export function createStoredResults(client: S3Client, bucket: string): StoredResults {
  return {
    async linkTo(folder, file, expiresIn) {
      const Key = folder + file;
      const { contentType, disposition } = presentationOf(file, await storedTypeOf(client, bucket, Key));
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key,
        ResponseContentType: contentType,
        ResponseContentDisposition: disposition,
      });
      return getSignedUrl(client, command, { expiresIn });
    },
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
        // The bucket's owner can put anything there; the link to it is given all the same.
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
  };
}

/**
 * Results of earlier versions may be stored by whatever type their host told. `undefined` where there is none, for which S3 answers 403
 * to whom may not list.
 */
async function storedTypeOf(client: S3Client, bucket: string, key: string): Promise<string | undefined> {
  try {
    return (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentType;
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 403 || status === 404) return undefined;
    throw error;
  }
}
