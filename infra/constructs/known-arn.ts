import { Aws, Stack, Token } from 'aws-cdk-lib';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';

/**
 * The ARN of a bucket, made from its name without a resource: policies on which the bucket depends can contain it.
 * @returns undefined for a bucket of this app that CloudFormation will name
 */
export function knownArnOf(bucket: IBucket): string | undefined {
  const resource = bucket.node.defaultChild;
  if (resource instanceof CfnBucket) {
    // A bucket without a name has a token that resolves to nothing.
    const isNamed = Stack.of(resource).resolve(resource.bucketName) !== undefined;
    return isNamed && resource.bucketName !== undefined ? arnOfBucketNamed(resource.bucketName) : undefined;
  }
  return Token.isUnresolved(bucket.bucketName) ? undefined : arnOfBucketNamed(bucket.bucketName);
}

export function arnOfBucketNamed(name: string): string {
  return `arn:${Aws.PARTITION}:s3:::${name}`;
}
