import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EncryptionKeys } from './encryption-keys.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import type { PrivateBucket } from './private-bucket.ts';

export interface DropNotificationsProps {
  /** Made by this construct, so that its configuration is ours to write. */
  dropBucket: PrivateBucket;
  ingestQueue: PipelineQueue;
  keys: EncryptionKeys;
}

/**
 * Every object that is created in the drop bucket becomes a message of the ingest queue. The plain property of the
 * bucket does it, without the custom resource of `Bucket.addEventNotification`.
 */
export class DropNotifications extends Construct {
  constructor(scope: Construct, id: string, { dropBucket, ingestQueue, keys }: DropNotificationsProps) {
    super(scope, id);
    keys.allowNotificationsOf(dropBucket.arnByName);
    const { policyDependable } = ingestQueue.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NotificationsOfTheDropBucket',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [ingestQueue.queue.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': dropBucket.arnByName },
        },
      }),
    );
    if (policyDependable === undefined)
      throw new Error('Expected a queue of this stack. Pass one that it creates.');
    dropBucket.resource.notificationConfiguration = {
      queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: ingestQueue.queue.queueArn }],
    };
    // S3 sends a test message when it takes the configuration, and refuses a queue that does not let it.
    dropBucket.resource.node.addDependency(policyDependable);
  }
}
