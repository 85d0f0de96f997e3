import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, BUCKET, failureOf, startTestServer, type TestServer } from './test-server.ts';

let test: TestServer;
const Bucket = BUCKET;
const CONTENT = 'the content of an object';

beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

const digest = (algorithm: string) => createHash(algorithm).update(CONTENT).digest('base64');
const crc = () => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(CONTENT));
  return bytes.toString('base64');
};
const urlOf = (key: string) => `${test.server.url}/${BUCKET}/${key}`;
const isStored = async (Key: string) =>
  (await failureOf(test.client.send(new HeadObjectCommand({ Bucket, Key })))) === 'no failure';

describe('what a header states of the body', () => {
  const wrongMd5 = Buffer.alloc(16).toString('base64');
  it.each([
    ['the right MD5', () => ({ 'content-md5': digest('md5') }), '200'],
    ['another MD5', () => ({ 'content-md5': wrongMd5 }), '400 BadDigest'],
    ['an MD5 that is none', () => ({ 'content-md5': 'abc' }), '400 InvalidDigest'],
    ['the right CRC-32', () => ({ 'x-amz-checksum-crc32': crc() }), '200'],
    ['another CRC-32', () => ({ 'x-amz-checksum-crc32': 'AAAAAA==' }), '400 BadDigest'],
    ['another CRC-32C', () => ({ 'x-amz-checksum-crc32c': 'AAAAAA==' }), '400 BadDigest'],
    ['another CRC-64/NVME', () => ({ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }), '400 BadDigest'],
    ['the right SHA-1', () => ({ 'x-amz-checksum-sha1': digest('sha1') }), '200'],
    ['the right SHA-256', () => ({ 'x-amz-checksum-sha256': digest('sha256') }), '200'],
    ['a SHA-256 of the wrong length', () => ({ 'x-amz-checksum-sha256': crc() }), '400 InvalidRequest'],
    [
      'another payload hash',
      () => ({ 'x-amz-content-sha256': '0'.repeat(64) }),
      '400 XAmzContentSHA256Mismatch',
    ],
  ])('%s', async (name, headers, expected) => {
    const key = encodeURIComponent(name);
    const before = await test.countBodies();
    expect(await ask(urlOf(key), { method: 'PUT', body: CONTENT, headers: headers() })).toBe(expected);
    expect(await isStored(name)).toBe(expected === '200');
    expect(await test.countBodies()).toBe(expected === '200' ? before + 1 : before);
  });
});

describe('the SDK', () => {
  it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
    'verifies %s on upload and download',
    async (algorithm) => {
      const Key = `sdk-${algorithm}`;
      await test.client.send(
        new PutObjectCommand({ Bucket, Key, Body: CONTENT, ChecksumAlgorithm: algorithm }),
      );
      const answer = await test.client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      // The SDK compares the checksum while the body is read.
      expect(await answer.Body?.transformToString()).toBe(CONTENT);
      expect(answer[`Checksum${algorithm}`]).toBeDefined();
    },
  );
});

describe('aws-chunked', () => {
  const signature = `;chunk-signature=${'0'.repeat(64)}`;
  const size = CONTENT.length.toString(16);
  const trailer = (value: string) => `x-amz-checksum-crc32:${value}\r\n`;
  const unsigned = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  const signed = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  const half = CONTENT.slice(0, 10);
  const rest = CONTENT.slice(10);
  const inTwo = `a\r\n${half}\r\n${rest.length.toString(16)}\r\n${rest}\r\n0\r\n`;
  it.each([
    ['unsigned with a trailer', unsigned, `${size}\r\n${CONTENT}\r\n0\r\n${trailer(crc())}\r\n`, '200'],
    ['in two chunks', unsigned, `${inTwo}${trailer(crc())}\r\n`, '200'],
    ['signed without a trailer', signed, `${size}${signature}\r\n${CONTENT}\r\n0${signature}\r\n\r\n`, '200'],
    [
      'with a wrong trailer',
      unsigned,
      `${size}\r\n${CONTENT}\r\n0\r\n${trailer('AAAAAA==')}\r\n`,
      '400 BadDigest',
    ],
    [
      'without the trailer it declared',
      unsigned,
      `${size}\r\n${CONTENT}\r\n0\r\n\r\n`,
      '400 MalformedTrailerError',
    ],
    ['without its last chunk', unsigned, `${size}\r\n${CONTENT}\r\n`, '400 IncompleteBody'],
    ['shorter than declared', unsigned, `a\r\n${half}\r\n0\r\n${trailer(crc())}\r\n`, '400 IncompleteBody'],
    ['without sizes', unsigned, CONTENT, '400 IncompleteBody'],
    ['with a malformed size', unsigned, `xyz\r\n${CONTENT}`, '400 InvalidRequest'],
  ])('%s', async (name, mode, body, expected) => {
    const headers = {
      'x-amz-content-sha256': mode,
      'content-encoding': 'aws-chunked,gzip',
      'x-amz-decoded-content-length': String(CONTENT.length),
      ...(mode === unsigned ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
    };
    expect(await ask(urlOf(encodeURIComponent(name)), { method: 'PUT', body, headers })).toBe(expected);
    expect(await isStored(name)).toBe(expected === '200');
    if (expected !== '200') return;
    const answer = await test.client.send(new GetObjectCommand({ Bucket, Key: name }));
    expect(await answer.Body?.transformToString()).toBe(CONTENT);
    expect(answer.ContentEncoding).toBe('gzip');
  });
});
