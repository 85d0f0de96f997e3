import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchLogsClient, DescribeResourcePoliciesCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeLimitsCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, GetServiceSettingCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPreflight } from '../../../cli/commands/preflight.ts';
import { createAccount } from '../../../cli/preflight/account.ts';
import type { Finding } from '../../../cli/preflight/finding.ts';
import { NEEDED_EXECUTIONS, needOf } from '../../../cli/preflight/judge-quotas.ts';
import { askStatus } from '../../../cli/preflight/reach-qure.ts';
import { runCli } from '../../support/cli/run-cli.ts';

const sts = mockClient(STSClient);
const lambda = mockClient(LambdaClient);
const logs = mockClient(CloudWatchLogsClient);
const ssm = mockClient(SSMClient);
const s3 = mockClient(S3Client);
const dynamodb = mockClient(DynamoDBClient);
const ALL = [sts, lambda, logs, ssm, s3, dynamodb];
// The classes are mocked, and the next file of this worker has the same ones.
afterAll(() => {
  for (const client of ALL) client.restore();
});

const QURE = 'https://qure.example';
const SECRET = 'AKIA-a-secret-of-the-shell';

class ServiceError extends Error {
  readonly $metadata: { httpStatusCode: number };
  constructor(name: string, httpStatusCode: number) {
    super(`${SECRET} is not authorized to perform this`);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

function limits(unreserved: number, usedBytes = 0): object {
  return {
    AccountLimit: {
      ConcurrentExecutions: unreserved,
      UnreservedConcurrentExecutions: unreserved,
      TotalCodeSize: 80 * 1024 ** 3,
    },
    AccountUsage: { TotalCodeSize: usedBytes },
  };
}

function tableLimits(TableMaxWriteCapacityUnits: number): object {
  return { TableMaxReadCapacityUnits: 40_000, TableMaxWriteCapacityUnits };
}

/** An account in which nothing is missing. */
beforeEach(() => {
  for (const client of ALL) client.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333' });
  lambda.on(GetAccountSettingsCommand).resolves(limits(1000));
  logs.on(DescribeResourcePoliciesCommand).resolves({ resourcePolicies: [] });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '27' } });
  ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: { SettingValue: 'false' } });
  dynamodb.on(DescribeLimitsCommand).resolves(tableLimits(40_000));
  s3.on(HeadBucketCommand).rejects(new ServiceError('NotFound', 404));
});

async function preflight(...argv: string[]) {
  const command = createPreflight({ accountIn: createAccount, askStatus: async () => 404 });
  const { code, lines, errors } = await runCli(command, ['--region', 'eu-central-1', ...argv], undefined, {
    env: { QURE_BASE_URL: QURE },
  });
  return { code, text: lines.join('\n'), errors };
}

async function findingsOf(...argv: string[]): Promise<{ code: number; found: Record<string, Finding> }> {
  const { code, text } = await preflight('--json', ...argv);
  expect(text).not.toContain(SECRET);
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  for (const { level, fix } of findings) expect(fix === undefined).toBe(level === 'ok');
  return { code, found: Object.fromEntries(findings.map((one) => [one.check, one])) };
}

it('has a line for each check, and ends with 0 in an account where nothing is missing', async () => {
  const { code, text } = await preflight();
  expect(code).toBe(0);
  const checks = [...text.matchAll(/^OK +([a-z-]+):/gm)].map(([, check]) => check);
  expect(checks).toEqual([
    'credentials',
    'lambda-concurrency',
    'lambda-code-storage',
    'table-reads',
    'table-writes',
    'parameter-requests',
    'log-resource-policies',
    'bootstrap',
    'bucket-drop',
    'bucket-results',
    'qure-reachable',
    'addresses',
  ]);
  expect(text).toContain('0 problems, 0 warnings');
  expect(text).not.toContain('111122223333');
});

it('asks for the buckets of the deployment by their names', async () => {
  await preflight('--app-name', 'scans-b');
  expect(s3.commandCalls(HeadBucketCommand).map(({ args }) => args[0].input.Bucket)).toEqual([
    'scans-b-drop-111122223333-eu-central-1',
    'scans-b-results-111122223333-eu-central-1',
  ]);
});

const policy = (policyName: string, characters: number) => ({
  policyName,
  policyDocument: 'x'.repeat(characters),
});
const OTHERS = Array.from({ length: 10 }, (_one, at) => policy(`other-${at}`, 100));

