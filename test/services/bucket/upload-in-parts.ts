import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { SimulatedBucket } from './simulated-bucket.ts';

/** Begins an upload of one part. What it gives back ends it with its content, and answers the ETag. */
export function beginUpload(
  bucket: SimulatedBucket,
  Bucket: string,
  Key: string,
): (Body: Uint8Array) => string {
  const { UploadId } = bucket.execute(new CreateMultipartUploadCommand({ Bucket, Key })) as {
    UploadId: string;
  };
  const upload = { Bucket, Key, UploadId };
  return (Body) => {
    const part = new UploadPartCommand({ ...upload, PartNumber: 1, Body });
    const { ETag: partTag } = bucket.execute(part) as { ETag: string };
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: partTag }] };
    const end = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload });
    const { ETag } = bucket.execute(end) as { ETag: string };
    return ETag.replaceAll('"', '');
  };
}
