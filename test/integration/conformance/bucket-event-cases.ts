import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { put } from './bucket-cases.ts';
import {
  BUCKET,
  type ConformanceCase,
  type ConformanceWorld,
  eventually,
  failureOf,
  VERSIONED_BUCKET,
} from './world.ts';

interface Created {
  eventName: string;
  eventTime: string;
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

async function beginUpload({ s3 }: ConformanceWorld, at: { Bucket: string; Key: string }) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  return async () => {
    const part = new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'parts' });
    const { ETag } = await s3.send(part);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    return s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
  };
}

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
    name: 'an upload in parts has the time of its beginning, its event that of its end',
    expected: ['ObjectCreated:CompleteMultipartUpload', 'before', 'not before'],
    run: async (world) => {
      const end = await beginUpload(world, { Bucket: BUCKET, Key: 'events/parts' });
      await world.pass(1_100);
      await put(world, 'events/between', 'text');
      await end();
      const timeOf = async (Key: string) => {
        const { LastModified } = await world.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
        return LastModified?.toISOString() ?? '';
      };
      const betweenAt = await timeOf('events/between');
      const { eventName, eventTime } = await eventOf(world, 'events/parts');
      const times = [await timeOf('events/parts'), eventTime];
      return [eventName, ...times.map((time) => (time < betweenAt ? 'before' : 'not before'))];
    },
  },
  {
    name: 'of two versions that one is the object whose upload began last',
    expected: ['put', 'put', 'parts'],
    embeddedDiffers: WITHOUT_VERSIONS,
    run: async (world) => {
      const began = { Bucket: VERSIONED_BUCKET, Key: 'parts' };
      const end = await beginUpload(world, began);
      await world.pass(1_100);
      await world.s3.send(new PutObjectCommand({ ...began, Body: 'put' }));
      const textOf = async (VersionId?: string) => {
        const version = VersionId === undefined ? began : { ...began, VersionId };
        return (await world.s3.send(new GetObjectCommand(version))).Body?.transformToString();
      };
      const before = await textOf();
      const { VersionId } = await end();
      return [before, await textOf(), await textOf(VersionId)];
    },
  },
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
