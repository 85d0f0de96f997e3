import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DropWriter } from '../recovery/canary/canary.ts';

export function createDropWriter(client: S3Client, bucket: string): DropWriter {
  return {
    async put(Key, Body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
  };
}