describe.each<{ title: string; set: () => void; check: string; level: Finding['level'] }>([
  {
    title: 'a new account with ten executions',
    set: () => lambda.on(GetAccountSettingsCommand).resolves(limits(10)),
    check: 'lambda-concurrency',
    level: 'problem',
  },
  {
    title: 'exactly as many executions as the mappings use',
    set: () => lambda.on(GetAccountSettingsCommand).resolves(limits(NEEDED_EXECUTIONS)),
    check: 'lambda-concurrency',
    level: 'problem',
  },
  {
    title: 'no room for code',
    set: () => lambda.on(GetAccountSettingsCommand).resolves(limits(1000, 80 * 1024 ** 3)),
    check: 'lambda-code-storage',
    level: 'problem',
  },
  {
    title: 'ten log policies of others',
    set: () => logs.on(DescribeResourcePoliciesCommand).resolves({ resourcePolicies: OTHERS }),
    check: 'log-resource-policies',
    level: 'problem',
  },
  {
    title: 'a delivery policy on the second page that is nearly full',
    set: () =>
      logs
        .on(DescribeResourcePoliciesCommand)
        .resolvesOnce({ resourcePolicies: OTHERS.slice(1), nextToken: 'next' })
        .resolvesOnce({ resourcePolicies: [policy('AWSLogDeliveryWrite20150319', 5000)] }),
    check: 'log-resource-policies',
    level: 'warning',
  },
  {
    title: 'ten log policies, one of them the delivery policy with room',
    set: () =>
      logs.on(DescribeResourcePoliciesCommand).resolves({
        resourcePolicies: [...OTHERS.slice(1), policy('AWSLogDeliveryWrite20150319', 1000)],
      }),
    check: 'log-resource-policies',
    level: 'ok',
  },
  {
    title: 'no bootstrap',
    set: () => ssm.on(GetParameterCommand).rejects(new ServiceError('ParameterNotFound', 400)),
    check: 'bootstrap',
    level: 'problem',
  },
  {
    title: 'an old bootstrap',
    set: () => ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '5' } }),
    check: 'bootstrap',
    level: 'problem',
  },
  {
    title: 'a bootstrap whose version is no number',
    set: () => ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'x' } }),
    check: 'bootstrap',
    level: 'problem',
  },
  {
    title: 'a bucket of another account',
    set: () => s3.on(HeadBucketCommand).rejects(new ServiceError('Forbidden', 403)),
    check: 'bucket-drop',
    level: 'problem',
  },
  {
    title: 'a bucket of another region',
    set: () => s3.on(HeadBucketCommand).rejects(new ServiceError('PermanentRedirect', 301)),
    check: 'bucket-results',
    level: 'problem',
  },
  {
    title: 'a bucket of an earlier deployment',
    set: () => s3.on(HeadBucketCommand).resolves({}),
    check: 'bucket-drop',
    level: 'warning',
  },
  {
    title: 'a call that AWS denies',
    set: () =>
      logs.on(DescribeResourcePoliciesCommand).rejects(new ServiceError('AccessDeniedException', 400)),
    check: 'log-resource-policies',
    level: 'warning',
  },
  {
    title: 'a call that fails',
    set: () => lambda.on(GetAccountSettingsCommand).rejects(new ServiceError('ServiceException', 500)),
    check: 'lambda-concurrency',
    level: 'warning',
  },
])('$title', ({ set, check, level }) => {
  it(`is a line ${level} of ${check}, and the other checks go on`, async () => {
    set();
    const { code, found } = await findingsOf();
    expect(found[check]?.level).toBe(level);
    expect(code).toBe(level === 'problem' ? 1 : 0);
    expect(found).toHaveProperty('addresses');
  });
});

it('says what to allow where AWS denies a call', async () => {
  ssm.on(GetParameterCommand).rejects(new ServiceError('AccessDeniedException', 400));
  const { found } = await findingsOf();
  expect(found['bootstrap']?.fix).toContain('ssm:GetParameter');
});

it('checks only Qure without credentials', async () => {
  sts.on(GetCallerIdentityCommand).rejects(new ServiceError('CredentialsProviderError', 0));
  const { code, found } = await findingsOf();
  expect(code).toBe(1);
  expect(Object.keys(found)).toEqual(['credentials', 'qure-reachable', 'addresses']);
  expect(found['credentials']?.level).toBe('problem');
});

