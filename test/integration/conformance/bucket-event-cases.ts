import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { put } from './bucket-cases.ts';
import {
  type ConformanceCase,
  type ConformanceWorld,
  eventually,
  failureOf,
  VERSIONED_BUCKET,
} from './world.ts';

interface Created {
  eventName: string;
  s3: { bucket: { name: string }; object: { key: string; size: number; eTag: string; sequencer: string } };
}

/** The event of a key as S3 encodes it. */
async function eventOf(world: ConformanceWorld, encodedKey: string): Promise<Created> {
  return eventually(world, async () =>
    world.createdEvents
      .flatMap((body) => (JSON.parse(body) as { Records: Created[] }).Records)
      .find(({ s3 }) => s3.object.key === encodedKey),
  );
}

/** Plain and encoded: form encoding, but `/` stays (Amazon S3 User Guide, "Event message structure"). */
const KEYS: readonly [string, string][] = [
  ['events/plain.dcm', 'events/plain.dcm'],
  ['events/a b', 'events/a+b'],
  ['events/a+b', 'events/a%2Bb'],
  ["events/(1)!'~*", 'events/%281%29%21%27%7E*'],
  ['events/é😀', 'events/%C3%A9%F0%9F%98%80'],
  ['events/100%&=?#', 'events/100%25%26%3D%3F%23'],
];

const at = { Bucket: VERSIONED_BUCKET, Key: 'object' };
const WITHOUT_VERSIONS =
  'The embedded S3 keeps no versions (Amazon S3 User Guide, "Using versioning in S3 buckets").';

export const bucketEventCases: readonly ConformanceCase[] = [
  ...KEYS.map(([key, encoded]) => ({
    name: `the event of ${key}`,
    expected: ['ObjectCreated:Put', 'drop', 4, '1cb251ec0d568de6a929b520c4aed8d1', true],
    run: async (world: ConformanceWorld) => {
      await put(world, key, 'text');
      const { eventName, s3 } = await eventOf(world, encoded);
      const isSequencer = /^[0-9A-F]+$/i.test(s3.object.sequencer);
      return [eventName, s3.bucket.name, s3.object.size, s3.object.eTag, isSequencer];
    },
  })),
  {
    name: 'each version can be had, and what was put over it is the object',
    expected: ['one', 'two', true],
    embeddedDiffers: WITHOUT_VERSIONS,
    run: async ({ s3 }) => {
      const first = await s3.send(new PutObjectCommand({ ...at, Body: 'one' }));
      const second = await s3.send(new PutObjectCommand({ ...at, Body: 'two' }));
      const older = await s3.send(new GetObjectCommand({ ...at, VersionId: first.VersionId }));
      const newest = await s3.send(new GetObjectCommand(at));
      const texts = [await older.Body?.transformToString(), await newest.Body?.transformToString()];
      return [...texts, newest.VersionId === second.VersionId];
    },
  },
  {
    name: 'a delete marker hides the object; its versions stay until they are removed',
    expected: ['404 NoSuchKey', 'no failure', '405 MethodNotAllowed', '404 NoSuchVersion'],
    embeddedDiffers: WITHOUT_VERSIONS,
    run: async ({ s3 }) => {
      const { VersionId } = await s3.send(new PutObjectCommand({ ...at, Body: 'one' }));
      const marker = await s3.send(new DeleteObjectCommand(at));
      const read = (version?: string) =>
        failureOf(s3.send(new GetObjectCommand(version === undefined ? at : { ...at, VersionId: version })));
      const seen = [await read(), await read(VersionId), await read(marker.VersionId)];
      await s3.send(new DeleteObjectCommand({ ...at, VersionId }));
      return [...seen, await read(VersionId)];
    },
  },
];
