import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, GetServiceSettingCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { expect } from 'vitest';
import { checkStack } from '../../../cli/doctor/check-stack.ts';
import type { AskResults } from '../../../cli/doctor/judge-token.ts';
import { createAccount } from '../../../cli/preflight/account.ts';
import type { Finding } from '../../../cli/preflight/finding.ts';
import type { CallApi } from '../../../cli/target/call-api.ts';
import { readStack } from '../../../cli/target/stack.ts';
import { VERSION } from '../../../functions/shared/version.ts';

const cloudformation = mockClient(CloudFormationClient);
const dynamodb = mockClient(DynamoDBClient);
const events = mockClient(EventBridgeClient);
const lambda = mockClient(LambdaClient);
const s3 = mockClient(S3Client);
const secrets = mockClient(SecretsManagerClient);
const sqs = mockClient(SQSClient);
const ssm = mockClient(SSMClient);
const ALL = [cloudformation, dynamodb, events, lambda, s3, secrets, sqs, ssm];
/** The clients of AWS, which a mistake is planted in. */
export const aws = { dynamodb, events, lambda, s3, secrets, sqs };

/** The classes are mocked, and the next file of a worker has the same ones. */
export function restoreClients(): void {
  for (const client of ALL) client.restore();
}

export const NOW_MS = Date.parse('2026-03-12T08:00:00Z');
const TOKEN = 'token-of-the-hospital';
export const named = (name: string) => Object.assign(new Error(`${TOKEN} in a message`), { name });

const OUTPUTS = {
  DropBucketName: 'drop',
  ResultsBucketName: 'results',
  IngestQueueArn: 'arn:ingest',
  IngestQueueUrl: 'https://sqs/ingest',
  ComputeQueueUrl: 'https://sqs/compute',
  TableName: 'table',
  SourcesPath: '/qure-dropoff/sources/',
  SecretsPrefix: 'qure-dropoff/',
  ApiUrl: 'https://api.execute-api.eu-central-1.amazonaws.com',
};
const RESOURCES = [
  ['DropoffIngestMapping', 'AWS::Lambda::EventSourceMapping', 'uuid-1'],
  ['DropoffComputeMapping', 'AWS::Lambda::EventSourceMapping', 'uuid-2'],
  ['DropoffCompute', 'AWS::Lambda::Function', 'Stack-Compute'],
  ['DropoffSweepScheduleRule', 'AWS::Events::Rule', 'sweep-rule'],
  ['DropoffDropEventsRule', 'AWS::Events::Rule', 'drop-rule'],
].map(([LogicalResourceId, ResourceType, PhysicalResourceId]) => ({
  LogicalResourceId,
  ResourceType,
  PhysicalResourceId,
}));

/** What else of a deployment is wrong. */
export interface Planted {
  health?: object;
  letters?: object;
  call?: CallApi;
  askResults?: AskResults;
  serverMs?: number;
}

/** Makes a deployment in which nothing is wrong. */
export function deploySoundStack(): void {
  for (const client of ALL) client.reset();
  describeStack('UPDATE_COMPLETE');
  cloudformation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: RESOURCES as never });
  s3.on(GetBucketNotificationConfigurationCommand).resolves({
    QueueConfigurations: [{ QueueArn: 'arn:ingest', Events: ['s3:ObjectCreated:*'] }],
  });
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { RedrivePolicy: '{}' } });
  lambda.on(GetEventSourceMappingCommand).resolves({ State: 'Enabled' });
  lambda.on(GetFunctionCommand).resolves({ Configuration: { State: 'Active' } });
  lambda.on(GetAccountSettingsCommand).resolves({
    AccountLimit: {
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 1000,
      TotalCodeSize: 80 * 1024 ** 3,
    },
    AccountUsage: { TotalCodeSize: 0 },
  });
  events.on(DescribeRuleCommand).resolves({ State: 'ENABLED' });
  dynamodb.on(DescribeTableCommand).resolves({ Table: { TableStatus: 'ACTIVE' } as never });
  dynamodb.on(DescribeTimeToLiveCommand).resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } });
  dynamodb
    .on(DescribeLimitsCommand)
    .resolves({ TableMaxReadCapacityUnits: 40_000, TableMaxWriteCapacityUnits: 40_000 });
  ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: { SettingValue: 'false' } });
  parameters({ 'qure-dropoff/sources/default': '{}' });
  secrets.on(GetSecretValueCommand).resolves({ SecretString: secret() });
}

export function describeStack(StackStatus: string): void {
  cloudformation.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'S',
        CreationTime: new Date(0),
        StackStatus: StackStatus as never,
        Outputs: Object.entries(OUTPUTS).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    ],
  });
}

export function parameters(values: Readonly<Record<string, string>>): void {
  ssm.on(GetParametersByPathCommand).resolves({
    Parameters: Object.entries(values).map(([name, Value]) => ({ Name: `/${name}`, Value })),
  });
}

export function secret(parts: object = {}): string {
  return JSON.stringify({ baseUrl: 'https://qure.example', token: TOKEN, source: 'W', ...parts });
}

/** What the doctor finds. No token is in it, and each finding but a good one has its fix. */
export async function check(planted: Planted = {}): Promise<Finding[]> {
  const health = {
    version: VERSION,
    sources: [{ name: 'default' }],
    misconfiguredPrefixes: [],
    ...planted.health,
  };
  const letters = { counts: [], ...planted.letters };
  const call: CallApi = async ({ path }) => (path === '/v1/health' ? health : letters);
  const stack = await readStack({ kind: 'stack', name: 'S', prefix: '', region: 'eu-central-1' });
  const findings = await checkStack({
    stack,
    where: ' --stack S',
    call: planted.call ?? call,
    account: await createAccount('eu-central-1'),
    env: {},
    nowMs: NOW_MS,
    askResults: planted.askResults ?? (async () => ({ kind: 'not_uploaded' })),
    askDate: async () => planted.serverMs ?? NOW_MS,
  });
  expect(JSON.stringify(findings)).not.toContain(TOKEN);
  for (const { level, fix } of findings) expect(fix === undefined).toBe(level === 'ok');
  return findings;
}