describe('Qure', () => {
  it.each([
    { url: 'http://qure.example', level: 'warning' },
    { url: 'no url', level: 'problem' },
  ])('$url is a $level', async ({ url, level }) => {
    expect((await findingsOf('--qure', url)).found['qure-reachable']?.level).toBe(level);
  });

  it.each([
    { code: 'ENOTFOUND', fix: 'DNS' },
    { code: 'ECONNREFUSED', fix: 'Allow outgoing' },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', fix: 'private authority' },
    { code: undefined, fix: 'Allow outgoing' },
  ])('that does not answer ($code) has a fix of its own', async ({ code, fix }) => {
    const command = createPreflight({
      accountIn: createAccount,
      askStatus: () => Promise.reject(Object.assign(new Error(SECRET), { code })),
    });
    const { code: end, lines } = await runCli(command, ['--json', '--qure', QURE]);
    expect(end).toBe(1);
    expect(lines.join('\n')).toContain(fix);
    expect(lines.join('\n')).not.toContain(SECRET);
  });

  it('is asked over TLS: a server without it is no answer', async () => {
    const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await expect(askStatus(new URL(`https://127.0.0.1:${port}/`))).rejects.toThrow();
    } finally {
      server.close();
    }
  });
});

it.each([
  { argv: ['--region', 'Frankfurt'], told: '--region' },
  { argv: ['--app-name', 'Scans B'], told: '--app-name' },
  { argv: ['--bucket', 'x'], told: '--bucket' },
])('refuses $argv', async ({ argv, told }) => {
  expect(await preflight(...argv)).toMatchObject({ code: 2, errors: [expect.stringContaining(told)] });
});

it('prints its help without a call', async () => {
  expect((await preflight('--help')).text).toContain('qure-dropoff preflight');
  expect(sts.commandCalls(GetCallerIdentityCommand)).toEqual([]);
});

describe('quotas for a load', () => {
  const MANY = '150000000';

  it('are enough by default for ten million instances a day', async () => {
    const { code } = await findingsOf('--instances-a-day', '10000000');
    expect(code).toBe(0);
  });

  it('are too few executions and requests for 150 million, each with the command that asks for more', async () => {
    const { code, found } = await findingsOf('--instances-a-day', MANY);
    expect(code).toBe(1);
    expect(found['lambda-concurrency']).toMatchObject({ level: 'problem' });
    expect(found['lambda-concurrency']?.fix).toContain('--desired-value 7200');
    expect(found['parameter-requests']).toMatchObject({ level: 'problem' });
    expect(found['parameter-requests']?.fix).toContain('update-service-setting');
    expect(found['table-writes']).toMatchObject({ level: 'ok' });
  });

  it('knows the higher throughput of Parameter Store', async () => {
    ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: { SettingValue: 'true' } });
    const { found } = await findingsOf('--instances-a-day', MANY);
    expect(found['parameter-requests']).toMatchObject({ level: 'ok' });
  });

  it('asks for more than the least of a table', async () => {
    dynamodb.on(DescribeLimitsCommand).resolves(tableLimits(1_000));
    const { found } = await findingsOf();
    expect(found['table-reads']).toMatchObject({ level: 'ok' });
    expect(found['table-writes']).toMatchObject({ level: 'problem' });
    expect(found['table-writes']?.fix).toContain('L-AB614373');
  });

  it('says which permission a check needs that AWS denies', async () => {
    dynamodb.on(DescribeLimitsCommand).rejects(new ServiceError('AccessDeniedException', 403));
    const { code, found } = await findingsOf();
    expect(code).toBe(0);
    expect(found['table-units']?.fix).toContain('dynamodb:DescribeLimits');
  });

  it.each(['0', '-1', '1e6', 'many', '12345678901'])('refuses %s instances a day', async (count) => {
    expect(await preflight('--instances-a-day', count)).toMatchObject({ code: 2 });
  });

  it('are those of the table of docs/benchmarks.md', () => {
    const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| 10\^(\d) hospital \|[^|]*\|[^|]*\| ([\d, ]+) \|/gm)];
    expect(rows.length).toBeGreaterThan(3);
    for (const [, power, runs = ''] of rows) {
      const numbers = [...runs.matchAll(/\d{1,3}(?:,\d{3})+|\d+/g)].map(([one]) =>
        Number(one.replace(',', '')),
      );
      const sum = numbers.reduce((total, count) => total + count);
      const { executions } = needOf(10 ** Number(power));
      expect(executions).toBeGreaterThanOrEqual(0.9 * sum);
      expect(executions).toBeLessThanOrEqual(Math.max(NEEDED_EXECUTIONS, 1.2 * sum));
    }
  });
});
