import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { LinkUpload } from '../api/upload-links-route.ts';

/**
 * Links by which anybody may put one object each into the drop bucket. The client must calculate checksums only where S3
 * requires them (`UPLOAD_LINK_CLIENT`): else the checksum of no bytes at all is signed into the link, and S3 refuses every other
 * content. Source: AWS SDK for JavaScript v3, "S3 checksums" (requestChecksumCalculation).
 */
export function createUploadLinks(client: S3Client, bucket: string): LinkUpload {
  return (Key, expiresIn) =>
    getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key }), { expiresIn });
}

/** Configuration of the client for `createUploadLinks`. */
export const UPLOAD_LINK_CLIENT = { requestChecksumCalculation: 'WHEN_REQUIRED' } as const;
