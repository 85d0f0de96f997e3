import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** The origins of the links to these buckets, each once. Asked once; signing a link calls no service. */
export function createBucketOrigins(client: S3Client, buckets: readonly string[]) {
  let origins: Promise<readonly string[]> | undefined;
  return (): Promise<readonly string[]> => {
    origins ??= originsOf(client, buckets);
    return origins;
  };
}

async function originsOf(client: S3Client, buckets: readonly string[]): Promise<readonly string[]> {
  const links = await Promise.all(
    buckets.map((Bucket) => getSignedUrl(client, new HeadObjectCommand({ Bucket, Key: 'any' }))),
  );
  return [...new Set(links.map((link) => new URL(link).origin))];
}
