import type { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';
import type { DeployedSource } from '../../../infra/constructs/sources.ts';
import { deployWith } from './deployments.ts';
import { longest } from './longest-template.ts';
import type { Resource } from './synthesized-template.ts';

/** A source with all that a document can ask for. */
function hospital(at: number): DeployedSource {
  const topic = (name: string) => `arn:aws:sns:eu-central-1:111111111111:${name}`;
  return {
    name: `hospital-${at}`,
    document: {
      prefix: `from/hospital-${at}/`,
      retention: { scanDays: 30, resultDays: 365 },
      notifications: [
        { events: ['Series Done'], triageStatus: ['critical'], topicArn: topic('stroke-team') },
        { events: ['Series Failed', 'Object Quarantined'], topicArn: topic('pacs-team') },
      ],
      dropAccess: { accountId: '222222222222', externalId: `site-${at}` },
      ...(at < 30 && { qure: { secretName: `radiology/${at}/`.padEnd(80, 'x') } }),
    },
  };
}

const hospitals = (count: number) => Array.from({ length: count }, (_, at) => hospital(at));

function deployHospitals(count: number) {
  return deployWith((scope: Stack) => ({
    appName: 'twenty-letters-long1',
    sources: hospitals(count),
    canary: { source: 'hospital-0' },
    network: {
      vpc: Vpc.fromVpcAttributes(scope, 'OldVpc', {
        vpcId: 'vpc-11111111',
        availabilityZones: ['eu-central-1a'],
        privateSubnetIds: ['subnet-1111'],
        privateSubnetRouteTableIds: ['rtb-1111'],
      }),
      createsEndpoints: true,
    },
  })).template();
}

describe('sixty hospitals with everything stay below what AWS takes', () => {
  const { resources } = deployHospitals(60);

  interface Quota {
    type: string;
    what: string;
    most: number;
    of: (properties: Record<string, unknown>) => number;
  }
  const charactersOf = (value: unknown) => JSON.stringify(longest(resources, value)).length;
  const policy = ({ PolicyDocument }: Record<string, unknown>) => charactersOf(PolicyDocument);

  it.each<Quota>([
    {
      type: 'AWS::IAM::Role',
      what: 'characters in the policies of a role',
      most: 10_240,
      of: ({ Policies = [] }) =>
        (Policies as Record<string, unknown>[]).reduce((sum, one) => sum + policy(one), 0),
    },
    {
      type: 'AWS::Lambda::Function',
      what: 'bytes of environment variables',
      most: 4096,
      of: ({ Environment }) => charactersOf((Environment as { Variables: unknown }).Variables),
    },
    { type: 'AWS::SQS::QueuePolicy', what: "bytes of a queue's policy", most: 8192, of: policy },
    { type: 'AWS::S3::BucketPolicy', what: "bytes of a bucket's policy", most: 20_480, of: policy },
    {
      type: 'AWS::KMS::Key',
      what: "bytes of a key's policy",
      most: 32_768,
      of: ({ KeyPolicy }) => charactersOf(KeyPolicy),
    },
    {
      type: 'AWS::S3::Bucket',
      what: 'life cycle rules',
      most: 1000,
      of: ({ LifecycleConfiguration }) => (LifecycleConfiguration as { Rules: unknown[] }).Rules.length,
    },
    {
      type: 'AWS::CloudWatch::Alarm',
      what: 'characters of description',
      most: 1024,
      of: ({ AlarmDescription }) => String(AlarmDescription).length,
    },
    {
      type: 'AWS::CloudWatch::Alarm',
      what: 'seconds that an alarm looks back over',
      most: 86_400,
      of: ({ Period, EvaluationPeriods }) => Number(Period) * Number(EvaluationPeriods),
    },
  ])('$most $what', ({ type, most, of }) => {
    const found = Object.entries(resources).filter(([, { Type }]) => Type === type);
    expect(found.length).toBeGreaterThan(0);
    const beyond = found.map(([id, { Properties }]: [string, Resource]) => `${id}: ${of(Properties)}`);
    expect(beyond.filter((line) => Number(line.split(': ')[1]) > most)).toEqual([]);
  });

  it('500 resources', () => {
    expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
  });

  it('a megabyte of template', () => {
    expect(JSON.stringify(resources, null, 1).length).toBeLessThan(900_000);
  });
});

it('refuses a hundred sources, and says what to do', () => {
  expect(() => deployHospitals(100)).toThrow(
    /at most 500 resources in a stack, got \d+, of which 100 sources make 570: .*Divide the sources among several deployments/,
  );
});

it('refuses names of secrets that are too long for a role', () => {
  const sources = [1, 2, 3, 4, 5].map((at) => ({
    name: `s${at}`,
    document: { qure: { secretName: `${at}`.padEnd(500, 'x') } },
  }));
  expect(() => deployWith(() => ({ sources }))).toThrow(
    /at most 2400 characters in all secretName .* got 2500/,
  );
});

it('the policies of the functions are as short in an app that does not ask for short ones', () => {
  const lengthsIn = (context: Record<string, unknown>) =>
    deployWith(() => ({ sources: hospitals(30) }), context)
      .template()
      .ofType('AWS::IAM::Role')
      .map(([, { Properties }]) => JSON.stringify(Properties.Policies ?? '').length);
  const lengths = lengthsIn({});
  expect(lengths.length).toBeGreaterThan(8);
  expect(lengthsIn({ '@aws-cdk/aws-iam:minimizePolicies': false })).toEqual(lengths);
});
