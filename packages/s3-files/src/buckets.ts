import type { ServerResponse } from 'node:http';
import { type BucketExchange, type S3Services, sendEmpty, sendXml } from './exchange.ts';
import { S3Error } from './s3-error.ts';
import { branch, leaf, xmlDocument } from './xml-writer.ts';

export const OWNER = branch('Owner', leaf('ID', 'local'), leaf('DisplayName', 'local'));

export function listBuckets({ objects }: S3Services, response: ServerResponse): void {
  const buckets = objects
    .listBuckets()
    .map(({ name, createdMs }) =>
      branch('Bucket', leaf('Name', name), leaf('CreationDate', new Date(createdMs).toISOString())),
    );
  sendXml(response, xmlDocument('ListAllMyBucketsResult', OWNER, branch('Buckets', ...buckets)));
}

/** Idempotent, as in us-east-1. A location constraint in the body is ignored: there is one location. */
export function createBucket(
  { objects, now }: S3Services,
  { bucket, request, response }: BucketExchange,
): void {
  requireBucketName(bucket);
  objects.addBucket(bucket, now());
  request.resume();
  response.setHeader('location', `/${bucket}`);
  sendEmpty(response, 200);
}

export function headBucket({ objects }: S3Services, { bucket, response }: BucketExchange): void {
  objects.requireBucket(bucket);
  response.setHeader('x-amz-bucket-region', 'us-east-1');
  sendEmpty(response, 200);
}

/** An empty constraint is S3's form of us-east-1. */
export function getBucketLocation({ objects }: S3Services, { bucket, response }: BucketExchange): void {
  objects.requireBucket(bucket);
  sendXml(response, xmlDocument('LocationConstraint'));
}

/** An empty configuration is S3's form of "versioning was never enabled". */
export function getBucketVersioning({ objects }: S3Services, { bucket, response }: BucketExchange): void {
  objects.requireBucket(bucket);
  sendXml(response, xmlDocument('VersioningConfiguration'));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function requireBucketName(name: string): void {
  if (
    !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) ||
    name.includes('..') ||
    /^\d+(\.\d+){3}$/.test(name)
  ) {
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.');
  }
}
