import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDropBucket } from '../../../functions/aws/drop-bucket.ts';
import { SimulatedBucket } from '../../services/bucket/simulated-bucket.ts';
import { s3Error } from '../../services/service-errors.ts';
import { clientOf, directWire, type Wire } from '../../services/wire.ts';

const NOW = '2026-03-01T10:00:00.000Z';

let s3: SimulatedBucket;
beforeEach(() => {
  s3 = new SimulatedBucket({ bucket: 'drop', isVersioned: true, now: () => Date.parse(NOW) });
});
const over = (wire: Wire = directWire) => createDropBucket(clientOf(s3, wire), 'drop');
const put = (Key: string, Body: string) => {
  const { ETag, VersionId } = s3.execute(new PutObjectCommand({ Bucket: 'drop', Key, Body })) as {
    ETag: string;
    VersionId: string;
  };
  const etag = ETag.replaceAll('"', '');
  return { key: Key, etag, versionId: VersionId, sizeBytes: Body.length, isGzip: false };
};
const remove = (Key: string, VersionId?: string) =>
  s3.execute(new DeleteObjectCommand({ Bucket: 'drop', Key, VersionId }));
const refusing = (name: string, status: number) => over(async () => Promise.reject(s3Error(name, status)));

describe('readRange', () => {
  it('answers missing where another content lies under the key than was asked for', async () => {
    const { etag } = put('k', 'old');
    put('k', 'new');
    expect(await over().readRange('k', 0, 2, { etag })).toEqual({ kind: 'missing' });
    expect(await over().readRange('k', 0, 2)).toMatchObject({ kind: 'range' });
  });

  it('reads a range, and returns the whole size, the ETag without quotes and the version', async () => {
    const { etag, versionId } = put('siteA/a b', 'DICM and more');
    expect(await over().readRange('siteA/a b', 0, 3)).toEqual({
      kind: 'range',
      bytes: Buffer.from('DICM'),
      totalSizeBytes: 13,
      etag,
      versionId,
      lastModified: NOW,
    });
  });

  it('leaves out the version "null" of a bucket without versions', async () => {
    put('k', 'x');
    const bucket = over(async (request) => ({ ...request.execute(), VersionId: 'null' }));
    expect(await bucket.readRange('k', 0, 3)).not.toHaveProperty('versionId');
  });

  it('answers missing for an empty object that is deleted before it is read without a range', async () => {
    put('k', '');
    const bucket = over(async (request) => {
      try {
        return request.execute();
      } finally {
        remove('k');
      }
    });
    expect(await bucket.readRange('k', 0, 3)).toEqual({ kind: 'missing' });
  });

  it.each([
    ['InvalidObjectState', 403],
    ['AccessDenied', 403],
    ['InvalidRequest', 400],
    ['KMS.DisabledException', 400],
  ])('%s is about the object', async (code, status) => {
    const refused = { name: 'ObjectUnreadableError', code };
    await expect(refusing(code, status).readRange('k', 0, 3)).rejects.toMatchObject(refused);
    await expect(refusing(code, status).openInstance(put('k', 'x'))).rejects.toMatchObject(refused);
  });

  it.each([
    ['SlowDown', 503],
    ['KMS.ThrottlingException', 400],
    ['InternalError', 500],
    ['ExpiredToken', 400],
  ])('throws for %s as it is, so that the message is redelivered', async (name, status) => {
    await expect(refusing(name, status).readRange('k', 0, 3)).rejects.toMatchObject({ name });
  });
});

describe('readSmall', () => {
  it.each([
    { name: 'an empty object', text: '' },
    { name: 'an object of as many bytes as it may have', text: '{"n": 12}' },
  ])('reads $name by one request', async ({ text }) => {
    const { etag, versionId } = put('siteA/_COMPLETE', text);
    let requests = 0;
    const bucket = over(async (request) => {
      requests += 1;
      return request.execute();
    });
    const read = await bucket.readSmall('siteA/_COMPLETE', 9);
    const whole = { bytes: Buffer.from(text), totalSizeBytes: text.length };
    expect(read).toEqual({ kind: 'range', ...whole, etag, versionId, lastModified: NOW });
    expect(requests).toBe(1);
  });

  it('leaves a larger one on the wire', async () => {
    put('k', '{"n": 123}');
    let body: Readable | undefined;
    const bucket = over(async (request) => {
      const answer = request.execute();
      body = (answer as { Body: Readable }).Body;
      return answer;
    });
    const none = { kind: 'range', bytes: new Uint8Array(), totalSizeBytes: 10 };
    expect(await bucket.readSmall('k', 9)).toMatchObject(none);
    expect(body).toMatchObject({ destroyed: true, readableDidRead: false });
  });

  it('answers missing where there is none', async () => {
    expect(await over().readSmall('k', 9)).toEqual({ kind: 'missing' });
  });
});

describe('openInstance', () => {
  it('reads the range of an entry alone, unpacked, of the archive that was indexed', async () => {
    const file = Buffer.from('DICM and more');
    const stored = deflateRawSync(file);
    const archive = put('a.zip', '');
    const Body = Buffer.concat([Buffer.from('before'), stored, Buffer.from('behind')]);
    const { ETag, VersionId } = s3.execute(new PutObjectCommand({ Bucket: 'drop', Key: 'a.zip', Body })) as {
      ETag: string;
      VersionId: string;
    };
    const object = {
      ...archive,
      etag: ETag.replaceAll('"', ''),
      versionId: VersionId,
      sizeBytes: file.length,
      entry: {
        offset: 6,
        storedBytes: stored.length,
        method: 'deflated' as const,
        crc32: crc32(file).toString(16).padStart(8, '0'),
      },
    };
    const opened = await over().openInstance(object);
    expect(opened.kind === 'open' && (await buffer(opened.body)).toString()).toBe('DICM and more');
    expect(await over().openInstance({ ...object, etag: archive.etag })).toEqual({ kind: 'missing' });
  });

  it('REQ-SENT-1: requests exactly the content that was indexed', async () => {
    const first = put('k', 'first');
    const second = put('k', 'second');
    for (const [object, text] of [
      [first, 'first'],
      [second, 'second'],
    ] as const) {
      const opened = await over().openInstance(object);
      if (opened.kind !== 'open') throw new Error('expected the content to be there');
      expect(Buffer.concat(await opened.body.toArray()).toString()).toBe(text);
    }
    expect(await over().openInstance({ ...first, versionId: second.versionId })).toEqual({ kind: 'missing' });
    const { versionId: _versionId, ...replaced } = first;
    expect(await over().openInstance(replaced)).toEqual({ kind: 'missing' });
  });

  it('answers missing when its version is deleted', async () => {
    const object = put('k', 'x');
    remove('k', object.versionId);
    expect(await over().openInstance(object)).toEqual({ kind: 'missing' });
  });

  it('throws for anything else', async () => {
    await expect(refusing('SlowDown', 503).openInstance(put('k', 'x'))).rejects.toThrow('SlowDown');
  });
});

it('lists a page in the order of keys', async () => {
  const [{ etag }] = [put('siteA/x', 'five.'), put('siteA/y', ''), put('siteB/x', '')];
  const { objects, isLast } = await over().list('siteA/');
  expect(objects[0]).toEqual({ key: 'siteA/x', sizeBytes: 5, etag, lastModified: NOW });
  expect([objects.length, isLast]).toEqual([2, true]);
  expect((await over().list('siteA/', 'siteA/x')).objects).toMatchObject([{ key: 'siteA/y' }]);
});
