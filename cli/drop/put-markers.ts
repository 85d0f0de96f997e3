import { PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { MARKER_NAME } from '../../functions/instances/marker.ts';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import type { ScanTally } from './tally.ts';

export interface MarkerPlace {
  s3: S3Client;
  bucket: string;
  /** The folder of the dropped paths. Another CD at the same path had the same one. */
  prefix: string;
}

/**
 * Marks what was dropped, and nothing else: one marker with counts for the folder of each study. With files that are not counted
 * one marker for everything, if everything in the folder is of this drop.
 *
 * @returns whether it was marked
 */
export async function putMarkers(
  { s3, bucket, prefix }: MarkerPlace,
  tally: ScanTally,
  concurrency: number,
): Promise<boolean> {
  const markers = tally.isCounted ? tally.markersOfFolders() : [{ folder: prefix, body: '' }];
  if (!tally.isCounted && !(await holdsOnly({ s3, bucket, prefix }, tally.keys))) return false;
  await mapConcurrently(markers, concurrency, async ({ folder, body }) => {
    // For an empty text the SDK writes a warning on the terminal: its length is not known.
    const content = Buffer.from(body);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: folder + MARKER_NAME, Body: content }));
  });
  return true;
}

async function holdsOnly({ s3, bucket, prefix }: MarkerPlace, keys: ReadonlySet<string>): Promise<boolean> {
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: prefix },
  ))
    if (Contents.some(({ Key = '' }) => Key !== prefix + MARKER_NAME && !keys.has(Key))) return false;
  return true;
}
