import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { type IQureDropoff, QureDropoff } from '../../../infra/qure-dropoff.ts';
import { KEY_ARN } from './deployments.ts';
import {
  inlineCode,
  listOf,
  newApp,
  type Statement,
  statementsOf,
  templateOf,
} from './synthesized-template.ts';

const sources = [{ name: 'north', document: { prefix: 'clinics/north/' } }];

const DEPLOYMENTS: Record<string, (stack: Stack) => IQureDropoff> = {
  'of the app': (stack) => new QureDropoff(stack, 'Scans', { codeFor: inlineCode, sources }),
  imported: (stack) =>
    QureDropoff.fromQureDropoffAttributes(stack, 'Scans', {
      dropBucketName: 'the-scans',
      resultsBucketName: 'the-results',
      apiFunctionName: 'the-api',
      httpApiId: 'a1b2c3',
      dataKeyArn: KEY_ARN,
      sources,
    }),
};

function granted(make: (stack: Stack) => IQureDropoff, grant: (one: IQureDropoff, role: Role) => void) {
  const stack = new Stack(newApp(), 'Radiology');
  const role = new Role(stack, 'Somebody', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  grant(make(stack), role);
  const [, { Properties }] = templateOf(stack).one('AWS::IAM::Policy', 'Somebody');
  return statementsOf(Properties.PolicyDocument).map((statement: Statement) => ({
    actions: listOf(statement.Action),
    resources: listOf(statement.Resource).map((one) => JSON.stringify(one)),
  }));
}

describe.each(Object.entries(DEPLOYMENTS))('a deployment %s', (_where, make) => {
  it('lets a caller read by its API, and nothing else', () => {
    expect(granted(make, (one, role) => one.grantInvokeApi(role))).toEqual([
      { actions: ['execute-api:Invoke'], resources: [expect.stringMatching(/\/\$default\/GET\/\*"/)] },
    ]);
  });

  it('lets another one retry and redrive', () => {
    const [statement, ...others] = granted(make, (one, role) => one.grantRetry(role));
    expect(others).toEqual([]);
    expect(statement?.resources.map((one) => /\/\$default\/(.*?)"/.exec(one)?.[1]).toSorted()).toEqual([
      'POST/v1/dead-letters/redrive',
      'POST/v1/series/*/retry',
      'POST/v1/series/retry',
    ]);
  });

  it('lets a sender drop below the prefix of its source, with the key', () => {
    const statements = granted(make, (one, role) => one.grantDrop(role, 'north'));
    expect(statements.map(({ actions }) => actions)).toEqual([
      ['s3:AbortMultipartUpload', 's3:PutObject'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    ]);
    expect(statements[0]?.resources[0]).toContain('/clinics/north/*');
  });

  it('has rules and metrics for its own sources', () => {
    const stack = new Stack(newApp(), 'Radiology');
    const one = make(stack);
    one.onEvent('Done', { sources: ['north'] });
    expect(() => one.onEvent('Other', { sources: ['south'] })).toThrow(/expected one of north, got "south"/);
    expect(one.metricSeriesDone({ source: 'north' }).dimensions).toEqual({
      App: 'qure-dropoff',
      Source: 'north',
    });
    expect(() => one.metricSeriesDone({ source: 'south' })).toThrow(/deployed source \(north\), got "south"/);
  });
});

it('without an HTTP API the grants are for its function', () => {
  const make = (stack: Stack) => new QureDropoff(stack, 'Scans', { codeFor: inlineCode, httpApi: false });
  for (const grant of ['grantInvokeApi', 'grantRetry'] as const) {
    expect(granted(make, (one, role) => one[grant](role))).toEqual([
      {
        actions: ['lambda:InvokeFunction'],
        resources: [expect.stringContaining('DropoffFunctionsServeApi'.slice(7))],
      },
    ]);
  }
});

it('an imported one makes no resource, and refuses sources with mistakes', () => {
  const stack = new Stack(newApp(), 'Radiology');
  DEPLOYMENTS.imported?.(stack);
  expect(templateOf(stack).resources ?? {}).toEqual({});
  const other = new Stack(newApp(), 'Other');
  const attributes = { dropBucketName: 'a', resultsBucketName: 'b', apiFunctionName: 'c' };
  expect(() =>
    QureDropoff.fromQureDropoffAttributes(other, 'Bad', {
      ...attributes,
      sources: [{ name: 'Not A Name', document: {} }],
    }),
  ).toThrow(/attributes of QureDropoff have 1 mistake/);
});
