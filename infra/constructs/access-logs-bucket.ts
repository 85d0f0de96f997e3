import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ABANDONED_UPLOAD_RETENTION, ACCESS_LOG_RETENTION, NONCURRENT_VERSION_RETENTION } from '../limits.ts';
import { denyReadingExcept } from './bucket-denials.ts';
import { Validations } from './validations.ts';

export interface AccessLogsBucketProps {
  /** Roles and users that may read the logs; `*` matches any characters. */
  readerArns: readonly string[];
  removalPolicy: RemovalPolicy;
}

/**
 * S3 writes its access logs of the drop and results buckets here. The lines hold object keys, which may be patients' names, and
 * S3 cannot encrypt them under our key. So a bucket policy denies access to principals who may read other buckets.
 */
export class AccessLogsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { readerArns, removalPolicy }: AccessLogsBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      // S3 delivers access logs only to buckets under its own keys, not under customer-managed ones.
      // Source: Amazon S3 user guide, "Enabling Amazon S3 server access logging".
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      removalPolicy,
      lifecycleRules: [
        {
          id: 'expire-logs',
          expiration: ACCESS_LOG_RETENTION,
          noncurrentVersionExpiration: NONCURRENT_VERSION_RETENTION,
          abortIncompleteMultipartUploadAfter: ABANDONED_UPLOAD_RETENTION,
        },
      ],
    });
    denyReadingExcept(this.bucket, readerArns);
    Validations.of(this.bucket).acknowledge(
      {
        id: 'AwsSolutions-S1',
        reason: 'This bucket receives the access logs; logging its own requests into itself would not end.',
      },
      {
        id: 'HIPAA.Security-S3DefaultEncryptionKMS',
        reason:
          'S3 delivers access logs to buckets under its own keys only. They contain object keys, no scans; its policy names the readers.',
      },
      {
        id: 'HIPAA.Security-S3BucketReplicationEnabled',
        reason: 'Access logs are kept for a year, with versions; nothing is computed from them.',
      },
    );
  }

  /**
   * Allows S3 to write the access logs of one bucket of this account below `prefix`. Source: Amazon S3 user guide,
   * "Permissions for log delivery".
   */
  allowLogsOf(bucketArn: string, prefix: string): void {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(`${prefix}*`)],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': bucketArn },
        },
      }),
    );
  }
}
