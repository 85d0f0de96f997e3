import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** Both keys rotate every year, the default of KMS. A first deployment that fails takes its keys with it again. */
const keyDefaults = {
  enableKeyRotation: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};

/**
 * Two customer-managed keys. `data` guards what is stored: buckets, table and secrets. `messages` guards the queues
 * and is the only one that a service of AWS's own (S3, which notifies) may use: one key for both would either open the
 * stored data to that service or tie bucket, queue and key into a circle.
 */
export class EncryptionKeys extends Construct {
  readonly data: Key;
  readonly messages: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.data = new Key(this, 'Data', {
      ...keyDefaults,
      description: 'qure-dropoff: buckets, table and secrets',
    });
    this.messages = new Key(this, 'Messages', { ...keyDefaults, description: 'qure-dropoff: queues' });
  }

  /**
   * Lets S3 send the notifications of one bucket of this account to a queue under the key.
   * Source: Amazon S3 user guide, "Granting permissions to publish event notification messages".
   */
  allowNotificationsOf(bucketArn: string): void {
    this.messages.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NotificationsOfTheDropBucket',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        // In the policy of a key, `*` is this key.
        resources: ['*'],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': bucketArn },
        },
      }),
    );
  }
}
