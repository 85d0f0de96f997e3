import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What CloudWatch Logs and DynamoDB do with a key for what they store, with the wildcards of their guides written out. */
export const USES_OF_A_KEY = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;

export interface EncryptionKeysProps {
  /** Replaces both keys. Default: two new ones. */
  encryptionKey?: IKey;
  /** For the logs alone. Default: that of the queues. */
  logEncryptionKey?: IKey;
  removalPolicy: RemovalPolicy;
}

/**
 * Two customer-managed keys. `data` protects buckets, table and secrets. `messages` protects queues and logs. It is the
 * only one that AWS services may use (for notifications and logs): with one key for both, these services could use the
 * key of the stored data, within their conditions. A user who gives one key makes this decision.
 */
export class EncryptionKeys extends Construct {
  readonly data: IKey;
  readonly messages: IKey;
  readonly logs: IKey;

  constructor(scope: Construct, id: string, props: EncryptionKeysProps) {
    super(scope, id);
    const { encryptionKey, logEncryptionKey, removalPolicy } = props;
    this.data = encryptionKey ?? this.newKey('Data', 'buckets, table and secrets', removalPolicy);
    this.messages = encryptionKey ?? this.newKey('Messages', 'queues and logs', removalPolicy);
    this.logs = logEncryptionKey ?? this.messages;
    this.allowLogs();
  }

  /**
   * Allows S3 to send the notifications of one bucket of this account to a queue under the key. Source: Amazon S3 user
   * guide, "Granting permissions to publish event notification messages".
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

  /**
   * Allows EventBridge to deliver events of this account to a queue under the key; the policy of the queue decides
   * which rule may. Source: Amazon SQS developer guide, "Configure KMS permissions for AWS services".
   */
  allowEventBridge(): void {
    this.messages.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EventsOfThisAccount',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }

  /** Rotates every year, the default of KMS. */
  private newKey(id: string, guards: string, removalPolicy: RemovalPolicy): Key {
    return new Key(this, id, {
      description: `qure-dropoff: ${guards}`,
      enableKeyRotation: true,
      removalPolicy,
    });
  }

  /**
   * Allows CloudWatch Logs of this region to encrypt log groups of this account. Source: Amazon CloudWatch Logs user
   * guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service".
   */
  private allowLogs(): void {
    this.logs.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroupsOfThisAccount',
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
        actions: [...USES_OF_A_KEY],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
          },
        },
      }),
    );
  }
}
