import { Aws } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { NotificationReceiver } from './drop-notifications.ts';

export interface DropEventsProps extends NotificationReceiver {
  /** Sends its events to EventBridge. */
  dropBucket: IBucket;
  /** Those of the sources: only objects below one of them. Default: every object of the bucket. */
  prefixes?: readonly string[];
}

/** Of one event pattern, with room for the rest of it. Source: Amazon EventBridge quotas, "Event pattern size" (2,048 characters). */
const MOST_PREFIX_CHARACTERS = 1_700;

/**
 * For a drop bucket that sends its events to EventBridge: a rule on the default bus, where S3 publishes, sends each
 * `Object Created` event of this bucket unchanged to the ingest queue. An event that EventBridge cannot deliver within a day
 * goes to the dead-letter queue, which has an alarm and from which it can be redriven.
 */
export class DropEvents extends Construct {
  /** One, or as many as the prefixes need. */
  readonly rules: Rule[];

  constructor(scope: Construct, id: string, props: DropEventsProps) {
    super(scope, id);
    const { dropBucket, ingestQueue, keys, prefixes } = props;
    const { queue, deadLetters } = ingestQueue;
    const parts = prefixes === undefined ? [undefined] : inPatterns(prefixes);
    this.rules = parts.map((below, at) => this.addRule(at, dropBucket, below));
    // Not `SqsQueue` of the CDK: for an encrypted queue it allows every rule of every account, and grants wildcards on the key.
    for (const rule of this.rules) {
      rule.addTarget({
        bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: deadLetters.queueArn } }),
      });
    }
    keys.allowEventBridge();
    const [arn, ...others] = this.rules.map(({ ruleArn }) => ruleArn);
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
            ArnEquals: { 'aws:SourceArn': others.length === 0 ? arn : [arn, ...others] },
          },
        }),
      );
    }
  }
  private addRule(at: number, dropBucket: IBucket, below: readonly string[] | undefined): Rule {
    return new Rule(this, at === 0 ? 'Rule' : `Rule${at + 1}`, {
      description: 'qure-dropoff: objects that are dropped into an existing bucket',
      // Source: Amazon S3 user guide, "EventBridge event message structure".
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [dropBucket.bucketName] },
          ...(below && { object: { key: below.map((prefix) => ({ prefix })) } }),
        },
      },
    });
  }
}

/** No prefix begins another one, so each event matches one rule. */
function inPatterns(prefixes: readonly string[]): string[][] {
  const parts: string[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const prefix of prefixes) {
    characters += JSON.stringify({ prefix }).length + 1;
    if (characters > MOST_PREFIX_CHARACTERS) {
      parts.push([]);
      characters = JSON.stringify({ prefix }).length + 1;
    }
    parts.at(-1)?.push(prefix);
  }
  return parts;
}
