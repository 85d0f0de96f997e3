import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Json, resolveIntrinsics } from '../../../local/cloud/intrinsics.ts';
import { type DeploymentName, deploy } from '../infra/deployments.ts';
import { listOf, type Resource, type Statement, synthesize } from '../infra/synthesized-template.ts';

const policyOf = (name: string) =>
  readFileSync(new URL(`../../../docs/policies/${name}.json`, import.meta.url), 'utf8');
const statementsIn = (text: string) => (JSON.parse(text) as { Statement: Statement[] }).Statement;

/** As IAM counts a managed policy: without white space. Source: IAM and AWS STS quotas. */
const MOST_CHARACTERS = 6_144;
const ACCOUNT = '111111111111';
const REGION = 'eu-central-1';

interface Row {
  /** What CloudFormation calls at least to make it; its other calls begin in the same way. */
  action: string;
  arn: (name: string) => string;
  /** Of the property that names it, where the template does. */
  name?: string;
}

const at = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const api: Row = { action: 'apigateway:POST', arn: () => `arn:aws:apigateway:${REGION}::/apis/a1b2` };
const any = (action: string): Row => ({ action, arn: () => '*' });

/** A type without a row fails: CloudFormation needs a permission for it. */
const TYPES: Readonly<Record<string, Row>> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Integration': api,
  'AWS::ApiGatewayV2::Route': api,
  'AWS::ApiGatewayV2::Stage': api,
  'AWS::CloudWatch::Alarm': {
    action: 'cloudwatch:PutMetricAlarm',
    arn: (name) => at('cloudwatch', `alarm:${name}`),
  },
  'AWS::CloudWatch::Dashboard': {
    action: 'cloudwatch:PutDashboard',
    arn: (name) => `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${name}`,
  },
  'AWS::DynamoDB::Table': { action: 'dynamodb:CreateTable', arn: (name) => at('dynamodb', `table/${name}`) },
  'AWS::EC2::SecurityGroup': any('ec2:CreateSecurityGroup'),
  'AWS::EC2::SecurityGroupEgress': any('ec2:AuthorizeSecurityGroupEgress'),
  'AWS::EC2::SecurityGroupIngress': any('ec2:AuthorizeSecurityGroupIngress'),
  'AWS::EC2::VPCEndpoint': any('ec2:CreateVpcEndpoint'),
  'AWS::EventSchemas::Registry': {
    action: 'schemas:CreateRegistry',
    arn: (name) => at('schemas', `registry/${name}`),
    name: 'RegistryName',
  },
  'AWS::EventSchemas::Schema': {
    action: 'schemas:CreateSchema',
    arn: (name) => at('schemas', `schema/qure-dropoff/${name}`),
    name: 'SchemaName',
  },
  'AWS::Events::Rule': {
    action: 'events:PutRule',
    arn: (name) => at('events', `rule/${name}`),
    name: 'Name',
  },
  'AWS::IAM::Role': {
    action: 'iam:CreateRole',
    arn: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
    name: 'RoleName',
  },
  'AWS::KMS::Key': any('kms:CreateKey'),
  'AWS::Lambda::EventInvokeConfig': {
    action: 'lambda:PutFunctionEventInvokeConfig',
    arn: () => at('lambda', 'function:QureDropoff-Function'),
  },
  'AWS::Lambda::EventSourceMapping': any('lambda:CreateEventSourceMapping'),
  'AWS::Lambda::Function': {
    action: 'lambda:CreateFunction',
    arn: (name) => at('lambda', `function:${name}`),
    name: 'FunctionName',
  },
  'AWS::Lambda::Permission': {
    action: 'lambda:AddPermission',
    arn: () => at('lambda', 'function:QureDropoff-Function'),
  },
  'AWS::Logs::LogGroup': {
    action: 'logs:CreateLogGroup',
    arn: (name) => at('logs', `log-group:${name}`),
    name: 'LogGroupName',
  },
  'AWS::S3::Bucket': {
    action: 's3:CreateBucket',
    arn: (name) => `arn:aws:s3:::${name.toLowerCase()}`,
    name: 'BucketName',
  },
  'AWS::S3::BucketPolicy': {
    action: 's3:PutBucketPolicy',
    arn: () => `arn:aws:s3:::qure-dropoff-drop-${ACCOUNT}-${REGION}`,
  },
  'AWS::SQS::Queue': { action: 'sqs:CreateQueue', arn: (name) => at('sqs', name), name: 'QueueName' },
  'AWS::SQS::QueuePolicy': { action: 'sqs:SetQueueAttributes', arn: () => at('sqs', 'QureDropoff-Queue') },
  'AWS::SSM::Parameter': {
    action: 'ssm:PutParameter',
    arn: (name) => at('ssm', `parameter${name}`),
    name: 'Name',
  },
  'AWS::SecretsManager::Secret': {
    action: 'secretsmanager:CreateSecret',
    arn: (name) => at('secretsmanager', `secret:${name}-a1B2c3`),
    name: 'Name',
  },
};

