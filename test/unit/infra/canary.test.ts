import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { type CanarySettings, parseCanarySettings } from '../../../functions/recovery/canary/canary.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import type { DeployedSource } from '../../../infra/constructs/sources.ts';
import type { CanaryOptions } from '../../../infra/options/canary-settings.ts';
import { listOf, newStack, synthesize } from './synthesized-template.ts';

const SOURCES: DeployedSource[] = [
  { name: 'canary', document: { prefix: 'test/canary/' } },
  { name: 'elsewhere', document: { delivery: 'external' } },
  { name: 'thrifty', document: { dailyBudget: 10 } },
];
const withCanary = (canary: CanaryOptions = { source: 'canary' }, more = {}) => ({
  sources: SOURCES,
  canary,
  ...more,
});
const template = synthesize(withCanary());
const statements = template.permissionsOf('DropoffCanary');
const [, fn] = template.one('AWS::Lambda::Function', 'DropoffCanaryFunction');
const { Variables } = fn.Properties.Environment as { Variables: Record<string, unknown> };

it('is not deployed without the property canary', () => {
  const { resources, outputs } = synthesize({ sources: SOURCES });
  expect(Object.keys(resources).filter((id) => id.includes('Canary'))).toEqual([]);
  expect(outputs).not.toHaveProperty('CanaryFunctionName');
});

describe('the function', () => {
  it('has exactly the environment variables that it needs', () => {
    expect(Object.keys(Variables).toSorted()).toEqual(
      [ENV.appName, ENV.tableName, ENV.dropBucket, ENV.canary].toSorted(),
    );
    expect(parseCanarySettings(String(Variables[ENV.canary]))).toEqual({
      source: 'canary',
      prefix: 'test/canary/',
      everyMinutes: 60,
      withinMinutes: 30,
      expectedStates: ['DONE', 'UNSUPPORTED'],
    } satisfies CanarySettings);
  });

  it('is in the outputs', () => {
    expect(template.outputs).toHaveProperty('CanaryFunctionName');
  });

  it('has exactly the permissions that it needs', () => {
    const actions = statements
      .flatMap(({ Action }) => listOf(Action))
      .filter((one) => !one.startsWith('kms:'));
    expect(actions.toSorted()).toEqual([
      'dynamodb:GetItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:ListBucket',
      's3:PutObject',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('drops and lists below its own folder only', () => {
    const of = (action: string) => statements.filter(({ Action }) => listOf(Action).includes(action));
    expect(JSON.stringify(of('s3:PutObject').map(({ Resource }) => Resource))).toContain(
      '/test/canary/canary/*"',
    );
    expect(of('s3:ListBucket').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 's3:prefix': 'test/canary/canary/' } },
    ]);
  });

  it('uses keys only through the service that holds the data', () => {
    const withKeys = statements.filter(({ Action }) => listOf(Action).some((one) => one.startsWith('kms:')));
    expect(withKeys.length).toBe(3);
    for (const { Condition } of withKeys) expect(Condition?.StringEquals).toHaveProperty('kms:ViaService');
  });

  it.each([
    { everyMinutes: 60, rate: 'rate(1 hour)', maxEventAgeSeconds: 3600 },
    { everyMinutes: 90, rate: 'rate(90 minutes)', maxEventAgeSeconds: 5400 },
    { everyMinutes: 700, rate: 'rate(700 minutes)', maxEventAgeSeconds: 21_600 },
  ])('runs at $rate, and never again for one that failed', ({ everyMinutes, rate, maxEventAgeSeconds }) => {
    const scheduled = synthesize(withCanary({ source: 'canary', everyMinutes }));
    const [, rule] = scheduled.one('AWS::Events::Rule', 'DropoffCanaryRule');
    expect(rule.Properties).toMatchObject({
      ScheduleExpression: rate,
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: maxEventAgeSeconds } }],
    });
    const [, invoke] = scheduled.one('AWS::Lambda::EventInvokeConfig', 'DropoffCanaryFunction');
    expect(invoke.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: maxEventAgeSeconds,
    });
  });
});

describe('the alarm', () => {
  const [, { Properties }] = template.one('AWS::CloudWatch::Alarm', 'DropoffAlarmsCanaryFailed');

  it('alarms for one failed study, and for missing data', () => {
    expect(Properties).toMatchObject({
      Namespace: 'QureDropoff',
      MetricName: 'CanarySucceeded',
      Statistic: 'Minimum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
      // Two runs of an hour, and half an hour.
      Period: 150 * 60,
      EvaluationPeriods: 1,
    });
    expect(Properties.Dimensions).toEqual(
      expect.arrayContaining([
        { Name: 'App', Value: 'qure-dropoff' },
        { Name: 'Source', Value: 'canary' },
      ]),
    );
  });

  it('names its entry of the runbook', () => {
    expect(Properties.AlarmDescription).toMatch(/docs\/operations\.md#canary-failed$/);
  });

  it('notifies the given topic', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-central-1:111111111111:on-call';
    const told = synthesize(withCanary({ source: 'canary' }, { alarmTopicArn }));
    const [, alarm] = told.one('AWS::CloudWatch::Alarm', 'DropoffAlarmsCanaryFailed');
    expect(alarm.Properties).toMatchObject({ AlarmActions: [alarmTopicArn], OKActions: [alarmTopicArn] });
  });
});

it('has no unacknowledged finding of cdk-nag', () => {
  const { app } = newStack(withCanary());
  for (const pack of [new AwsSolutionsChecks(app), new HIPAASecurityChecks(app)])
    expect(pack.validateScope(app).violations).toEqual([]);
});

describe('refused is', () => {
  it.each<{ name: string; canary: CanaryOptions; told: RegExp }>([
    { name: 'a source that is not deployed', canary: { source: 'south' }, told: /deployed source.*"south"/ },
    {
      name: 'a source that others deliver',
      canary: { source: 'elsewhere' },
      told: /another system delivers/,
    },
    { name: 'a budget that it would use up', canary: { source: 'thrifty' }, told: /at least 24 .* got 10/ },
    { name: 'a study a minute', canary: { source: 'canary', everyMinutes: 1 }, told: /5 to 700, got 1;/ },
    { name: 'half a minute', canary: { source: 'canary', everyMinutes: 7.5 }, told: /whole number/ },
    {
      name: 'no time at all',
      canary: { source: 'canary', withinMinutes: 0 },
      told: /withinMinutes.* got 0;/,
    },
    {
      name: 'more than a day together',
      canary: { source: 'canary', everyMinutes: 600, withinMinutes: 241 },
      told: /from 1 to 240, got 241/,
    },
    { name: 'no state', canary: { source: 'canary', expectedStates: [] }, told: /got none/ },
  ])('$name', ({ canary, told }) => {
    expect(() => synthesize(withCanary(canary))).toThrow(told);
  });

  it('accepts a sufficient budget', () => {
    expect(() => synthesize(withCanary({ source: 'thrifty', everyMinutes: 144 }))).not.toThrow();
  });
});
