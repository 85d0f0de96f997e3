import type { Stack } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { deployWith, MANY_SITES } from './deployments.ts';
import type { Resource, SynthesizedTemplate } from './synthesized-template.ts';

const ARN = 'arn:aws:sns:eu-central-1:111111111111';

/** Each has its own topic for each severity, besides the one for all. */
const { template: synthesis, dropoff } = deployWith((scope: Stack) => ({
  sources: MANY_SITES.map(({ name, document: { retention: _ofBuckets, ...document } }) => ({
    name,
    document,
  })),
  canary: { source: 'east' },
  dropBucket: { bucket: Bucket.fromBucketName(scope, 'Old', 'our-scans'), notifications: 'eventbridge' },
  eventBus: EventBus.fromEventBusName(scope, 'Bus', 'radiology') as IEventBus,
  alarmTopic: Topic.fromTopicArn(scope, 'All', `${ARN}:all`),
  alarmTopics: { critical: Topic.fromTopicArn(scope, 'Pager', `${ARN}:pager`) },
}));
const template = synthesis();
const alarm = (name: string): Resource['Properties'] =>
  template.one('AWS::CloudWatch::Alarm', `DropoffAlarms${name.replaceAll(/\W/g, '')}`)[1].Properties;

interface MetricPart {
  Expression?: string;
  MetricStat?: { Metric: { MetricName: string; Dimensions: { Name: string; Value: unknown }[] } };
}
const metricsOf = (name: string) =>
  (alarm(name).Metrics as MetricPart[]).flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
const namesOf = (name: string) => metricsOf(name).map(({ MetricName }) => MetricName);

it('has a severity, which its description begins with', () => {
  for (const { name, severity } of dropoff.alarms.all)
    expect(alarm(name).AlarmDescription).toMatch(
      new RegExp(`^\\[${severity}\\] .*Runbook: docs/operations\\.md#`),
    );
  const severities = Object.fromEntries(dropoff.alarms.all.map(({ name, severity }) => [name, severity]));
  expect(severities).toMatchObject({ IngestDeadLetters: 'critical', ComputeBacklog: 'warning' });
});

it('notifies the topic of all and that of its severity', () => {
  expect(alarm('SeriesFailed').AlarmActions).toEqual([`${ARN}:all`, `${ARN}:pager`]);
  expect(alarm('QuarantineFlood').AlarmActions).toEqual([`${ARN}:all`]);
});

