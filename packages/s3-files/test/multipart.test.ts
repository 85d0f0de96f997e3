import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BUCKET, failureOf, startTestServer, type TestServer } from './test-server.ts';

let test: TestServer;
const Bucket = BUCKET;
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

async function begin(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId = '' } = await test.client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...more }),
  );
  return UploadId;
}
async function addPart(Key: string, UploadId: string, PartNumber: number, Body: Uint8Array) {
  const { ETag = '' } = await test.client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
  );
  return { PartNumber, ETag };
}
const complete = (Key: string, UploadId: string, Parts: { PartNumber: number; ETag: string }[], more = {}) =>
  test.client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );
async function read(Key: string, more = {}): Promise<Buffer> {
  const answer = await test.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

describe('a multipart upload', () => {
  const parts = [randomBytes(70_000), randomBytes(30_000), randomBytes(1)];
  const [first, second, third] = parts as [Buffer, Buffer, Buffer];
  const whole = Buffer.concat(parts);

  it('becomes one object, whose ranges cross the parts', async () => {
    const Key = 'ä/whole +';
    const UploadId = await begin(Key, { ContentType: 'application/dicom', Metadata: { a: '1' } });
    const part3 = await addPart(Key, UploadId, 30, third);
    const part1 = await addPart(Key, UploadId, 1, randomBytes(5));
    const replaced = await addPart(Key, UploadId, 1, first);
    const part2 = await addPart(Key, UploadId, 2, second);
    await addPart(Key, UploadId, 4, randomBytes(9));
    expect(part1.ETag).not.toBe(replaced.ETag);
    const listed = await test.client.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
    expect(listed.Parts?.map((part) => [part.PartNumber, part.Size])).toEqual([
      [1, 70_000],
      [2, 30_000],
    ]);
    expect([listed.IsTruncated, String(listed.NextPartNumberMarker)]).toEqual([true, '2']);
    expect(await failureOf(read(Key))).toBe('404 NoSuchKey');

    const { ETag } = await complete(Key, UploadId, [replaced, part2, part3]);
    expect(ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3"`);
    expect(whole.equals(await read(Key))).toBe(true);
    expect(await read(Key, { Range: 'bytes=69990-70009' })).toEqual(whole.subarray(69_990, 70_010));
    expect(await read(Key, { Range: 'bytes=-30002' })).toEqual(whole.subarray(-30_002));
    expect(await read(Key, { PartNumber: 2 })).toEqual(second);
    const head = await test.client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({
      ContentType: 'application/dicom',
      Metadata: { a: '1' },
      ContentLength: 100_001,
      ETag,
    });
    // The part that was replaced and the one that was not named are gone.
    expect(await test.countBodies()).toBe(3);
    await vi.waitFor(() =>
      expect(test.events).toMatchObject([
        { key: Key, sizeBytes: 100_001, eventName: 'ObjectCreated:CompleteMultipartUpload' },
      ]),
    );
    // Asked again, because the answer may have been lost.
    expect((await complete(Key, UploadId, [replaced, part2, part3])).ETag).toBe(ETag);
    expect(test.events).toHaveLength(1);
  });

  it.each([
    ['in the wrong order', [2, 1], '', '400 InvalidPartOrder'],
    ['twice the same part', [1, 1], '', '400 InvalidPartOrder'],
    ['a part that was never sent', [1, 3], '', '400 InvalidPart'],
    ['another entity tag', [1], '"00000000000000000000000000000000"', '400 InvalidPart'],
    ['no part', [], '', '400 MalformedXML'],
  ])(
    'is refused when completed with %s, and can still be completed',
    async (_name, numbers, etag, expected) => {
      const Key = 'refused';
      const UploadId = await begin(Key);
      const sent = [await addPart(Key, UploadId, 1, second), await addPart(Key, UploadId, 2, third)];
      const named = numbers.map((PartNumber) => ({
        PartNumber,
        ETag: etag || (sent[PartNumber - 1]?.ETag ?? '"x"'),
      }));
      expect(await failureOf(complete(Key, UploadId, named))).toBe(expected);
      await complete(Key, UploadId, sent);
      expect(await read(Key)).toEqual(Buffer.concat([second, third]));
    },
  );

  it('becomes one object if several complete it at once, with the same answer for all', async () => {
    const Key = 'at-once';
    const UploadId = await begin(Key, { ChecksumAlgorithm: 'CRC32C' });
    const part1 = await addPart(Key, UploadId, 1, first);
    const part2 = await addPart(Key, UploadId, 2, second);
    const eventsOf = () => test.events.filter(({ key }) => key === Key);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => complete(Key, UploadId, [part1, part2])),
    );
    expect(new Set(answers.map(({ ETag }) => ETag)).size).toBe(1);
    expect(await read(Key)).toEqual(Buffer.concat([first, second]));
    await vi.waitFor(() => expect(eventsOf()).toHaveLength(1));
  });

  it('obeys If-None-Match', async () => {
    await test.client.send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'already' }));
    const UploadId = await begin('there');
    const part = await addPart('there', UploadId, 1, third);
    expect(await failureOf(complete('there', UploadId, [part], { IfNoneMatch: '*' }))).toBe(
      '412 PreconditionFailed',
    );
    expect(String(await read('there'))).toBe('already');
  });

  it('that is aborted leaves nothing', async () => {
    const before = await test.countBodies();
    const UploadId = await begin('aborted');
    await addPart('aborted', UploadId, 1, first);
    const { Uploads } = await test.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'abor' }));
    expect(Uploads?.map((upload) => [upload.Key, upload.UploadId])).toEqual([['aborted', UploadId]]);
    await test.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
    expect(await test.countBodies()).toBe(before);
    expect(await failureOf(addPart('aborted', UploadId, 2, third))).toBe('404 NoSuchUpload');
    expect(await failureOf(complete('aborted', UploadId, [{ PartNumber: 1, ETag: '"x"' }]))).toBe(
      '404 NoSuchUpload',
    );
  });

  it('can copy its parts from objects', async () => {
    await test.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: first }));
    const UploadId = await begin('from copies');
    const copied = [];
    for (const [PartNumber, CopySourceRange] of [
      [1, 'bytes=0-9'],
      [2, undefined],
    ] as const) {
      const { CopyPartResult } = await test.client.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'from copies',
          UploadId,
          PartNumber,
          CopySource: `${BUCKET}/source`,
          CopySourceRange,
        }),
      );
      copied.push({ PartNumber, ETag: CopyPartResult?.ETag ?? '' });
    }
    await complete('from copies', UploadId, copied);
    expect(await read('from copies')).toEqual(Buffer.concat([first.subarray(0, 10), first]));
  });

  it.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('has a checksum: %s, %s', async (ChecksumAlgorithm, ChecksumType) => {
    const Key = `checksum-${ChecksumAlgorithm}-${ChecksumType}`;
    const UploadId = await begin(Key, { ChecksumAlgorithm, ChecksumType });
    const named = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag = '' } = await test.client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm }),
      );
      named.push({ PartNumber, ETag });
    }
    await complete(Key, UploadId, named);
    // The SDK verifies a full-object checksum while reading.
    const answer = await test.client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(answer.ChecksumType).toBe(ChecksumType);
    expect(whole.equals(Buffer.from((await answer.Body?.transformToByteArray()) ?? []))).toBe(true);
    const stated = answer[`Checksum${ChecksumAlgorithm}`];
    expect(stated?.endsWith('-3')).toBe(ChecksumType === 'COMPOSITE');
  });
});

describe('lib-storage', () => {
  it('uploads 22 MB in parts', async () => {
    const Body = randomBytes(22_000_000);
    const upload = new Upload({ client: test.client, params: { Bucket, Key: 'large', Body } });
    const { ETag } = await upload.done();
    expect(ETag).toMatch(/-5"$/);
    expect(Body.equals(await read('large'))).toBe(true);
  });
});
