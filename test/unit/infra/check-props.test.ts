import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { QureDropoff, type QureDropoffProps } from '../../../infra/qure-dropoff.ts';
import { deployWith, KEY_ARN } from './deployments.ts';
import { inlineCode, newApp } from './synthesized-template.ts';

const byEventBridge = (bucket: IBucket) => ({ bucket, notifications: 'eventbridge' }) as const;

interface Row {
  why: string;
  props: (scope: Stack) => QureDropoffProps;
  message: RegExp;
}

describe('properties are refused', () => {
  it.each<Row>([
    {
      why: 'notifications of an unknown kind',
      props: (scope) => ({
        dropBucket: {
          bucket: Bucket.fromBucketName(scope, 'B', 'b-1'),
          notifications: 'sns' as unknown as 'sqs',
        },
      }),
      message: /dropBucket\.notifications: expected "eventbridge" or "sqs", got "sns"/,
    },
    {
      why: 'a bucket that has no name yet, by SQS',
      props: (scope) => ({ dropBucket: { bucket: newBucket(scope), notifications: 'sqs' } }),
      message: /dropBucket\.bucket: expected a bucket whose name is known at synthesis/,
    },
    {
      why: 'results in the bucket for scans',
      props: (scope) => ({
        dropBucket: byEventBridge(Bucket.fromBucketName(scope, 'A', 'one')),
        resultsBucket: Bucket.fromBucketName(scope, 'B', 'one'),
      }),
      message: /resultsBucket: expected another bucket than dropBucket/,
    },
    ...['*', 'arn:aws:iam::*:role/Auditor', 'arn:aws:iam::111111111111:root', 'Auditor'].map((arn) => ({
      why: `${arn} for a reader of access logs`,
      props: () => ({ accessLogReaderArns: [arn] }),
      message: /accessLogReaderArns: expected ARNs of roles and users/,
    })),
    ...[3_999, 4_000.5, Number.NaN].map((writeUnitsPerSecond) => ({
      why: `${writeUnitsPerSecond} writes a second for a table that takes more`,
      props: () => ({ warmThroughput: { writeUnitsPerSecond } }),
      message: /warmThroughput\.writeUnitsPerSecond: expected a whole number of at least 4000/,
    })),
    {
      why: 'fewer reads a second than a new table has',
      props: () => ({ warmThroughput: { readUnitsPerSecond: 4_000 } }),
      message: /warmThroughput\.readUnitsPerSecond: expected a whole number of at least 12000/,
    },
    {
      why: 'an alias for a key',
      props: (scope) => ({ encryptionKey: Alias.fromAliasName(scope, 'K', 'alias/hospital') }),
      message: /encryptionKey: expected a key, got an alias/,
    },
    {
      why: 'public subnets',
      props: (scope) => ({
        network: { vpc: newVpc(scope), subnets: { subnetType: SubnetType.PUBLIC } },
      }),
      message: /network\.subnets: expected private subnets, got public ones/,
    },
    {
      why: 'subnets that the VPC does not have',
      props: (scope) => ({
        network: { vpc: newVpc(scope), subnets: { subnetGroupName: 'Nowhere' } },
      }),
      message: /network\.subnets: expected subnets of the VPC: .*Nowhere/,
    },
    {
      why: 'no security group',
      props: (scope) => ({ network: { vpc: newVpc(scope), securityGroups: [] } }),
      message: /network\.securityGroups: expected at least one, got none/,
    },
    {
      why: 'a removal policy that nothing here knows',
      props: () => ({ removalPolicy: RemovalPolicy.SNAPSHOT as unknown as RemovalPolicy.DESTROY }),
      message: /removalPolicy: expected RETAIN or DESTROY, got "snapshot"/,
    },
    {
      why: 'a tag of AWS',
      props: () => ({ tags: { 'aws:cost': '1' } }),
      message: /tags: expected a key .* got "aws:cost"/,
    },
    {
      why: 'a tag with a character that not every service takes',
      props: () => ({ tags: { 'cost-centre': 'radiology & cardiology' } }),
      message: /tags: expected a key .* of letters, digits, spaces .* got "cost-centre"/,
    },
    ...['aws-scans', 'ssmscans', 'xn--scans', 'sthree-scans', 'amzn-s3-demo-scans'].map((appName) => ({
      why: `a name that AWS keeps for itself, ${appName}`,
      props: () => ({ appName }),
      message: new RegExp(`appName: expected a name that does not begin with .* got "${appName}"`),
    })),
    {
      why: 'too many tags',
      props: () => ({ tags: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`t${at}`, 'x'])) }),
      message: /tags: expected at most 49, got 50/,
    },
  ])('for $why', ({ props, message }) => {
    expect(() => deployWith(props)).toThrow(message);
  });

  it('for a bucket and a key elsewhere, if the stack knows its account and region', () => {
    const stack = new Stack(newApp(), 'Hospital', {
      env: { account: '111111111111', region: 'eu-central-1' },
    });
    const make = () =>
      new QureDropoff(stack, 'Dropoff', {
        codeFor: inlineCode,
        resultsBucket: Bucket.fromBucketAttributes(stack, 'B', { bucketName: 'b-1', region: 'us-east-1' }),
        encryptionKey: Key.fromKeyArn(stack, 'K', 'arn:aws:kms:eu-central-1:222222222222:key/1234'),
      });
    expect(make).toThrow(
      /resultsBucket: .*region of the stack \(eu-central-1\), got us-east-1.*\n.*encryptionKey: .*account of the stack \(111111111111\), got 222222222222/,
    );
  });

  it('for a topic of another region, but not of another account', () => {
    const stack = new Stack(newApp(), 'Hospital', {
      env: { account: '111111111111', region: 'eu-central-1' },
    });
    const make = (arn: string) => () =>
      new QureDropoff(stack, arn, {
        codeFor: inlineCode,
        alarmTopic: Topic.fromTopicArn(stack, `T${arn}`, arn),
      });
    expect(make('arn:aws:sns:us-east-1:111111111111:alarms')).toThrow(
      /alarmTopic: .*region of the stack \(eu-central-1\), got us-east-1/,
    );
    expect(make('arn:aws:sns:eu-central-1:222222222222:alarms')).not.toThrow();
  });

  it('with all mistakes at once, those of sources and canary included', () => {
    const make = () =>
      deployWith((scope) => ({
        appName: 'X',
        tags: { 'aws:a': '' },
        sources: [
          { name: 'a', document: { retention: { resultDays: 9 } } },
          { name: 'b', document: {} },
        ],
        resultsBucket: Bucket.fromBucketName(scope, 'R', 'results'),
        canary: { source: 'c', everyMinutes: 1 },
      }));
    expect(make).toThrow(
      /5 mistake\(s\):\n {2}appName: .*\n {2}tags: .*\n {2}sources\.a\.retention\.resultDays: .*\n {2}canary\.everyMinutes: .*\n {2}canary\.source: /,
    );
  });

  it('with the mistakes of the documents beside those of the canary', () => {
    const make = () =>
      deployWith(() => ({
        sources: [{ name: 'a', document: { products: [] } }],
        canary: { source: 'a', everyMinutes: 1 },
      }));
    expect(make).toThrow(/2 mistake\(s\):\n {2}sources\.a\.products: .*\n {2}canary\.everyMinutes: /);
  });

  it.each([
    { what: 'sources as text', props: { sources: 'a' }, message: /sources: expected a list, got string/ },
    {
      what: 'a source without a document',
      props: { sources: [{ name: 'a', token: 'very-secret' }] },
      message: /^(?!.*very-secret).*sources\.0: expected a name and a document/s,
    },
    {
      what: 'a bucket without its kind of notifications',
      props: { dropBucket: Bucket },
      message: /dropBucket: expected \{ bucket, notifications \}, got no bucket in it/,
    },
  ])('from JavaScript: $what', ({ props, message }) => {
    expect(() => deployWith(() => props as unknown as QureDropoffProps)).toThrow(message);
  });
});

