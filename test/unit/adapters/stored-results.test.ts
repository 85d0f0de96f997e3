import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { createStoredResults } from '../../../functions/adapters/stored-results.ts';

const s3 = mockClient(S3Client);

describe('readJson', () => {
  it.each([
    ['plain', '{"a":"ü"}', { a: 'ü' }],
    ['behind a byte order mark, as Qure may have sent it', '\ufeff{"a":"ü"}', { a: 'ü' }],
    ['of nothing', '', undefined],
  ])('reads a result %s', async (_name, text, expected) => {
    const bytes = Buffer.from(text);
    s3.reset();
    s3.on(HeadObjectCommand).resolves({ ContentLength: bytes.length });
    const Body = { transformToByteArray: async () => bytes } as unknown as NonNullable<
      GetObjectCommandOutput['Body']
    >;
    s3.on(GetObjectCommand).resolves({ Body });
    const results = createStoredResults(s3 as unknown as S3Client, 'results');
    expect(await results.readJson('k', 100)).toEqual(expected);
  });
});
