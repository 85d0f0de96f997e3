import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { createStoredResults } from '../../../functions/aws/stored-results.ts';

// Signing asks a real client for its region and endpoint.
const client = new S3Client({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
});
const s3 = mockClient(client);

describe('linkTo', () => {
  const FOLDER = 'north/1.2/1.2.3/1/';

  it.each([
    [
      'a report',
      'files/report_pdf/0',
      'application/pdf',
      'application/pdf',
      'inline; filename="report_pdf-0.pdf"',
    ],
    [
      'a scan',
      'files/1.2.9/sc/12',
      'application/dicom',
      'application/dicom',
      'attachment; filename="sc-12.dcm"',
    ],
    ['a result', 'result.json', 'application/json', 'application/json', 'inline; filename="result.json"'],
    [
      'a page, stored by an earlier version',
      'files/pdf/0',
      'text/html; charset=utf-8',
      'application/octet-stream',
      'attachment; filename="pdf-0"',
    ],
    [
      'what has no type',
      'files/pdf/0',
      undefined,
      'application/octet-stream',
      'attachment; filename="pdf-0"',
    ],
  ])('%s', async (_name, file, stored, type, disposition) => {
    s3.reset();
    s3.on(HeadObjectCommand).resolves(stored === undefined ? {} : { ContentType: stored });
    const url = new URL(await createStoredResults(client, 'results').linkTo(FOLDER, file, 900));
    expect(url.pathname).toBe(`/${FOLDER}${file}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'response-content-type': type,
      'response-content-disposition': disposition,
      'X-Amz-Expires': '900',
    });
  });

  it.each([403, 404])('falls back to bytes if S3 answers %i', async (httpStatusCode) => {
    s3.reset();
    s3.on(HeadObjectCommand).rejects(
      new S3ServiceException({ name: 'any', $fault: 'client', $metadata: { httpStatusCode } }),
    );
    const url = new URL(await createStoredResults(client, 'results').linkTo(FOLDER, 'files/pdf/0', 900));
    expect(url.searchParams.get('response-content-disposition')).toBe('attachment; filename="pdf-0"');
  });
});

describe('readJson', () => {
  it.each([
    ['plain', '{"a":"ü"}', { a: 'ü' }],
    ['behind a byte order mark, as Qure may have sent it', '\ufeff{"a":"ü"}', { a: 'ü' }],
    ['of nothing', '', undefined],
    ['that is no JSON', '{"result":}', undefined],
  ])('reads a result %s', async (_name, text, expected) => {
    const bytes = Buffer.from(text);
    s3.reset();
    s3.on(HeadObjectCommand).resolves({ ContentLength: bytes.length });
    const Body = { transformToByteArray: async () => bytes } as unknown as NonNullable<
      GetObjectCommandOutput['Body']
    >;
    s3.on(GetObjectCommand).resolves({ Body });
    const results = createStoredResults(client, 'results');
    expect(await results.readJson('k', 100)).toEqual(expected);
  });
});
