import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { QureDropoffStack } from '../../../infra/qure-dropoff-stack.ts';
import { inlineCode, newStack, SynthesizedTemplate, synthesize } from './synthesized-template.ts';

const template = synthesize();

describe('the stack', () => {
  it('needs no account, no region and no look-up', () => {
    const { app, stack } = newStack();
    const assembly = app.synth();
    expect(assembly.manifest.missing).toBeUndefined();
    expect(assembly.getStackByName('QureDropoff').environment).toMatchObject({
      account: 'unknown-account',
      region: 'unknown-region',
    });
    expect(stack.dependencies).toEqual([]);
  });

  it('gives the same template again', () => {
    expect(synthesize().resources).toEqual(template.resources);
  });

  it('has no custom resources', () => {
    expect(Object.values(template.resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });

  it.each([
    'DropBucketName',
    'ResultsBucketName',
    'DataKeyArn',
    'MessagesKeyArn',
    'TableName',
    'EventBusName',
    'IngestQueueArn',
    'IngestQueueUrl',
    'CompletionQueueUrl',
    'ComputeQueueUrl',
    'ResultsQueueUrl',
    'UrgentComputeQueueUrl',
    'UrgentResultsQueueUrl',
    'SourcesPath',
    'SecretsPrefix',
    'PatientKeySecretName',
    'ApiFunctionName',
    'ApiUrl',
  ])('has the output %s', (name) => {
    expect(template.outputs).toHaveProperty(name);
  });

  it('tags what it makes', () => {
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::DynamoDB::Table',
      'AWS::Lambda::Function',
    ]) {
      for (const [, { Properties }] of template.ofType(type)) {
        expect(Properties.Tags).toContainEqual({ Key: 'project', Value: 'qure-dropoff' });
      }
    }
  });

  it('tags no dashboard: in some regions CloudFormation refuses that', () => {
    const [, { Properties }] = template.one('AWS::CloudWatch::Dashboard', 'Dropoff');
    expect(Properties).not.toHaveProperty('Tags');
  });

  it('begins its names with the app name', () => {
    const other = synthesize({ appName: 'scans-b' });
    const [, bucket] = other.one('AWS::S3::Bucket', 'DropoffDrop');
    expect(JSON.stringify(bucket.Properties.BucketName)).toContain('"scans-b-drop-"');
    expect(other.ofType('AWS::SSM::Parameter')[0]?.[1].Properties.Name).toBe('/scans-b/sources/default');
    const secrets = other.ofType('AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Name);
    expect(secrets.toSorted()).toEqual(['scans-b-patient-key', 'scans-b/default']);
  });

  it('publishes to the given bus', () => {
    const { app, stack: neighbour } = newStack();
    const stack = new QureDropoffStack(app, 'Other', {
      codeFor: inlineCode,
      eventBus: EventBus.fromEventBusName(neighbour, 'Bus', 'clinic'),
    });
    const assembly = app.synth().getStackByName(stack.stackName);
    const other = new SynthesizedTemplate(assembly.template);
    const buses = other
      .ofType('AWS::Lambda::Function')
      .map(([, { Properties }]) => (Properties.Environment as { Variables: object }).Variables)
      .filter((variables) => 'EVENT_BUS_NAME' in variables);
    expect(buses).toHaveLength(6);
    for (const variables of buses) expect(variables).toMatchObject({ EVENT_BUS_NAME: 'clinic' });
    expect(JSON.stringify(other.permissionsOf('DropoffFunctionsSweep'))).toContain(':event-bus/clinic');
  });
});

describe('every alarm', () => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm');
  const APP = { Name: 'App', Value: 'qure-dropoff' };

  it.each(alarms)('%s treats missing data as not breaching', (_id, { Properties }) => {
    expect(Properties.TreatMissingData).toBe('notBreaching');
  });

  it('REQ-DELAY-1: has an alarm on the service level of each source', () => {
    const sources = [
      { name: 'ct-1', document: { serviceLevelSeconds: 900 } },
      { name: 'ct1', document: {} },
    ];
    const late = synthesize({ sources })
      .ofType('AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties)
      .filter(({ MetricName }) => MetricName === 'SeriesOverdue');
    expect(
      late.map(({ Dimensions, AlarmDescription }) => ({
        Dimensions,
        seconds: /(\d+) seconds/.exec(String(AlarmDescription))?.[1],
      })),
    ).toEqual([
      { Dimensions: [APP, { Name: 'Source', Value: 'ct-1' }], seconds: '900' },
      { Dimensions: [APP, { Name: 'Source', Value: 'ct1' }], seconds: '3600' },
    ]);
  });

  it('watches its own queue', () => {
    for (const [id, { Properties }] of alarms.filter(([id]) => id.includes('DeadLetters'))) {
      const [queueId] = template.referencesOf(Properties.Dimensions);
      expect(queueId).toMatch(/DeadLetters/);
      const stage = id.slice('DropoffAlarms'.length, id.indexOf('DeadLetters'));
      expect(queueId).toContain(`Dropoff${stage}`);
    }
    // Two for each of six queues, one for each of six functions, six for all sources, one for each source; schedules, throttles.
    expect(alarms).toHaveLength(28);
  });

  it('notifies the given topic, and without one none', () => {
    for (const [, { Properties }] of alarms) expect(Properties).not.toHaveProperty('AlarmActions');
    const alarmTopicArn = 'arn:aws:sns:eu-central-1:111111111111:on-call';
    for (const [, { Properties }] of synthesize({ alarmTopicArn }).ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions).toEqual([alarmTopicArn]);
      expect(Properties.OKActions).toEqual([alarmTopicArn]);
    }
  });
});
