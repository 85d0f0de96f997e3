import { type App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { DeployedSource } from '../../../infra/constructs/sources.ts';
import { QureDropoff, type QureDropoffProps } from '../../../infra/qure-dropoff.ts';
import { inlineCode, newApp, type SynthesizedTemplate, templateOf } from './synthesized-template.ts';

export const KEY_ARN = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';
export const BUCKET_KEY_ARN =
  'arn:aws:kms:eu-central-1:111111111111:key/99999999-2222-3333-4444-555555555555';

/** Two hospitals that use all that a deployment makes for a source, and one that uses nothing. */
export const MANY_SITES: DeployedSource[] = [
  {
    name: 'north',
    document: {
      prefix: 'from-north/',
      qure: { baseUrl: 'https://qure.example', source: 'north', secretName: 'radiology/qure' },
      retention: { scanDays: 30, resultDays: 365 },
      notifications: [
        {
          events: ['Series Done'],
          triageStatus: ['critical'],
          products: ['qER'],
          findings: ['ICH'],
          topicArn: 'arn:aws:sns:eu-central-1:111111111111:stroke-team',
        },
        {
          events: ['Series Failed', 'Object Quarantined'],
          topicArn: 'arn:aws:sns:eu-central-1:111111111111:pacs-team',
        },
      ],
      dropAccess: { accountId: '222222222222', externalId: 'north-of-2026' },
    },
  },
  {
    name: 'south.2',
    document: {
      qure: { secretName: 'radiology/qure' },
      retention: { resultDays: 90 },
      notifications: [{ events: ['Series Done'], topicArn: 'arn:aws:sns:eu-central-1:111111111111:south' }],
      dropAccess: {
        principalArn: 'arn:aws:iam::333333333333:role/pacs/exporter',
        externalId: 'south:2',
      },
    },
  },
  { name: 'east', document: {} },
];

export const SIGN_IN = {
  issuer: 'https://login.hospital.example/realms/radiology',
  clientId: 'qure-dropoff',
  rolesClaim: 'roles',
};

/** The ways in which a hospital may deploy the construct in a stack of its own, with what it brings along. */
export const DEPLOYMENTS = {
  default: () => ({}),
  'a bucket by EventBridge': (scope) => ({
    dropBucket: { bucket: scansUnderAKey(scope), notifications: 'eventbridge' },
  }),
  'a bucket by SQS': (scope) => ({
    dropBucket: { bucket: scansUnderAKey(scope), notifications: 'sqs' },
  }),
  'both buckets': (scope) => ({
    dropBucket: { bucket: scansUnderAKey(scope), notifications: 'eventbridge' },
    resultsBucket: Bucket.fromBucketName(scope, 'OldResults', 'our-results'),
  }),
  'an imported key': (scope) => ({ encryptionKey: Key.fromKeyArn(scope, 'OldKey', KEY_ARN) }),
  'one key': (scope) => ({ encryptionKey: new Key(scope, 'OurKey', { enableKeyRotation: true }) }),
  'a key of the app': (scope) => ({
    encryptionKey: new Key(scope, 'OurKey', { enableKeyRotation: true }),
    dropBucket: { bucket: scansUnderAKey(scope), notifications: 'eventbridge' },
  }),
  'a VPC': (scope) => ({ network: { vpc: privateVpc(scope) } }),
  'a VPC with endpoints': (scope) => ({
    network: {
      vpc: privateVpc(scope),
      securityGroups: [SecurityGroup.fromSecurityGroupId(scope, 'OldGroup', 'sg-11111111')],
      createsEndpoints: true,
    },
  }),
  'a canary in a VPC': (scope) => ({
    canary: { source: 'default' },
    network: { vpc: privateVpc(scope) },
    httpApi: false,
  }),
  'many sites': () => ({ sources: MANY_SITES }),
  'neither API nor traces': () => ({ httpApi: false, tracing: false }),
  'patients are shown': () => ({ phi: 'show', console: { signIn: SIGN_IN } }),
  'a page': () => ({ console: { signIn: SIGN_IN } }),
  'a page beside both buckets': (scope) => ({
    console: { signIn: SIGN_IN },
    dropBucket: { bucket: scansUnderAKey(scope), notifications: 'sqs' },
    resultsBucket: Bucket.fromBucketName(scope, 'OldResults', 'our-results'),
  }),
  'a trial': (scope) => ({
    removalPolicy: RemovalPolicy.DESTROY,
    tags: { 'cost-centre': 'radiology' },
    permissionsBoundary: ManagedPolicy.fromManagedPolicyName(scope, 'Boundary', 'hospital-boundary'),
  }),
} as const satisfies Record<string, (scope: Stack) => QureDropoffProps>;

export type DeploymentName = keyof typeof DEPLOYMENTS;

export interface Deployment {
  app: App;
  dropoff: QureDropoff;
  /** Fails for circular dependencies. */
  template(): SynthesizedTemplate;
}

export function deploy(name: DeploymentName): Deployment {
  return deployWith(DEPLOYMENTS[name]);
}

export function deployWith(
  propsIn: (scope: Stack) => QureDropoffProps,
  context: Record<string, unknown> = {},
): Deployment {
  const app = newApp(context);
  const stack = new Stack(app, 'Hospital');
  const dropoff = new QureDropoff(stack, 'Dropoff', { codeFor: inlineCode, ...propsIn(stack) });
  return { app, dropoff, template: () => templateOf(stack) };
}

function scansUnderAKey(scope: Stack) {
  return Bucket.fromBucketAttributes(scope, 'OldScans', {
    bucketName: 'our-scans',
    encryptionKey: Key.fromKeyArn(scope, 'KeyOfOldScans', BUCKET_KEY_ARN),
  });
}

function privateVpc(scope: Stack) {
  return Vpc.fromVpcAttributes(scope, 'OldVpc', {
    vpcId: 'vpc-11111111',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-1111', 'subnet-2222'],
    privateSubnetRouteTableIds: ['rtb-1111', 'rtb-2222'],
  });
}
