import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * Refuses objects that ask for another encryption than that of the bucket: nobody knows whether the functions could read them, and
 * whoever owns the key could take it away. A put that names no encryption gets the bucket's own; S3 judges it before it adds
 * that. One that names KMS without a key would get AWS's key (Amazon S3 API reference, "PutObject").
 */
export function denyForeignEncryption(bucket: Bucket, encryptionKey: IKey): void {
  const deny = (sid: string, conditions: Record<string, Record<string, string>>) =>
    bucket.addToResourcePolicy(denial(sid, ['s3:PutObject'], [bucket.arnForObjects('*')], conditions));
  const keyOfRequest = 's3:x-amz-server-side-encryption-aws-kms-key-id';
  // A negated operator, with `IfExists` or without, also holds where the request has no such header.
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
 * The CDK's look-up role may read whatever needs no key of KMS, and pull requests act as it. Keys of objects need none, and
 * may hold names.
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

/** Whatever else lets somebody read: who is neither one of `readerArns` nor the root user of the account may not. */
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
