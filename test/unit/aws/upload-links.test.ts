import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createUploadLinks, UPLOAD_LINK_CLIENT } from '../../../functions/aws/upload-links.ts';

const clientWith = (sessionToken: string) =>
  new S3Client({
    ...UPLOAD_LINK_CLIENT,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken },
  });

describe('a link for an upload', () => {
  it('names the object and its expiry, and restricts no content', async () => {
    const url = new URL(await createUploadLinks(clientWith('token'), 'drop')('north/upload-1/0001', 900));
    expect(url.origin + url.pathname).toBe('https://drop.s3.eu-central-1.amazonaws.com/north/upload-1/0001');
    expect([...url.searchParams.keys()].toSorted()).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Content-Sha256',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Security-Token',
      'X-Amz-Signature',
      'X-Amz-SignedHeaders',
      'x-id',
    ]);
    expect(url.searchParams.get('X-Amz-Content-Sha256')).toBe('UNSIGNED-PAYLOAD');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
  });

  it('is so short that a thousand fit into an answer of Lambda (6 MB)', async () => {
    // Session tokens have no documented length; those of Lambda have some 1,000 characters.
    const token = Buffer.from(Array.from({ length: 1500 }, (_, at) => at % 256)).toString('base64');
    const linkTo = createUploadLinks(clientWith(token), 'drop');
    const key = `north/upload-${'0'.repeat(36)}/0001`;
    const entry = JSON.stringify({ key, url: await linkTo(key, 3600), method: 'PUT' });
    expect(1001 * (entry.length + 1)).toBeLessThan(6_000_000);
  });
});
