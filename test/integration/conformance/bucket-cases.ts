import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { BUCKET, type ConformanceCase, type ConformanceWorld, failureOf } from './world.ts';

export const put = (world: ConformanceWorld, Key: string, Body: string | Uint8Array = Key) =>
  world.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentType: 'application/x-test' }));

const get = (world: ConformanceWorld, Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  world.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));

/** The range of ten bytes that is asked for, and what comes: bytes, ContentRange, status. */
const RANGES: readonly [string, unknown][] = [
  ['bytes=0-3', ['0123', 'bytes 0-3/10', 206]],
  ['bytes=4-4', ['4', 'bytes 4-4/10', 206]],
  ['bytes=8-100', ['89', 'bytes 8-9/10', 206]],
  ['bytes=7-', ['789', 'bytes 7-9/10', 206]],
  ['bytes=-2', ['89', 'bytes 8-9/10', 206]],
  ['bytes=-99', ['0123456789', 'bytes 0-9/10', 206]],
  ['bytes=10-20', '416 InvalidRange'],
  ['bytes=-0', '416 InvalidRange'],
];

async function keysOf(world: ConformanceWorld, more: Partial<ListObjectsV2CommandInput>) {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { ContinuationToken: token };
    const answer = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, ...more, ...next }));
    keys.push(...(answer.Contents ?? []).map(({ Key = '' }) => Key));
    if ((answer.NextContinuationToken !== undefined) !== answer.IsTruncated)
      return 'a token without a next page';
    token = answer.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

const LISTED = [
  'list/b',
  'list/a/2',
  'list/a b',
  'list/é',
  'list/a',
  'list/a+',
  'list/😀',
  'list/｡',
  'listed',
];
const LISTED_IN_ORDER = [
  'list/a',
  'list/a b',
  'list/a+',
  'list/a/2',
  'list/b',
  'list/é',
  'list/｡',
  'list/😀',
];

