import { Aws } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/**
 * Lets a sender drop scans below one prefix, whole or in parts, and nothing else: not read, not list, not delete.
 * @throws Error when the grantee is one whose policies this app cannot write, for example a whole account
 */
export function grantPutBelow(grantee: IGrantable, bucket: IBucket, prefix: string): Grant {
  return together(
    allow(grantee, ['s3:PutObject', 's3:AbortMultipartUpload'], [bucket.arnForObjects(`${prefix}*`)]),
    // Parts are decrypted when a multipart upload is completed.
    ...useKeyOf(grantee, bucket, ['kms:GenerateDataKey', 'kms:Decrypt']),
  );
}

/**
 * Lets somebody read and list what lies below one prefix; `''` is the whole bucket.
 * @throws Error as `grantPutBelow` does
 */
export function grantReadBelow(grantee: IGrantable, bucket: IBucket, prefix: string): Grant {
  return together(
    allow(grantee, ['s3:GetObject'], [bucket.arnForObjects(`${prefix}*`)]),
    allow(
      grantee,
      ['s3:ListBucket'],
      [bucket.bucketArn],
      prefix === '' ? undefined : { StringLike: { 's3:prefix': `${prefix}*` } },
    ),
    ...useKeyOf(grantee, bucket, ['kms:Decrypt']),
  );
}

/** The key only through S3. */
function useKeyOf(grantee: IGrantable, { encryptionKey }: IBucket, actions: string[]): Grant[] {
  if (encryptionKey === undefined) return [];
  const viaS3 = { StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` } };
  return [allow(grantee, actions, [encryptionKey.keyArn], viaS3)];
}

function allow(
  grantee: IGrantable,
  actions: string[],
  resourceArns: string[],
  conditions?: Record<string, Record<string, string>>,
): Grant {
  const grant = Grant.addToPrincipal({
    grantee,
    actions,
    resourceArns,
    ...(conditions && { conditions }),
  });
  grant.assertSuccess();
  return grant;
}

function together(first: Grant, ...others: Grant[]): Grant {
  return others.reduce((all, one) => all.combine(one), first);
}