/** A name that CloudFormation makes up begins with that of the stack. */
function nameOf(id: string, { Properties }: Resource, property: string | undefined): string {
  const given = property === undefined ? undefined : Properties[property];
  if (given === undefined) return `QureDropoff-${id}-1ABCDEFGHIJK`;
  return String(resolveIntrinsics(given as Json, () => ({ ref: 'x', attributes: {} }), id));
}

describe('the policy of CloudFormation', () => {
  const statements = statementsIn(
    policyOf('execution')
      .replaceAll('<account>', ACCOUNT)
      .replaceAll('<region>', REGION)
      .replaceAll('<stack>', 'QureDropoff')
      .replaceAll('<lowerstack>', 'quredropoff')
      .replaceAll('<appName>', 'qure-dropoff'),
  );
  const allows = (action: string, arn: string) =>
    statements.some(
      ({ Action, Resource }) =>
        listOf(Action).some((pattern) => isMatch(pattern, action)) &&
        listOf(Resource).some((pattern) => isMatch(String(pattern), arn)),
    );

  const templates = [
    ['the stack', () => synthesize({ schemaRegistry: true, canary: { source: 'default' } })],
    ...(['a VPC with endpoints', 'many sites'] as const).map((name: DeploymentName) => [
      name,
      () => deploy(name).template(),
    ]),
  ] as [string, () => ReturnType<typeof synthesize>][];

  it.each(templates)('covers each resource of %s', (_name, template) => {
    const missing = Object.entries(template().resources).flatMap(([id, resource]) => {
      const row = TYPES[resource.Type];
      if (row === undefined) return [`${resource.Type} has no row in this test`];
      const arn = row.arn(nameOf(id, resource, row.name));
      return allows(row.action, arn) ? [] : [`${row.action} on ${arn}`];
    });
    expect(missing).toEqual([]);
  });

  it('covers the setting that lets functions send messages to themselves', () => {
    expect(allows('lambda:PutFunctionRecursionConfig', at('lambda', 'function:QureDropoff-x'))).toBe(true);
  });

  it('reaches no other system of the account by name', () => {
    for (const arn of [
      'arn:aws:s3:::payroll',
      at('sqs', 'payroll'),
      at('lambda', 'function:payroll'),
      `arn:aws:iam::${ACCOUNT}:role/Admin`,
      at('secretsmanager', 'secret:payroll-a1B2c3'),
      at('dynamodb', 'table/payroll'),
    ]) {
      const [, , service = ''] = arn.split(':');
      for (const verb of [
        'DeleteObject',
        'DeleteQueue',
        'DeleteFunction',
        'PassRole',
        'DeleteTable',
        'GetSecretValue',
      ])
        expect([arn, allows(`${service}:${verb}`, arn)]).toEqual([arn, false]);
    }
  });
});

it.each(['execution', 'deploy'])('%s.json is one managed policy', (name) => {
  const text = policyOf(name);
  expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(MOST_CHARACTERS);
  const placeholders = new Set(text.match(/<\w+>/g));
  for (const one of placeholders)
    expect(['<account>', '<region>', '<stack>', '<lowerstack>', '<appName>']).toContain(one);
});

/** IAM: `*` is any characters. */
function isMatch(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(text);
}
