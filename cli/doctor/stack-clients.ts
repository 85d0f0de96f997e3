import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetEventSourceMappingCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { nameOf } from '../preflight/account.ts';
import type { DeployedStack } from '../target/stack.ts';

/** What the checks of a stack ask AWS; each call reads only. */
export interface StackClients {
  ssm: SSMClient;
  notification(bucket: string): Promise<{ queueArns: string[]; hasEventBridge: boolean }>;
  deadLetterTarget(queueUrl: string): Promise<'no queue' | 'none' | 'there'>;
  mappingState(uuid: string): Promise<string>;
  functionState(name: string): Promise<{ state: string; reserved?: number | undefined }>;
  isRuleOn(name: string): Promise<boolean>;
  tableState(name: string): Promise<{ status: string; hasExpiry: boolean }>;
  /** `undefined`: there is no such secret. An empty text: it has no value. */
  secretText(name: string): Promise<string | undefined>;
}

export function createStackClients({ region }: Pick<DeployedStack, 'region'>): StackClients {
  const config = { region, maxAttempts: 3 };
  const s3 = new S3Client(config);
  const sqs = new SQSClient(config);
  const lambda = new LambdaClient(config);
  const events = new EventBridgeClient(config);
  const dynamodb = new DynamoDBClient(config);
  const secrets = new SecretsManagerClient(config);
  return {
    ssm: new SSMClient(config),
    async notification(Bucket) {
      const found = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      const queues = (found.QueueConfigurations ?? []).filter(({ Events = [] }) =>
        Events.some((event) => event.startsWith('s3:ObjectCreated:')),
      );
      return {
        queueArns: queues.map(({ QueueArn = '' }) => QueueArn),
        hasEventBridge: found.EventBridgeConfiguration !== undefined,
      };
    },
    async deadLetterTarget(QueueUrl) {
      const AttributeNames = ['RedrivePolicy'] as const;
      const answer = await known(
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] })),
        ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
      );
      if (answer === undefined) return 'no queue';
      return answer.Attributes?.RedrivePolicy === undefined ? 'none' : 'there';
    },
    async mappingState(UUID) {
      const mapping = await known(lambda.send(new GetEventSourceMappingCommand({ UUID })), NOT_FOUND);
      return mapping === undefined ? 'missing' : (mapping.State ?? 'unknown');
    },
    async functionState(FunctionName) {
      const found = await known(lambda.send(new GetFunctionCommand({ FunctionName })), NOT_FOUND);
      return {
        state: found === undefined ? 'missing' : (found.Configuration?.State ?? 'Active'),
        reserved: found?.Concurrency?.ReservedConcurrentExecutions,
      };
    },
    async isRuleOn(physicalId) {
      // Of a rule on another bus than the default one, CloudFormation gives `<bus>|<rule>`.
      const [Name = '', EventBusName] = physicalId.split('|').reverse();
      const bus = EventBusName === undefined ? {} : { EventBusName };
      const rule = await known(events.send(new DescribeRuleCommand({ Name, ...bus })), NOT_FOUND);
      return rule?.State === 'ENABLED';
    },
    async tableState(TableName) {
      const found = await known(dynamodb.send(new DescribeTableCommand({ TableName })), NOT_FOUND);
      if (found === undefined) return { status: 'missing', hasExpiry: false };
      const expiry = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
      const status = expiry.TimeToLiveDescription?.TimeToLiveStatus;
      return {
        status: found.Table?.TableStatus ?? 'unknown',
        hasExpiry: status === 'ENABLED' || status === 'ENABLING',
      };
    },
    async secretText(SecretId) {
      const found = await known(secrets.send(new GetSecretValueCommand({ SecretId })), NOT_FOUND);
      return found?.SecretString ?? (found === undefined ? undefined : '');
    },
  };
}

const NOT_FOUND = ['ResourceNotFoundException'];

/** `undefined` for an error of one of these names. */
function known<T>(asked: Promise<T>, names: readonly string[]): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (names.includes(nameOf(error))) return undefined;
    throw error;
  });
}