it.each([
  { bucket: 'without a key', encryptionKey: undefined, warnings: 1 },
  { bucket: 'with its key', encryptionKey: KEY_ARN, warnings: 0 },
])('an imported bucket $bucket: $warnings warning', ({ encryptionKey, warnings }) => {
  const { dropoff } = deployWith((scope) => ({
    resultsBucket: Bucket.fromBucketAttributes(scope, 'B', {
      bucketName: 'b-1',
      ...(encryptionKey && { encryptionKey: Key.fromKeyArn(scope, 'K', encryptionKey) }),
    }),
  }));
  const found = Annotations.fromStack(Stack.of(dropoff)).findWarning(
    '*',
    Match.stringLikeRegexp('^resultsBucket: '),
  );
  expect(found).toHaveLength(warnings);
});

it('accepts a named bucket of the app for SQS, and an unnamed one for EventBridge', () => {
  const named = deployWith((scope) => ({
    dropBucket: { bucket: newBucket(scope, 'hospital-scans'), notifications: 'sqs' },
  }));
  expect(JSON.stringify(named.template().ofType('AWS::SQS::QueuePolicy'))).toContain(':s3:::hospital-scans');
  const unnamed = deployWith((scope) => ({ dropBucket: byEventBridge(newBucket(scope)) }));
  expect(unnamed.template().one('AWS::Events::Rule', 'DropoffDropEvents')).toBeDefined();
});

// The casts: the CDK's own types disagree on whether what is optional may be undefined.

function newBucket(scope: Stack, bucketName?: string): IBucket {
  const named = bucketName === undefined ? {} : { bucketName };
  return new Bucket(scope, 'New', { eventBridgeEnabled: true, ...named }) as IBucket;
}

function newVpc(scope: Stack): IVpc {
  return new Vpc(scope, 'Vpc') as IVpc;
}
