import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * Refuses objects with another encryption than that of the bucket: the functions might not be able to read them, and the owner
 * of the key could delete it. A put without an encryption header is accepted and gets the bucket's key; S3 evaluates the
 * policy before it adds that. KMS without a key would mean AWS's key (Amazon S3 API reference, "PutObject").
 */
export function denyForeignEncryption(bucket: Bucket, encryptionKey: IKey): void {
  const deny = (sid: string, conditions: Record<string, Record<string, string>>) =>
    bucket.addToResourcePolicy(denial(sid, ['s3:PutObject'], [bucket.arnForObjects('*')], conditions));
  const keyOfRequest = 's3:x-amz-server-side-encryption-aws-kms-key-id';
  // A negated operator, with or without `IfExists`, also matches a request without the header.
  deny('OtherEncryption', {
    Null: { 's3:x-amz-server-side-encryption': 'false' },
    ArnNotEquals: { [keyOfRequest]: encryptionKey.keyArn },
  });
  deny('OtherKey', {
    Null: { [keyOfRequest]: 'false' },
    ArnNotEquals: { [keyOfRequest]: encryptionKey.keyArn },
  });
  deny('KeyOfTheSender', { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } });
}

/**
 * Denies listing to the CDK's look-up role, which pull requests assume. That role can read what needs no KMS key, such as object
 * keys, and those may hold names.
 */
export function denyListingToLookUps(bucket: Bucket): void {
  bucket.addToResourcePolicy(
    denial(
      'ListingByLookUps',
      ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
      [bucket.bucketArn],
      {
        ArnLike: {
          'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-*-lookup-role-*`,
        },
      },
    ),
  );
}

/** Denies reading to every principal except `readerArns` and the root user of the account, whatever else allows it. */
export function denyReadingExcept(bucket: Bucket, readerArns: readonly string[]): void {
  const root = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
  bucket.addToResourcePolicy(
    denial('OtherReaders', ['s3:GetObject*'], [bucket.arnForObjects('*')], {
      ArnNotLike: { 'aws:PrincipalArn': [root, ...readerArns] },
    }),
  );
}

function denial(
  sid: string,
  actions: string[],
  resources: string[],
  conditions: Record<string, Record<string, string | string[]>>,
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources,
    conditions,
  });
}
