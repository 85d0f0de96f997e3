import { Aws, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** A permission: one statement of a policy. */
interface Permission {
  actions: string[];
  resourceArns: string[];
  conditions?: Record<string, Record<string, string | string[]>>;
}

/**
 * Allows a sender to drop scans below one prefix, whole or in parts. It does not allow to read, list or delete.
 * @throws Error when the grantee is one whose policies this app cannot write, for example a whole account
 */
export function grantPutBelow(grantee: IGrantable, bucket: IBucket, prefix: string): Grant {
  return grant(grantee, permissionsToPutBelow(bucket, prefix));
}

/** The same as statements, for a role that is made with them. */
export function statementsToPutBelow(bucket: IBucket, prefix: string): PolicyStatement[] {
  return permissionsToPutBelow(bucket, prefix).map(
    ({ resourceArns, ...others }) => new PolicyStatement({ ...others, resources: resourceArns }),
  );
}

/**
 * Allows to read and list objects below one prefix; `''` is the whole bucket.
 * @throws Error as `grantPutBelow` does
 */
export function grantReadBelow(grantee: IGrantable, bucket: IBucket, prefix: string): Grant {
  return grant(grantee, [
    { actions: ['s3:GetObject'], resourceArns: [bucket.arnForObjects(`${prefix}*`)] },
    {
      actions: ['s3:ListBucket'],
      resourceArns: [bucket.bucketArn],
      ...(prefix !== '' && { conditions: { StringLike: { 's3:prefix': `${prefix}*` } } }),
    },
    ...useOfKey(bucket, prefix, ['kms:Decrypt']),
  ]);
}

/** A deployment's API, and calls of it as `METHOD/path`. */
export interface CallsOfApi {
  httpApi: (IConstruct & { apiId: string }) | undefined;
  apiFunction: IFunction;
  calls: readonly string[];
}

/**
 * Allows calls of the HTTP API; without API Gateway to invoke the function that serves it, which then answers every call.
 * @throws Error as `grantPutBelow` does
 */
export function grantCallsOf(grantee: IGrantable, { httpApi, apiFunction, calls }: CallsOfApi): Grant {
  if (httpApi === undefined) {
    return grant(grantee, [{ actions: ['lambda:InvokeFunction'], resourceArns: [apiFunction.functionArn] }]);
  }
  const resourceArns = calls.map((call) =>
    Stack.of(httpApi).formatArn({
      service: 'execute-api',
      resource: httpApi.apiId,
      resourceName: `$default/${call}`,
    }),
  );
  return grant(grantee, [{ actions: ['execute-api:Invoke'], resourceArns }]);
}

function permissionsToPutBelow(bucket: IBucket, prefix: string): Permission[] {
  return [
    {
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resourceArns: [bucket.arnForObjects(`${prefix}*`)],
    },
    // Parts are decrypted when a multipart upload is completed.
    ...useOfKey(bucket, prefix, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}

/**
 * The key only through S3, and only for objects of this bucket: below the prefix, or under the bucket's own data key.
 * Source: Amazon S3 user guide, "Using server-side encryption with AWS KMS keys", encryption context.
 */
function useOfKey(bucket: IBucket, prefix: string, actions: string[]): Permission[] {
  if (bucket.encryptionKey === undefined) return [];
  const conditions = {
    StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.${Aws.URL_SUFFIX}` },
    StringLike: {
      'kms:EncryptionContext:aws:s3:arn': [bucket.bucketArn, bucket.arnForObjects(`${prefix}*`)],
    },
  };
  return [{ actions, resourceArns: [bucket.encryptionKey.keyArn], conditions }];
}

/** There is always one permission at least. */
function grant(grantee: IGrantable, permissions: readonly Permission[]): Grant {
  const grants = permissions.map((permission) => Grant.addToPrincipal({ grantee, ...permission }));
  for (const one of grants) one.assertSuccess();
  return grants.reduce((all, one) => all.combine(one));
}
