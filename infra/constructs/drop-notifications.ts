import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, type IDependable } from 'constructs';
import type { EncryptionKeys } from './encryption-keys.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import type { PrivateBucket } from './private-bucket.ts';

export interface NotificationReceiver {
  ingestQueue: PipelineQueue;
  keys: EncryptionKeys;
}

export interface DropNotificationsProps extends NotificationReceiver {
  /** Created by this construct, so it may write its configuration. */
  dropBucket: PrivateBucket;
}

/**
 * Every object that is created in the drop bucket becomes a message of the ingest queue. Uses the property of the
 * bucket, without the custom resource of `Bucket.addEventNotification`.
 */
export class DropNotifications extends Construct {
  constructor(scope: Construct, id: string, { dropBucket, ...receiver }: DropNotificationsProps) {
    super(scope, id);
    const policy = allowNotificationsOf(dropBucket.arnByName, receiver);
    dropBucket.resource.notificationConfiguration = {
      queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: receiver.ingestQueue.queue.queueArn }],
    };
    // S3 sends a test message when it accepts the configuration, and refuses a queue that does not allow it.
    dropBucket.resource.node.addDependency(policy);
  }
}

/**
 * Allows one bucket of this account to send its notifications to the ingest queue and to use the queue's key for it.
 * @returns the resources that the configuration of the bucket must wait for
 */
export function allowNotificationsOf(
  bucketArn: string,
  { ingestQueue, keys }: NotificationReceiver,
): IDependable {
  keys.allowNotificationsOf(bucketArn);
  const { policyDependable } = ingestQueue.queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'NotificationsOfTheDropBucket',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [ingestQueue.queue.queueArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': bucketArn },
      },
    }),
  );
  if (policyDependable === undefined)
    throw new Error('Expected a queue of this stack. Pass one that it creates.');
  return policyDependable;
}
