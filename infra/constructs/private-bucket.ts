import { Aws, Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { BrowserAccess } from '../../functions/shared/browser-access.ts';
import { ABANDONED_UPLOAD_RETENTION, NONCURRENT_VERSION_RETENTION } from '../limits.ts';
import type { AccessLogsBucket } from './access-logs-bucket.ts';
import { denyForeignEncryption, denyListingToLookUps } from './bucket-denials.ts';
import { arnOfBucketNamed } from './known-arn.ts';
import { Validations } from './validations.ts';

export interface PrivateBucketProps {
  /** Begins the bucket's name; account and region follow it. */
  namePrefix: string;
  encryptionKey: IKey;
  accessLogs: AccessLogsBucket;
  removalPolicy: RemovalPolicy;
}

/**
 * A bucket for scans or results: private, encrypted under our own key, TLS only, versioned, and by default retained when the
 * stack is deleted. It has a fixed name, so that the policies of queue and key can name it before it exists. A first deployment
 * that fails deletes it, so that the name is free for the next one.
 */
export class PrivateBucket extends Construct {
  readonly bucket: IBucket;
  /** Made from the name, not from the resource, so that the bucket can depend on the resources that use this ARN. */
  readonly arnByName: string;
  /** For properties that `Bucket` does not offer. */
  readonly resource: CfnBucket;
  private readonly made: Bucket;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    const name = `${props.namePrefix}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
    this.arnByName = arnOfBucketNamed(name);
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: name,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      // One call of KMS per bucket and hour instead of one per object.
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: props.removalPolicy,
      lifecycleRules: [
        {
          id: 'tidy-up',
          abortIncompleteMultipartUploadAfter: ABANDONED_UPLOAD_RETENTION,
          noncurrentVersionExpiration: NONCURRENT_VERSION_RETENTION,
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    // The CDK's own types disagree on whether an optional property may be undefined.
    this.bucket = bucket as IBucket;
    this.made = bucket;
    denyListingToLookUps(bucket);
    Validations.of(bucket).acknowledge({
      id: 'HIPAA.Security-S3BucketReplicationEnabled',
      reason:
        'Versions keep what is overwritten or deleted. The hospital decides about a copy: it knows which region may store scans.',
    });
    const resource = bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket))
      throw new Error('Expected Bucket to be made of one AWS::S3::Bucket.');
    this.resource = resource;
    // Not by `serverAccessLogsBucket`, which sets access control lists unless a feature flag of the app forbids it.
    const logFilePrefix = `${id.toLowerCase()}/`;
    props.accessLogs.allowLogsOf(this.arnByName, logFilePrefix);
    this.resource.loggingConfiguration = {
      destinationBucketName: props.accessLogs.bucket.bucketName,
      logFilePrefix,
    };
  }

  /** For a bucket into which senders write. */
  refuseForeignEncryption(): void {
    denyForeignEncryption(this.made, this.encryptionKey);
  }

  /**
   * Lets the page of one origin use presigned links. Source: Amazon S3 user guide, "Elements of a CORS configuration".
   */
  opensTo(origin: string, { methods, requestHeaders, exposedHeaders, maxAgeSeconds }: BrowserAccess): void {
    this.made.addCorsRule({
      allowedOrigins: [origin],
      allowedMethods: methods.map((method) => HttpMethods[method]),
      allowedHeaders: [...requestHeaders],
      exposedHeaders: [...exposedHeaders],
      maxAge: maxAgeSeconds,
    });
  }

  /** Expires objects below the prefix after so many days; their old versions are kept as long as those of deleted objects. */
  expireBelow(prefix: string, afterDays: number): void {
    const id = `expire ${prefix}`;
    this.made.addLifecycleRule({ id, prefix, expiration: Duration.days(afterDays) });
  }
}
