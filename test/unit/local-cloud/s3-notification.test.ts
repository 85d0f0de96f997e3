import type { S3Event } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { encodeKey, isWanted, notificationBody } from '../../../local/cloud/s3-notification.ts';
import type { QueueNotification } from '../../../local/cloud/stack.ts';

describe('encodeKey', () => {
  it.each([
    ['a plain key', 'default/scan/1.dcm', 'default/scan/1.dcm'],
    ['a blank', 'a b', 'a+b'],
    ['a plus sign', 'a+b', 'a%2Bb'],
    ['a percent sign', '100%', '100%25'],
    ['umlauts', 'Schädel', 'Sch%C3%A4del'],
    ['CJK', '頭部', '%E9%A0%AD%E9%83%A8'],
    ['an emoji', '🧠', '%F0%9F%A7%A0'],
    ['brackets and other marks', "(1)!'~*", '%281%29%21%27%7E*'],
    ['two slashes', 'a//b', 'a//b'],
  ])('encodes %s as S3 does', (_name, key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
    expect(decodeURIComponent(encoded.replaceAll('+', ' '))).toBe(key);
  });
});

describe('isWanted', () => {
  const all = { event: 's3:ObjectCreated:*', queueArn: 'arn', prefix: '', suffix: '' };
  it.each<[string, QueueNotification, string, string, boolean]>([
    ['any creation', all, 'a', 'ObjectCreated:Put', true],
    ['a copy', all, 'a', 'ObjectCreated:Copy', true],
    ['a removal', all, 'a', 'ObjectRemoved:Delete', false],
    ['one kind only, that kind', { ...all, event: 's3:ObjectCreated:Put' }, 'a', 'ObjectCreated:Put', true],
    [
      'one kind only, another kind',
      { ...all, event: 's3:ObjectCreated:Put' },
      'a',
      'ObjectCreated:Copy',
      false,
    ],
    ['the prefix', { ...all, prefix: 'in/' }, 'in/a', 'ObjectCreated:Put', true],
    ['another prefix', { ...all, prefix: 'in/' }, 'out/a', 'ObjectCreated:Put', false],
    ['another suffix', { ...all, suffix: '.dcm' }, 'a.txt', 'ObjectCreated:Put', false],
  ])('%s', (_name, notification, key, eventName, expected) => {
    expect(isWanted(notification, { key, eventName })).toBe(expected);
  });
});

describe('notificationBody', () => {
  it('has the shape of an event message of version 2.1', () => {
    const body = notificationBody(
      {
        bucket: 'drop',
        key: 'default/a b.dcm',
        sizeBytes: 7,
        etag: '"0cc175b9c0f1b6a831c399e269772661"',
        eventName: 'ObjectCreated:Put',
        eventTime: '2026-01-02T03:04:05.678Z',
        sequencer: '0055AED6DCD90281E5',
      },
      'DropBucket',
    );
    const [record] = (JSON.parse(body) as S3Event).Records;
    expect(record).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: '2026-01-02T03:04:05.678Z',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: 'drop', arn: 'arn:aws:s3:::drop' },
        object: {
          key: 'default/a+b.dcm',
          size: 7,
          eTag: '0cc175b9c0f1b6a831c399e269772661',
          sequencer: '0055AED6DCD90281E5',
        },
      },
    });
  });
});