it('takes further actions by severity', () => {
  const { dropoff: other, template: again } = deployWith(() => ({}));
  other.alarms.addAction('warning', { bind: () => ({ alarmActionArn: `${ARN}:tickets` }) });
  const acting = again()
    .ofType('AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) => JSON.stringify(Properties.AlarmActions ?? '').includes('tickets'));
  expect(acting).toHaveLength(other.alarms.all.filter(({ severity }) => severity === 'warning').length);
  for (const [, { Properties }] of acting) expect(Properties.OKActions).toEqual([`${ARN}:tickets`]);
});

describe('what EventBridge does not deliver', () => {
  it('is watched for every rule that the construct makes', () => {
    const watched = ['DropEventsFailed', 'NotificationsLost', 'SchedulesFailed'].flatMap(metricsOf);
    const rules = new Set(
      watched.flatMap(({ Dimensions }) =>
        template.referencesOf(Dimensions.find(({ Name }) => Name === 'RuleName')?.Value),
      ),
    );
    expect([...rules].toSorted()).toEqual(
      template
        .ofType('AWS::Events::Rule')
        .map(([id]) => id)
        .toSorted(),
    );
  });

  it('of drops is every failure; of notifications what the dead letters did not get either', () => {
    expect(namesOf('DropEventsFailed')).toEqual(['FailedInvocations', 'InvocationsFailedToBeSentToDlq']);
    expect(new Set(namesOf('NotificationsLost'))).toEqual(new Set(['InvocationsFailedToBeSentToDlq']));
    expect(new Set(namesOf('SchedulesFailed'))).toEqual(new Set(['FailedInvocations']));
  });

  it('is looked up by the bus too, unless it is the default one', () => {
    const busesOf = (name: string) =>
      metricsOf(name).map(({ Dimensions }) => Dimensions.find(({ Name }) => Name === 'EventBusName')?.Value);
    expect(new Set(busesOf('NotificationsLost'))).toEqual(new Set(['radiology']));
    expect(new Set(busesOf('SchedulesFailed'))).toEqual(new Set([undefined]));
  });
});

it('throttles of each function, of the table and of each index are watched', () => {
  expect(namesOf('FunctionThrottles')).toEqual(Array.from({ length: 7 }, () => 'Throttles'));
  const indexes = metricsOf('TableThrottles').flatMap(({ Dimensions }) =>
    Dimensions.filter(({ Name }) => Name === 'GlobalSecondaryIndexName').map(({ Value }) => Value),
  );
  expect(indexes.toSorted()).toEqual(indexesOf(template));
});

it('a sum has at most ten metrics, and counts one without a value as zero', () => {
  const sums = template
    .ofType('AWS::CloudWatch::Alarm')
    .filter(([id]) => !id.startsWith('DropoffAlarmsSeriesMisjudged'))
    .flatMap(([, { Properties }]) => ('Metrics' in Properties ? [Properties.Metrics as MetricPart[]] : []));
  expect(sums.length).toBeGreaterThan(0);
  for (const parts of sums) {
    expect(parts.length - 1).toBeLessThanOrEqual(10);
    expect(parts[0]?.Expression).toMatch(/^FILL\(m0, 0\)(?: \+ FILL\(m\d, 0\))*$/);
  }
});

it('compares the share of misjudged series of a day, once there are five', () => {
  const { Metrics, Threshold, ComparisonOperator } = alarm('SeriesMisjudged');
  expect({ Threshold, ComparisonOperator }).toEqual({
    Threshold: 0.005,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  expect(Metrics).toMatchObject([
    { Expression: 'IF(wrong >= 5, wrong / judged, 0)', ReturnData: true },
    { Id: 'wrong', MetricStat: { Metric: { MetricName: 'SeriesMisjudged' }, Period: 86_400, Stat: 'Sum' } },
    {
      Id: 'judged',
      MetricStat: { Metric: { MetricName: 'SeriesMisjudged' }, Period: 86_400, Stat: 'SampleCount' },
    },
  ]);
});

function indexesOf({ resources }: SynthesizedTemplate): string[] {
  const [table] = Object.values(resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
  const indexes = table?.Properties.GlobalSecondaryIndexes as { IndexName: string }[];
  return indexes.map(({ IndexName }) => IndexName).toSorted();
}

describe('metricsBySource', () => {
  const lateOf = (kept: 'failures' | 'none') =>
    deployWith(() => ({ metricsBySource: kept })).dropoff.alarms.all.flatMap(({ name }) =>
      name.startsWith('ResultServiceLevel') ? [name] : [],
    );

  it('failures keeps the alarm of each source, none has one for all', () => {
    expect(lateOf('failures')).toEqual(['ResultServiceLevel-default']);
    expect(lateOf('none')).toEqual(['ResultServiceLevel']);
  });

  it('refuses a metric of a source that no function emits, and tells the functions', () => {
    const { dropoff: few, template: made } = deployWith(() => ({ metricsBySource: 'failures' }));
    expect(() => few.metricSeriesDone({ source: 'default' })).toThrow(/metricsBySource is "failures"/);
    expect(few.metricSeriesFailed({ source: 'default' }).dimensions).toMatchObject({ Source: 'default' });
    const [, { Properties }] = made().one('AWS::Lambda::Function', 'DropoffFunctionsSweep');
    expect(Properties.Environment).toMatchObject({ Variables: { METRICS_BY_SOURCE: 'failures' } });
  });
});
