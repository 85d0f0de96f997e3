import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, failureOf, startTestServer, type TestServer } from './test-server.ts';

let test: TestServer;
const Bucket = BUCKET;
/** 1,230 keys: ten folders of 120, and thirty beside them whose UTF-16 order is not their UTF-8 order. */
const KEYS = [
  ...Array.from({ length: 1200 }, (_, i) => `series/${i % 10}/${String(i).padStart(5, '0')} +%.dcm`),
  ...Array.from({ length: 15 }, (_, i) => `order/\u{1f600}${i}`),
  ...Array.from({ length: 15 }, (_, i) => `order/\uff5e${i}`),
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

beforeAll(async () => {
  test = await startTestServer();
  for (let start = 0; start < KEYS.length; start += 50) {
    await Promise.all(
      KEYS.slice(start, start + 50).map((Key) =>
        test.client.send(new PutObjectCommand({ Bucket, Key, Body: Key })),
      ),
    );
  }
});
afterAll(() => test.stop());

async function listAll(input: Partial<ListObjectsV2CommandInput>) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const pageSizes: number[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await test.client.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map((object) => object.Key ?? ''));
    prefixes.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''));
    pageSizes.push(page.KeyCount ?? 0);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return { keys, prefixes, pageSizes };
}

const folders = Array.from({ length: 10 }, (_, i) => `series/${i}/`);

describe('ListObjectsV2', () => {
  it.each([
    ['everything in pages of 1,000', {}, KEYS, []],
    ['everything in pages of 7', { MaxKeys: 7 }, KEYS, []],
    ['a prefix', { Prefix: 'series/3/' }, KEYS.filter((key) => key.startsWith('series/3/')), []],
    ['a prefix that ends in a key', { Prefix: 'series/3/0000' }, ['series/3/00003 +%.dcm'], []],
    ['a prefix of nothing', { Prefix: 'series/x' }, [], []],
    ['the folders at the top', { Delimiter: '/' }, [], ['order/', 'series/']],
    ['the folders below', { Delimiter: '/', Prefix: 'series/' }, [], folders],
    ['the folders below one by one', { Delimiter: '/', Prefix: 'series/', MaxKeys: 1 }, [], folders],
    ['a delimiter of two characters', { Delimiter: 's/', MaxKeys: 30 }, KEYS.slice(0, 30), ['series/']],
    ['after a key', { StartAfter: KEYS.at(-3) ?? '' }, KEYS.slice(-2), []],
    ['after a folder', { StartAfter: 'series/8/', Delimiter: '/', Prefix: 'series/' }, [], ['series/9/']],
  ])('%s', async (_name, input, keys, prefixes) => {
    const listed = await listAll(input);
    expect(listed.keys).toEqual(keys);
    expect(listed.prefixes).toEqual(prefixes);
    const limit = 'MaxKeys' in input ? input.MaxKeys : 1000;
    expect(listed.pageSizes.slice(0, -1).every((size) => size === limit)).toBe(true);
  });

  it('returns an empty page, not truncated, for no keys', async () => {
    expect(await listAll({ MaxKeys: 0 })).toEqual({ keys: [], prefixes: [], pageSizes: [0] });
  });

  it('refuses an invalid continuation token', async () => {
    const call = test.client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!!' }));
    expect(await failureOf(call)).toBe('400 InvalidArgument');
  });
});

describe('ListObjects', () => {
  it.each([
    ['everything', {}, KEYS, []],
    ['folders', { Delimiter: '/', Prefix: 'series/', MaxKeys: 3 }, [], folders],
  ])('lists %s by markers', async (_name, input, keys, prefixes) => {
    const seen: string[] = [];
    const seenPrefixes: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await test.client.send(new ListObjectsCommand({ Bucket, ...input, Marker }));
      seen.push(...(page.Contents ?? []).map((object) => object.Key ?? ''));
      seenPrefixes.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''));
      Marker = page.IsTruncated ? page.NextMarker : undefined;
    } while (Marker !== undefined);
    expect([seen, seenPrefixes]).toEqual([keys, prefixes]);
  });
});
