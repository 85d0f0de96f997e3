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
import { afterAll, beforeEach, expect, test } from 'vitest';
import { checkStack } from '../../../cli/doctor/check-stack.ts';
import type { AskResults } from '../../../cli/doctor/judge-token.ts';
import { createAccount } from '../../../cli/preflight/account.ts';
import type { Finding } from '../../../cli/preflight/finding.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
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
// The classes are mocked, and the next file of this worker has the same ones.
afterAll(() => {
  for (const client of ALL) client.restore();
});

const NOW_MS = Date.parse('2026-03-12T08:00:00Z');
const TOKEN = 'token-of-the-hospital';
const named = (name: string) => Object.assign(new Error(`${TOKEN} in a message`), { name });

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

interface Planted {
  health?: object;
  letters?: object;
  call?: CallApi;
  askResults?: AskResults;
  serverMs?: number;
}
let planted: Planted;

/** A deployment in which nothing is wrong. */
beforeEach(() => {
  for (const client of ALL) client.reset();
  planted = {};
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
});

function describeStack(StackStatus: string): void {
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

function parameters(values: Readonly<Record<string, string>>): void {
  ssm.on(GetParametersByPathCommand).resolves({
    Parameters: Object.entries(values).map(([name, Value]) => ({ Name: `/${name}`, Value })),
  });
}

function secret(parts: object = {}): string {
  return JSON.stringify({ baseUrl: 'https://qure.example', token: TOKEN, source: 'W', ...parts });
}

async function check(): Promise<Finding[]> {
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

test('finds nothing wrong with a sound deployment', async () => {
  const findings = await check();
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(new Set(findings.map(({ check }) => check)).size).toBeGreaterThanOrEqual(18);
});

interface Mistake {
  name: string;
  plant(): void;
  check: string;
  level?: Finding['level'];
  fix: RegExp;
}

const qure =
  (kind: 'auth_rejected' | 'source_denied'): AskResults =>
  async () => ({ kind });
const unreached =
  (cause: string): AskResults =>
  async () => ({ kind: 'transient', cause });

test.each<Mistake>([
  {
    name: 'the bucket tells nobody',
    plant: () => s3.on(GetBucketNotificationConfigurationCommand).resolves({}),
    check: 'notification',
    fix: /Deploy again/,
  },
  {
    name: 'the bucket tells another queue',
    plant: () =>
      s3.on(GetBucketNotificationConfigurationCommand).resolves({
        QueueConfigurations: [{ QueueArn: 'arn:other', Events: ['s3:ObjectCreated:*'] }],
      }),
    check: 'notification',
    fix: /Deploy again/,
  },
  {
    name: 'the rule of the bucket is disabled',
    plant: () => {
      s3.on(GetBucketNotificationConfigurationCommand).resolves({ EventBridgeConfiguration: {} });
      events.on(DescribeRuleCommand, { Name: 'drop-rule' }).resolves({ State: 'DISABLED' });
    },
    check: 'notification',
    fix: /enable-rule --name drop-rule/,
  },
  {
    name: 'a queue was deleted',
    plant: () =>
      sqs
        .on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs/compute' })
        .rejects(named('QueueDoesNotExist')),
    check: 'queues',
    fix: /reconcile --repair/,
  },
  {
    name: 'a queue has no dead letters',
    plant: () => sqs.on(GetQueueAttributesCommand).resolves({ Attributes: {} }),
    check: 'queues',
    fix: /Deploy again/,
  },
  {
    name: 'an event source mapping is disabled',
    plant: () => lambda.on(GetEventSourceMappingCommand, { UUID: 'uuid-2' }).resolves({ State: 'Disabled' }),
    check: 'event-sources',
    fix: /--uuid uuid-2 --enabled/,
  },
  {
    name: 'an event source mapping was deleted',
    plant: () => lambda.on(GetEventSourceMappingCommand).rejects(named('ResourceNotFoundException')),
    check: 'event-sources',
    fix: /Deploy again/,
  },
  {
    name: 'a function is throttled by hand',
    plant: () =>
      lambda.on(GetFunctionCommand).resolves({
        Configuration: { State: 'Active' },
        Concurrency: { ReservedConcurrentExecutions: 0 },
      }),
    check: 'functions',
    fix: /delete-function-concurrency --function-name Stack-Compute/,
  },
  {
    name: 'a function was deleted',
    plant: () => lambda.on(GetFunctionCommand).rejects(named('ResourceNotFoundException')),
    check: 'functions',
    fix: /Deploy again/,
  },
  {
    name: 'the sweep does not run',
    plant: () => events.on(DescribeRuleCommand, { Name: 'sweep-rule' }).resolves({ State: 'DISABLED' }),
    check: 'schedules',
    fix: /enable-rule --name sweep-rule/,
  },
  {
    name: 'the table was deleted',
    plant: () => dynamodb.on(DescribeTableCommand).rejects(named('ResourceNotFoundException')),
    check: 'table',
    fix: /restore/,
  },
  {
    name: 'time to live is off',
    plant: () =>
      dynamodb
        .on(DescribeTimeToLiveCommand)
        .resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } }),
    check: 'table',
    level: 'warning',
    fix: /expiresAt/,
  },
  {
    name: 'no source is there',
    plant: () => parameters({}),
    check: 'source-parameters',
    fix: /Deploy again/,
  },
  {
    name: 'a parameter has mistakes',
    plant: () => parameters({ 'qure-dropoff/sources/default': '{"quietPeriodSeconds": -1}' }),
    check: 'source-parameters',
    fix: /configuration\.md/,
  },
  {
    name: 'a secret was deleted',
    plant: () => secrets.on(GetSecretValueCommand).rejects(named('ResourceNotFoundException')),
    check: 'secret-default',
    fix: /Deploy again/,
  },
  {
    name: 'a secret is not filled in',
    plant: () => secrets.on(GetSecretValueCommand).resolves({ SecretString: secret({ token: '' }) }),
    check: 'secret-default',
    fix: /put-secret-value --secret-id qure-dropoff\/default/,
  },
  {
    name: 'Qure does not know the token',
    plant: () => {
      planted.askResults = qure('auth_rejected');
    },
    check: 'qure-default',
    fix: /valid token/,
  },
  {
    name: 'Qure denies the workspace',
    plant: () => {
      planted.askResults = qure('source_denied');
    },
    check: 'qure-default',
    fix: /workspace that Qure issued/,
  },
  {
    name: 'the host of Qure does not exist',
    plant: () => {
      planted.askResults = unreached('ENOTFOUND');
    },
    check: 'qure-default',
    fix: /DNS/,
  },
  {
    name: 'a private authority issued the certificate',
    plant: () => {
      planted.askResults = unreached('SELF_SIGNED_CERT_IN_CHAIN');
    },
    check: 'qure-default',
    fix: /caSecretName/,
  },
  {
    name: 'the proxy refuses',
    plant: () => {
      planted.askResults = unreached('proxy_407');
    },
    check: 'qure-default',
    fix: /proxy/,
  },
  {
    name: 'a web page answers in place of Qure',
    plant: () => {
      planted.askResults = unreached('html_page');
    },
    check: 'qure-default',
    fix: /base URL/,
  },
  {
    name: 'the last update was rolled back',
    plant: () => describeStack('UPDATE_ROLLBACK_COMPLETE'),
    check: 'stack',
    fix: /deploy again/,
  },
  {
    name: 'there are dead letters',
    plant: () => {
      planted.letters = { counts: [{ stage: 'compute', cause: 'unknown_source', count: 3 }] };
    },
    check: 'dead-letters',
    fix: /redrive --stage compute --cause unknown_source --stack S/,
  },
  {
    name: 'a source is stopped',
    plant: () => {
      planted.health = { sources: [{ name: 'north', stopped: 'auth_rejected' }] };
    },
    check: 'sources',
    fix: /retry --source north --stack S/,
  },
  {
    name: 'a prefix is misconfigured',
    plant: () => {
      planted.health = { misconfiguredPrefixes: ['north/'] };
    },
    check: 'source-parameters',
    fix: /correct the sources document/,
  },
  {
    name: 'another version is deployed',
    plant: () => {
      planted.health = { version: '0.0.9' };
    },
    check: 'version',
    level: 'warning',
    fix: /0\.0\.9/,
  },
  {
    name: 'the caller may not call the API',
    plant: () => {
      planted.call = async () => {
        throw new ApiCallError('the API answered 403: IAM does not allow it', { status: 403 });
      };
    },
    check: 'api',
    fix: /permissions/,
  },
  {
    name: 'the clock is wrong',
    plant: () => {
      planted.serverMs = NOW_MS + 600_000;
    },
    check: 'clock',
    fix: /NTP/,
  },
  {
    name: 'the account allows too few executions',
    plant: () =>
      lambda.on(GetAccountSettingsCommand).resolves({
        AccountLimit: {
          ConcurrentExecutions: 10,
          UnreservedConcurrentExecutions: 10,
          TotalCodeSize: 80 * 1024 ** 3,
        },
        AccountUsage: { TotalCodeSize: 0 },
      }),
    check: 'lambda-concurrency',
    fix: /request-service-quota-increase/,
  },
])('finds that $name, and nothing else', async ({ plant, check: name, level = 'problem', fix }) => {
  plant();
  const wrong = (await check()).filter((one) => one.level !== 'ok');
  expect(wrong.length).toBeGreaterThan(0);
  expect(new Set(wrong.map((one) => `${one.check} ${one.level}`))).toEqual(new Set([`${name} ${level}`]));
  for (const one of wrong) expect(one.fix).toMatch(fix);
});

test('a check that AWS denies is a warning with the permission, and the others go on', async () => {
  lambda.on(GetEventSourceMappingCommand).rejects(named('AccessDeniedException'));
  const wrong = (await check()).filter((one) => one.level !== 'ok');
  expect(wrong).toMatchObject([
    {
      check: 'event-sources',
      level: 'warning',
      fix: expect.stringContaining('lambda:GetEventSourceMapping'),
    },
  ]);
});
