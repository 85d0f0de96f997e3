import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ResultsBucket } from '../series/results-bucket.ts';
import { defined } from '../shared/defined.ts';

/** Two parts of 8 MiB in memory at most for each asset, whatever its size. */
const PART_SIZE_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

export function createResultsBucket(client: S3Client, bucket: string): ResultsBucket {
  return {
    async put(key, body, contentType) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }),
      );
    },
    async putStream(key, body, contentType) {
      const upload = new Upload({
        client,
        params: { Bucket: bucket, Key: key, Body: body, ContentType: contentType },
        partSize: PART_SIZE_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      await upload.done();
    },
    async keys(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const answer = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ...defined({ ContinuationToken: token }),
          }),
        );
        keys.push(...(answer.Contents ?? []).flatMap((entry) => entry.Key ?? []));
        token = answer.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    },
    async open(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Body as Readable | undefined;
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async tag(key, tags) {
      const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      try {
        await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet } }));
        return 'tagged';
      } catch (error) {
        // The SDK has no class for it here: PutObjectTagging declares no errors of its own.
        if (error instanceof Error && error.name === 'NoSuchKey') return 'missing';
        throw error;
      }
    },
  };
}