export const bucketCases: readonly ConformanceCase[] = [
  {
    name: 'an object as it was put, with its MD5 as ETag, in whole seconds, without a version',
    expected: ['text', '"1cb251ec0d568de6a929b520c4aed8d1"', 4, 'application/x-test', true, undefined, 200],
    run: async (world) => {
      await put(world, 'object/whole', 'text');
      const answer = await get(world, 'object/whole');
      const { ETag, ContentLength, ContentType, LastModified, VersionId, $metadata } = answer;
      const isWhole = (LastModified?.getTime() ?? 1) % 1000 === 0;
      const text = await answer.Body?.transformToString();
      return [text, ETag, ContentLength, ContentType, isWhole, VersionId, $metadata.httpStatusCode];
    },
  },
  ...RANGES.map(([Range, expected], at) => ({
    name: `range ${Range} of ten bytes`,
    expected,
    run: async (world: ConformanceWorld) => {
      await put(world, `range/${at}`, '0123456789');
      let seen: unknown;
      const failure = await failureOf(
        get(world, `range/${at}`, { Range }).then(async (answer) => {
          const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
          seen = [Buffer.from(bytes).toString(), answer.ContentRange, answer.$metadata.httpStatusCode];
        }),
      );
      return failure === 'no failure' ? seen : failure;
    },
  })),
  {
    name: 'no range of an empty object can be had; whole it can',
    expected: ['416 InvalidRange', 0],
    run: async (world) => {
      await put(world, 'range/empty', '');
      const failure = await failureOf(get(world, 'range/empty', { Range: 'bytes=0-99' }));
      const bytes = await (await get(world, 'range/empty')).Body?.transformToByteArray();
      return [failure, bytes?.length];
    },
  },
  {
    name: 'the body is a stream of bytes',
    expected: 'streamed',
    run: async (world) => {
      await put(world, 'object/stream', 'streamed');
      const { Body } = await get(world, 'object/stream');
      const chunks: Uint8Array[] = [];
      for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
  },
  {
    name: 'IfMatch: this content or none',
    expected: ['no failure', '412 PreconditionFailed', '404 NoSuchKey'],
    run: async (world) => {
      const { ETag = '' } = await put(world, 'object/match', 'one');
      const same = await failureOf(get(world, 'object/match', { IfMatch: ETag }));
      await put(world, 'object/match', 'two');
      const other = await failureOf(get(world, 'object/match', { IfMatch: ETag }));
      return [same, other, await failureOf(get(world, 'object/no-match', { IfMatch: ETag }))];
    },
  },
  {
    name: 'what is missing: NoSuchKey for a body, NotFound for the head alone',
    expected: ['404 NoSuchKey', '404 NoSuchKey', '404 NotFound'],
    run: async (world) => [
      await failureOf(get(world, 'missing')),
      await failureOf(get(world, 'missing', { Range: 'bytes=0-1' })),
      await failureOf(world.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'missing' }))),
    ],
  },
  {
    name: 'the head tells size and ETag',
    expected: [4, '"1cb251ec0d568de6a929b520c4aed8d1"'],
    run: async (world) => {
      await put(world, 'object/head', 'text');
      const head = await world.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'object/head' }));
      return [head.ContentLength, head.ETag];
    },
  },
  {
    name: 'tags are replaced as a whole, leave the content as it is, and end with the next content',
    expected: [[], [{ Key: 'a', Value: '2' }], [], true, []],
    run: async (world) => {
      const Key = 'object/tags';
      const tag = (TagSet: { Key: string; Value: string }[]) =>
        world.s3.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging: { TagSet } }));
      const tags = async () =>
        (await world.s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key }))).TagSet;
      const { ETag } = await put(world, Key, 'text');
      const seen: unknown[] = [await tags()];
      await tag([{ Key: 'b', Value: '1' }]);
      await tag([{ Key: 'a', Value: '2' }]);
      seen.push(await tags());
      await tag([]);
      seen.push(await tags(), (await get(world, Key)).ETag === ETag);
      await tag([{ Key: 'a', Value: '3' }]);
      await put(world, Key, 'other');
      return [...seen, await tags()];
    },
  },
  {
    name: 'tags that S3 does not take, and tags of nothing',
    expected: ['400 InvalidTag', '400 InvalidTag', '400 InvalidTag', '400 BadRequest', '404 NoSuchKey'],
    run: async (world) => {
      await put(world, 'object/bad-tags', 'text');
      const tag = (TagSet: { Key: string; Value: string }[], Key = 'object/bad-tags') =>
        failureOf(world.s3.send(new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging: { TagSet } })));
      return [
        await tag([{ Key: 'x'.repeat(129), Value: '1' }]),
        await tag([{ Key: 'a', Value: '<b>' }]),
        await tag([
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ]),
        await tag(Array.from({ length: 11 }, (_, at) => ({ Key: `k${at}`, Value: '1' }))),
        await tag([{ Key: 'a', Value: '1' }], 'object/no-tags'),
      ];
    },
  },
  {
    name: 'a removed object is gone, and may be removed again',
    expected: ['404 NoSuchKey', 'no failure'],
    run: async (world) => {
      await put(world, 'object/removed');
      const remove = () => world.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'object/removed' }));
      await remove();
      return [await failureOf(get(world, 'object/removed')), await failureOf(remove())];
    },
  },
  {
    name: 'a listing: below the prefix, in the order of UTF-8 bytes, from behind a key, in pages',
    expected: [LISTED_IN_ORDER, LISTED_IN_ORDER, LISTED_IN_ORDER.slice(3), LISTED_IN_ORDER.slice(5), []],
    run: async (world) => {
      for (const key of LISTED) await put(world, key);
      return [
        await keysOf(world, { Prefix: 'list/' }),
        await keysOf(world, { Prefix: 'list/', MaxKeys: 3 }),
        await keysOf(world, { Prefix: 'list/', StartAfter: 'list/a+', MaxKeys: 2 }),
        await keysOf(world, { Prefix: 'list/', StartAfter: 'list/c' }),
        await keysOf(world, { Prefix: 'nothing/' }),
      ];
    },
  },
  {
    name: 'a listed object has size, ETag and time',
    expected: [[4, '"1cb251ec0d568de6a929b520c4aed8d1"', true], false],
    run: async (world) => {
      await put(world, 'one/text', 'text');
      const answer = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'one/' }));
      const [entry] = answer.Contents ?? [];
      return [[entry?.Size, entry?.ETag, entry?.LastModified instanceof Date], answer.IsTruncated];
    },
  },
  {
    name: 'a key over 1024 bytes is refused',
    expected: ['no failure', '400 KeyTooLongError'],
    run: async (world) => [
      await failureOf(put(world, `long/${'é'.repeat(509)}x`)),
      await failureOf(put(world, `long/${'é'.repeat(510)}`)),
    ],
  },
  {
    name: 'an upload in parts: unseen until it is complete, its ETag of the parts',
    expected: ['404 NoSuchKey', 5 * 1024 * 1024 + 3, true, '404 NoSuchUpload'],
    run: async (world) => {
      const at = { Bucket: BUCKET, Key: 'parts/whole' };
      const { UploadId } = await world.s3.send(new CreateMultipartUploadCommand(at));
      const bodies = [Buffer.alloc(5 * 1024 * 1024, 1), Buffer.from('end')];
      const Parts: { PartNumber: number; ETag: string }[] = [];
      for (const [index, Body] of bodies.entries()) {
        const part = { ...at, UploadId, PartNumber: index + 1, Body };
        const { ETag = '' } = await world.s3.send(new UploadPartCommand(part));
        Parts.push({ PartNumber: index + 1, ETag });
      }
      const before = await failureOf(get(world, at.Key));
      const complete = new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } });
      await world.s3.send(complete);
      const head = await world.s3.send(new HeadObjectCommand(at));
      const late = { ...at, UploadId, PartNumber: 3, Body: 'late' };
      const gone = await failureOf(world.s3.send(new UploadPartCommand(late)));
      return [before, head.ContentLength, /^"[0-9a-f]{32}-2"$/.test(head.ETag ?? ''), gone];
    },
  },
  {
    name: 'an upload in parts that is aborted leaves nothing',
    expected: ['404 NoSuchUpload', '404 NoSuchKey'],
    run: async (world) => {
      const at = { Bucket: BUCKET, Key: 'parts/aborted' };
      const { UploadId } = await world.s3.send(new CreateMultipartUploadCommand(at));
      const part = { ...at, UploadId, PartNumber: 1, Body: 'x' };
      await world.s3.send(new UploadPartCommand(part));
      await world.s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
      return [
        await failureOf(world.s3.send(new UploadPartCommand(part))),
        await failureOf(get(world, at.Key)),
      ];
    },
  },
];
