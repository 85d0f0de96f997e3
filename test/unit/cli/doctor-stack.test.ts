import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
} from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { AskResults } from '../../../cli/doctor/judge-token.ts';
import type { Finding } from '../../../cli/preflight/finding.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
import {
  aws,
  check,
  deploySoundStack,
  describeStack,
  NOW_MS,
  named,
  type Planted,
  parameters,
  restoreClients,
  secret,
} from '../../support/cli/sound-stack.ts';

beforeEach(deploySoundStack);
afterAll(restoreClients);

test('finds nothing wrong with a sound deployment', async () => {
  const findings = await check();
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(new Set(findings.map(({ check }) => check)).size).toBeGreaterThanOrEqual(18);
});

interface Mistake {
  name: string;
  plant?(): void;
  planted?: Planted;
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
    name: 'the bucket announces no object',
    plant: () => aws.s3.on(GetBucketNotificationConfigurationCommand).resolves({}),
    check: 'notification',
    fix: /Deploy again/,
  },
  {
    name: 'the bucket tells another queue',
    plant: () =>
      aws.s3.on(GetBucketNotificationConfigurationCommand).resolves({
        QueueConfigurations: [{ QueueArn: 'arn:other', Events: ['s3:ObjectCreated:*'] }],
      }),
    check: 'notification',
    fix: /Deploy again/,
  },
  {
    name: 'the rule of the bucket is disabled',
    plant: () => {
      aws.s3.on(GetBucketNotificationConfigurationCommand).resolves({ EventBridgeConfiguration: {} });
      aws.events.on(DescribeRuleCommand, { Name: 'drop-rule' }).resolves({ State: 'DISABLED' });
    },
    check: 'notification',
    fix: /enable-rule --name drop-rule/,
  },
  {
    name: 'a queue was deleted',
    plant: () =>
      aws.sqs
        .on(GetQueueAttributesCommand, { QueueUrl: 'https://sqs/compute' })
        .rejects(named('QueueDoesNotExist')),
    check: 'queues',
    fix: /reconcile --repair/,
  },
  {
    name: 'a queue has no dead letters',
    plant: () => aws.sqs.on(GetQueueAttributesCommand).resolves({ Attributes: {} }),
    check: 'queues',
    fix: /Deploy again/,
  },
  {
    name: 'an event source mapping is disabled',
    plant: () =>
      aws.lambda.on(GetEventSourceMappingCommand, { UUID: 'uuid-2' }).resolves({ State: 'Disabled' }),
    check: 'event-sources',
    fix: /--uuid uuid-2 --enabled/,
  },
  {
    name: 'an event source mapping was deleted',
    plant: () => aws.lambda.on(GetEventSourceMappingCommand).rejects(named('ResourceNotFoundException')),
    check: 'event-sources',
    fix: /Deploy again/,
  },
  {
    name: 'a function is throttled by hand',
    plant: () =>
      aws.lambda.on(GetFunctionCommand).resolves({
        Configuration: { State: 'Active' },
        Concurrency: { ReservedConcurrentExecutions: 0 },
      }),
    check: 'functions',
    fix: /delete-function-concurrency --function-name Stack-Compute/,
  },
  {
    name: 'a function was deleted',
    plant: () => aws.lambda.on(GetFunctionCommand).rejects(named('ResourceNotFoundException')),
    check: 'functions',
    fix: /Deploy again/,
  },
  {
    name: 'the sweep does not run',
    plant: () => aws.events.on(DescribeRuleCommand, { Name: 'sweep-rule' }).resolves({ State: 'DISABLED' }),
    check: 'schedules',
    fix: /enable-rule --name sweep-rule/,
  },
  {
    name: 'the table was deleted',
    plant: () => aws.dynamodb.on(DescribeTableCommand).rejects(named('ResourceNotFoundException')),
    check: 'table',
    fix: /restore/,
  },
  {
    name: 'time to live is off',
    plant: () =>
      aws.dynamodb
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
    plant: () => aws.secrets.on(GetSecretValueCommand).rejects(named('ResourceNotFoundException')),
    check: 'secret-default',
    fix: /Deploy again/,
  },
  {
    name: 'a secret is not filled in',
    plant: () => aws.secrets.on(GetSecretValueCommand).resolves({ SecretString: secret({ token: '' }) }),
    check: 'secret-default',
    fix: /put-secret-value --secret-id qure-dropoff\/default/,
  },
  {
    name: 'Qure does not know the token',
    planted: { askResults: qure('auth_rejected') },
    check: 'qure-default',
    fix: /valid token/,
  },
  {
    name: 'Qure denies the workspace',
    planted: { askResults: qure('source_denied') },
    check: 'qure-default',
    fix: /workspace that Qure issued/,
  },
  {
    name: 'the host of Qure does not exist',
    planted: { askResults: unreached('ENOTFOUND') },
    check: 'qure-default',
    fix: /DNS/,
  },
  {
    name: 'a private authority issued the certificate',
    planted: { askResults: unreached('SELF_SIGNED_CERT_IN_CHAIN') },
    check: 'qure-default',
    fix: /caSecretName/,
  },
  {
    name: 'the proxy refuses',
    planted: { askResults: unreached('proxy_407') },
    check: 'qure-default',
    fix: /proxy/,
  },
  {
    name: 'a web page answers in place of Qure',
    planted: { askResults: unreached('html_page') },
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
    planted: { letters: { counts: [{ stage: 'compute', cause: 'unknown_source', count: 3 }] } },
    check: 'dead-letters',
    fix: /redrive --stage compute --cause unknown_source --stack S/,
  },
  {
    name: 'a source is stopped',
    planted: { health: { sources: [{ name: 'north', stopped: 'auth_rejected' }] } },
    check: 'sources',
    fix: /retry --source north --stack S/,
  },
  {
    name: 'a prefix is misconfigured',
    planted: { health: { misconfiguredPrefixes: ['north/'] } },
    check: 'source-parameters',
    fix: /correct the sources document/,
  },
  {
    name: 'another version is deployed',
    planted: { health: { version: '0.0.9' } },
    check: 'version',
    level: 'warning',
    fix: /0\.0\.9/,
  },
  {
    name: 'the caller may not call the API',
    planted: {
      call: async () => {
        throw new ApiCallError('the API answered 403: IAM does not allow it', { status: 403 });
      },
    },
    check: 'api',
    fix: /permissions/,
  },
  {
    name: 'the clock is wrong',
    planted: { serverMs: NOW_MS + 600_000 },
    check: 'clock',
    fix: /NTP/,
  },
  {
    name: 'the account allows too few executions',
    plant: () =>
      aws.lambda.on(GetAccountSettingsCommand).resolves({
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
])('finds that $name, and nothing else', async ({ plant, planted, check: name, level = 'problem', fix }) => {
  plant?.();
  const wrong = (await check(planted)).filter((one) => one.level !== 'ok');
  expect(wrong.length).toBeGreaterThan(0);
  expect(new Set(wrong.map((one) => `${one.check} ${one.level}`))).toEqual(new Set([`${name} ${level}`]));
  for (const one of wrong) expect(one.fix).toMatch(fix);
});

test('a check that AWS denies is a warning with the permission, and the others go on', async () => {
  aws.lambda.on(GetEventSourceMappingCommand).rejects(named('AccessDeniedException'));
  const wrong = (await check()).filter((one) => one.level !== 'ok');
  expect(wrong).toMatchObject([
    {
      check: 'event-sources',
      level: 'warning',
      fix: expect.stringContaining('lambda:GetEventSourceMapping'),
    },
  ]);
});
