import { type App, Aspects, type Environment, Stack } from 'aws-cdk-lib';
import { Bucket, CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { QureDropoff, type QureDropoffProps } from '../../../infra/qure-dropoff.ts';
import { inlineCode, newApp, templateOf } from './synthesized-template.ts';

const ENVIRONMENTS: Record<string, { env?: Environment }> = {
  'without env': {},
  'with env': { env: { account: '111111111111', region: 'eu-central-1' } },
};

interface World {
  app: App;
  stack: Stack;
  /** Made by the first call. */
  other: () => Stack;
}

function worldOf(env: { env?: Environment }): World {
  const app = newApp();
  let other: Stack | undefined;
  return {
    app,
    stack: new Stack(app, 'Hospital', env),
    other: () => {
      other ??= new Stack(app, 'Storage', env);
      return other;
    },
  };
}

/** Where a bucket comes from. The same id in each stack: logical ids may be equal across stacks. */
const ORIGINS: Record<string, ((world: World, name: string) => IBucket) | undefined> = {
  new: undefined,
  'of the stack': ({ stack }, name) => bucketIn(stack, name),
  'of another stack': ({ other }, name) => bucketIn(other(), name),
  imported: ({ stack }, name) => Bucket.fromBucketName(stack, `Old${name}`, `hospital-${name}`),
};

// The cast: the CDK's own types disagree on whether what is optional may be undefined.
function bucketIn(stack: Stack, id: string, bucketName?: string): IBucket {
  return new Bucket(stack, id, {
    eventBridgeEnabled: true,
    ...(bucketName !== undefined && { bucketName }),
  }) as IBucket;
}

const cells = Object.keys(ENVIRONMENTS).flatMap((env) =>
  Object.keys(ORIGINS).flatMap((drop) => Object.keys(ORIGINS).map((results) => ({ env, drop, results }))),
);

it.each(cells)('scans $drop, results $results, $env', ({ env, drop, results }) => {
  const world = worldOf(ENVIRONMENTS[env] ?? {});
  const { stack } = world;
  const dropBucket = ORIGINS[drop]?.(world, 'scans');
  const resultsBucket = ORIGINS[results]?.(world, 'results');
  new QureDropoff(stack, 'Dropoff', {
    codeFor: inlineCode,
    dashboard: false,
    httpApi: false,
    ...(dropBucket && { dropBucket: { bucket: dropBucket, notifications: 'eventbridge' } }),
    ...(resultsBucket && { resultsBucket }),
  });
  const template = templateOf(stack);
  const made = ['DropoffDrop', 'DropoffResults'].filter((id) =>
    template.ofType('AWS::S3::Bucket').some(([found]) => found.startsWith(`${id}Bucket`)),
  );
  expect(made).toEqual([
    ...(drop === 'new' ? ['DropoffDrop'] : []),
    ...(results === 'new' ? ['DropoffResults'] : []),
  ]);
});

describe('a drop bucket of the app without EventBridge', () => {
  const refusal = /dropBucket\.bucket: .*without eventBridgeEnabled: no scan would be noticed/;
  const synthesisOf = (bucketOf: (world: World) => IBucket, after: (bucket: IBucket) => void = () => {}) => {
    const world = worldOf({});
    const bucket = bucketOf(world);
    new QureDropoff(world.stack, 'Dropoff', {
      codeFor: inlineCode,
      dropBucket: { bucket, notifications: 'eventbridge' },
    });
    after(bucket);
    return () => world.app.synth();
  };
  const plain = ({ stack }: World) => new Bucket(stack, 'Scans') as IBucket;

  it.each([
    { where: 'in the same stack', bucketOf: plain },
    { where: 'in another stack', bucketOf: ({ other }: World) => new Bucket(other(), 'Scans') as IBucket },
    {
      where: 'as an L1 that switches it off',
      bucketOf: ({ stack }: World) =>
        Bucket.fromCfnBucket(
          new CfnBucket(stack, 'Scans', {
            notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: false } },
          }),
        ),
    },
  ])('is refused $where', ({ bucketOf }) => {
    expect(synthesisOf(bucketOf)).toThrow(refusal);
  });

  it.each([
    { how: 'later', after: (bucket: IBucket) => bucket.enableEventBridgeNotification() },
    {
      how: 'by an aspect',
      after: (bucket: IBucket) =>
        Aspects.of(bucket).add({
          visit: (node) => {
            if (node instanceof CfnBucket)
              node.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
          },
        }),
    },
  ])('is accepted when it is switched on $how', ({ after }) => {
    expect(synthesisOf(plain, after)).not.toThrow();
  });

  it('is accepted as an L1 that has it', () => {
    const configuration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    const bucketOf = ({ stack }: World) =>
      Bucket.fromCfnBucket(new CfnBucket(stack, 'Scans', { notificationConfiguration: configuration }));
    expect(synthesisOf(bucketOf)).not.toThrow();
  });

  it('cannot be seen if it is imported', () => {
    expect(synthesisOf(({ stack }) => Bucket.fromBucketName(stack, 'Scans', 'hospital-scans'))).not.toThrow();
  });
});

describe('results in the bucket for scans are refused', () => {
  const propsWith = (drop: IBucket, resultsBucket: IBucket): QureDropoffProps => ({
    codeFor: inlineCode,
    dropBucket: { bucket: drop, notifications: 'eventbridge' },
    resultsBucket,
  });

  it.each<{ which: string; both: (world: World) => [IBucket, IBucket] }>([
    {
      which: 'one construct',
      both: ({ stack }) => {
        const bucket = bucketIn(stack, 'Both');
        return [bucket, bucket];
      },
    },
    {
      which: 'a bucket, and an import of its name',
      both: ({ stack }) => [
        bucketIn(stack, 'Both', 'hospital'),
        Bucket.fromBucketName(stack, 'Old', 'hospital'),
      ],
    },
    {
      which: 'a bucket without a name, and an import of it',
      both: ({ stack }) => {
        const bucket = bucketIn(stack, 'Both');
        return [bucket, Bucket.fromBucketName(stack, 'Old', bucket.bucketName)];
      },
    },
  ])('$which', ({ both }) => {
    const world = worldOf({});
    expect(() => new QureDropoff(world.stack, 'Dropoff', propsWith(...both(world)))).toThrow(
      /resultsBucket: expected another bucket than dropBucket/,
    );
  });

  it('but not two buckets with one logical id, each in its stack', () => {
    const { stack, other } = worldOf({});
    const props = propsWith(bucketIn(stack, 'Scans'), bucketIn(other(), 'Scans'));
    expect(() => new QureDropoff(stack, 'Dropoff', props)).not.toThrow();
  });
});
