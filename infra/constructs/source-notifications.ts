import { createHash } from 'node:crypto';
import { Aws, Stack, Token } from 'aws-cdk-lib';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../functions/series/events.ts';
import type { SourceNotification } from '../../functions/sources/source.ts';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';
import { MESSAGE_RETENTION } from '../limits.ts';
import type { EncryptionKeys } from './encryption-keys.ts';
import type { WatchedRule } from './rule-metrics.ts';
import { Validations } from './validations.ts';

export interface SourceNotificationsProps {
  /** Begins the names of the rules. */
  appName: string;
  sources: readonly ConfiguredSource[];
  eventBus: IEventBus;
  keys: EncryptionKeys;
}

/**
 * A rule for each topic of a source. The topic has another owner, whose policy must let the rule publish
 * (docs/configuration.md). Events that cannot be delivered within a day go to one dead-letter queue.
 */
export class SourceNotifications extends Construct {
  readonly deadLetters: Queue;
  readonly rules: WatchedRule[] = [];
  /** Begins the name of each rule, so that one statement of a policy can name all of them. */
  private readonly ruleNamePrefix: string;

  constructor(scope: Construct, id: string, { appName, sources, eventBus, keys }: SourceNotificationsProps) {
    super(scope, id);
    this.ruleNamePrefix = `${appName}-notification-`;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: keys.messages,
      enforceSSL: true,
      retentionPeriod: MESSAGE_RETENTION,
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the queue for undelivered events: people read it, and no function consumes it.',
    });
    for (const { source, deployment } of sources) {
      const ofSource = new Construct(this, source.name);
      for (const [at, notification] of deployment.notifications.entries())
        this.addRule(ofSource, at, source.name, notification, eventBus);
    }
    keys.allowEventBridge();
    // Source: Amazon EventBridge user guide, "Using dead-letter queues to process undelivered events".
    this.deadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'UndeliveredNotifications',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': this.ruleArns(eventBus) },
        },
      }),
    );
  }

  /** A policy of a queue has room for some 60 ARNs. The name of the bus is left out of the ARN where it is the default one. */
  private ruleArns({ eventBusName }: IEventBus): string[] {
    return ['', `${eventBusName}/`].map((bus) =>
      Stack.of(this).formatArn({
        service: 'events',
        resource: 'rule',
        resourceName: `${bus}${this.ruleNamePrefix}*`,
      }),
    );
  }

  private addRule(
    scope: Construct,
    at: number,
    source: string,
    { events, triageStatus, products, findings, topicArn }: SourceNotification,
    eventBus: IEventBus,
  ): void {
    const rule = new Rule(scope, `${at}`, {
      // At most 64 characters, which the name of a source may need completely.
      ruleName: `${this.ruleNamePrefix}${shortHash(source)}-${at}`,
      description: `qure-dropoff: sends events of the source ${source} to a topic`,
      eventBus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: events,
        detail: {
          source: [source],
          ...(triageStatus === undefined ? {} : { triageStatus }),
          ...(products === undefined ? {} : { product: products }),
          ...(findings === undefined ? {} : { presentFindings: findings }),
        },
      },
    });
    this.rules.push({ rule, ...(isDefaultBus(eventBus) ? {} : { eventBusName: eventBus.eventBusName }) });
    // No role: AWS advises against one for topics of the same account, whose own policy decides.
    // Source: Amazon EventBridge user guide, "Using resource-based policies for Amazon EventBridge".
    rule.addTarget({
      bind: () => ({ arn: topicArn, deadLetterConfig: { arn: this.deadLetters.queueArn } }),
    });
  }
}

function isDefaultBus({ eventBusName }: IEventBus): boolean {
  return eventBusName === 'default';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Each topic that EventBridge could not reach from here. */
export function notificationMistakes(scope: Construct, sources: readonly ConfiguredSource[]): string[] {
  return sources.flatMap(({ source, deployment }) =>
    deployment.notifications.flatMap(({ topicArn }, at) => {
      const mistake = unreachable(Stack.of(scope), topicArn);
      return mistake === undefined ? [] : [`sources.${source.name}.notifications.${at}.topicArn: ${mistake}`];
    }),
  );
}

/** The mistakes of a topic, if account and region of the stack are known. A topic of another account would need a role. */
function unreachable({ account, region }: Stack, topicArn: string): string | undefined {
  const [, , , ofRegion = '', ofAccount = ''] = topicArn.split(':');
  if (!Token.isUnresolved(region) && region !== ofRegion)
    return `expected a topic in ${region}, where the deployment is, got one in ${ofRegion}`;
  if (!Token.isUnresolved(account) && account !== ofAccount)
    return `expected a topic of the account ${account}, got one of ${ofAccount}; subscribe its queue or function to a topic of this account`;
  return undefined;
}
