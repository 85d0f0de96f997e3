import { Aws } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { NotificationReceiver } from './drop-notifications.ts';

export interface DropEventsProps extends NotificationReceiver {
  /** Sends its events to EventBridge. */
  dropBucket: IBucket;
}

/**
 * For a drop bucket that sends its events to EventBridge: a rule on the default bus, where S3 publishes, sends each
 * `Object Created` event of this bucket unchanged to the ingest queue. An event that EventBridge cannot deliver within a day
 * goes to the dead-letter queue, which has an alarm and from which it can be redriven.
 */
export class DropEvents extends Construct {
  constructor(scope: Construct, id: string, { dropBucket, ingestQueue, keys }: DropEventsProps) {
    super(scope, id);
    const { queue, deadLetters } = ingestQueue;
    const rule = new Rule(this, 'Rule', {
      description: 'qure-dropoff: objects that are dropped into an existing bucket',
      // Source: Amazon S3 user guide, "EventBridge event message structure".
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [dropBucket.bucketName] } },
      },
    });
    // Not `SqsQueue` of the CDK: for an encrypted queue it allows every rule of every account, and grants wildcards on the key.
    rule.addTarget({
      bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: deadLetters.queueArn } }),
    });
    keys.allowEventBridge();
    for (const receiver of [queue, deadLetters]) {
      // Source: Amazon EventBridge user guide, "Using resource-based policies for Amazon EventBridge".
      receiver.addToResourcePolicy(
        new PolicyStatement({
          sid: 'EventsOfTheDropBucket',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [receiver.queueArn],
          conditions: {
            StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
            ArnEquals: { 'aws:SourceArn': rule.ruleArn },
          },
        }),
      );
    }
  }
}
