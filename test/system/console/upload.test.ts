import { describe, expect, it } from 'vitest';
import { kindOf, mayBeMissed } from '../../../console/drop/kinds.ts';
import { type Given, type Ports, Upload } from '../../../console/drop/upload.ts';
import { NotTakenError } from '../../../console/shared/put-file.ts';

const scan = (name: string): Given => ({ name, file: new Blob([name]), isZip: false });
const zip = (name: string): Given => ({ ...scan(name), isZip: true });
const scans = (count: number) => Array.from({ length: count }, (_, n) => scan(`scan ${n}`));

/** A bucket whose folders are numbered; `fails` throws where an upload is to fail. */
class Bucket implements Ports {
  readonly asked: { count: number; zips: number }[] = [];
  readonly puts: string[] = [];
  readonly stored = new Map<string, string>();
  most = 0;
  time = 0;
  fails: (url: string) => void = () => {};
  #now = 0;

  async links({ count, zips }: { count: number; zips: number }) {
    this.asked.push({ count, zips });
    const folder = this.asked.length;
    const link = (name: string) => ({ key: name, url: `${folder}/${name}`, method: 'PUT' as const });
    return {
      uploads: Array.from({ length: count }, (_, at) => link(`${at + 1}${at < count - zips ? '' : '.zip'}`)),
      marker: { ...link('_COMPLETE'), body: '' },
      expiresAt: new Date(this.time + 3_600_000).toISOString(),
    };
  }

  async put(url: string, file: Blob, abort: AbortSignal, onProgress: (sent: number) => void) {
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    try {
      this.puts.push(url);
      onProgress(0);
      const text = await file.text();
      this.fails(url);
      abort.throwIfAborted();
      this.stored.set(url, text);
    } finally {
      this.#now -= 1;
    }
  }

  async pause() {}

  now() {
    return this.time;
  }
}

const begin = (bucket: Bucket, files: readonly Given[], isWhole = true) =>
  new Upload('north', files, isWhole, bucket);

describe('an upload', () => {
  it('sends all files, four at once, archives under their own names, and an empty marker last', async () => {
    const bucket = new Bucket();
    const upload = begin(bucket, [zip('a.zip'), ...scans(9)]);
    await upload.run();
    expect(bucket.asked).toEqual([{ count: 10, zips: 1 }]);
    expect(bucket.stored.get('1/10.zip')).toBe('a.zip');
    expect(bucket.stored.size).toBe(11);
    expect(bucket.most).toBe(4);
    expect(bucket.puts.at(-1)).toBe('1/_COMPLETE');
    expect(bucket.stored.get('1/_COMPLETE')).toBe('');
    expect([upload.state.value, upload.marker.value]).toEqual(['done', 'put']);
  });

  it('asks for links more than once where one request makes too few, and then marks nothing', async () => {
    const bucket = new Bucket();
    const upload = begin(bucket, scans(2_001));
    await upload.run();
    expect(bucket.asked.map(({ count }) => count)).toEqual([1000, 1000, 1]);
    expect(bucket.stored.size).toBe(2_001);
    expect(upload.marker.value).toBe('none');
  });

  it('marks nothing where a scan is too large to be sent', async () => {
    const bucket = new Bucket();
    const upload = begin(bucket, scans(2), false);
    await upload.run();
    expect(bucket.stored.size).toBe(2);
    expect(upload.marker.value).toBe('none');
  });

  it('tries a file three times, then stops, and sends only that one when it goes on, into the same folder', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url === '1/2') throw new NotTakenError(503);
    };
    const upload = begin(bucket, scans(3));
    await upload.run();
    expect(upload.state.value).toBe('stopped');
    expect(upload.items.map(({ state }) => state)).toEqual(['sent', 'failed', 'sent']);
    expect(bucket.puts.filter((url) => url === '1/2')).toHaveLength(6);
    expect(bucket.stored.has('1/_COMPLETE')).toBe(false);
    bucket.fails = () => {};
    bucket.puts.length = 0;
    await upload.run();
    expect(bucket.puts).toEqual(['1/2', '1/_COMPLETE']);
    expect(upload.state.value).toBe('done');
  });

  it('takes a fresh link where one is refused or has ended, and then marks nothing: a series may be in two folders', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url === '1/2') throw new NotTakenError(403);
    };
    const upload = begin(bucket, scans(3));
    await upload.run();
    expect(bucket.puts).toEqual(['1/1', '1/2', '1/3', '2/1']);
    expect([upload.state.value, upload.marker.value]).toEqual(['done', 'none']);
  });

  it('does not use a link that is about to end', async () => {
    const bucket = new Bucket();
    bucket.fails = () => {
      throw new Error('offline');
    };
    const upload = begin(bucket, scans(2));
    await upload.run();
    bucket.fails = () => {};
    bucket.time = 3_590_000;
    await upload.run();
    expect([...bucket.stored.keys()]).toEqual(['2/1', '2/2', '2/_COMPLETE']);
  });

  it('gives up in an outage without trying the rest, and says so', async () => {
    const bucket = new Bucket();
    bucket.fails = () => {
      throw new Error('offline');
    };
    const upload = begin(bucket, scans(500));
    await upload.run();
    expect(upload.state.value).toBe('stopped');
    expect(upload.trouble.value).toContain('the rest was not tried');
    expect(bucket.puts.length).toBeLessThan(50);
  });

  it('stops when it is cancelled, and goes on with the rest', async () => {
    const bucket = new Bucket();
    const upload = begin(bucket, scans(20));
    bucket.fails = () => {
      if (bucket.stored.size === 5) upload.cancel();
    };
    await upload.run();
    expect([upload.state.value, upload.trouble.value, bucket.stored.size]).toEqual(['stopped', '', 5]);
    expect(upload.items.every(({ state }) => state === 'sent' || state === 'waiting')).toBe(true);
    bucket.fails = () => {};
    await upload.run();
    expect([upload.state.value, upload.marker.value, bucket.asked.length]).toEqual(['done', 'put', 1]);
  });

  it('says what the server has refused', async () => {
    const bucket = new Bucket();
    bucket.links = async () => {
      throw new Error('The role to act is needed.');
    };
    const upload = begin(bucket, scans(1));
    await upload.run();
    expect([upload.state.value, upload.trouble.value]).toEqual(['stopped', 'The role to act is needed.']);
  });

  it('is done without a marker where only that one cannot be written', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url.endsWith('_COMPLETE')) throw new NotTakenError(403);
    };
    const upload = begin(bucket, scans(2));
    await upload.run();
    expect([upload.state.value, upload.marker.value]).toEqual(['done', 'failed']);
  });
});

describe('the kind of a file', () => {
  const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
  it.each([
    ['a DICOM file of any name', 'IM0001', 9_000, dicom, 'scan'],
    ['a bare data set', 'a.dcm', 9_000, Buffer.from([8, 0, 5, 0]), 'scan'],
    ['a big-endian one', 'a.dcm', 9_000, Buffer.from([0, 8, 0, 5]), 'scan'],
    ['one in gzip', 'a.dcm.gz', 9_000, Buffer.from([0x1f, 0x8b, 8]), 'scan'],
    ['a zip', 'A.ZIP', 9_000, Buffer.from('PK\u0003\u0004'), 'zip'],
    ['an empty zip', 'a.zip', 0, Buffer.alloc(0), 'not_taken'],
    ['the index of a CD', 'DICOMDIR', 9_000, dicom, 'left_out'],
    ['a viewer', 'viewer.exe', 9_000, Buffer.from('MZ\u0090'), 'left_out'],
    ['an empty file', 'a.dcm', 0, Buffer.alloc(0), 'not_taken'],
    ['a tar', 'scans.TAR', 9_000, Buffer.alloc(132), 'not_taken'],
    ['a tar in gzip', 'scans.tar.gz', 9_000, Buffer.from([0x1f, 0x8b, 8]), 'not_taken'],
    ['a tar in gzip by its short name', 'scans.tgz', 9_000, Buffer.from([0x1f, 0x8b, 8]), 'not_taken'],
    ['a 7z', 'scans.7z', 9_000, Buffer.alloc(132), 'not_taken'],
    ['a rar of another name', 'scans', 9_000, Buffer.from('Rar!'), 'not_taken'],
    ['a zip of another name', 'scans', 9_000, Buffer.from('PK\u0003\u0004'), 'not_taken'],
    ['a program of a viewer', 'viewer.jar', 9_000, Buffer.from('PK\u0003\u0004'), 'left_out'],
    ['a scan with the name of an archive', 'a.7z', 9_000, dicom, 'scan'],
    ['a scan beyond 5 GB', 'a.dcm', 6 * 1024 ** 3, dicom, 'too_large'],
    ['a zip beyond 5 GB', 'a.zip', 6 * 1024 ** 3, Buffer.from('PK'), 'too_large'],
  ] as const)('%s', (_what, name, size, head, kind) => {
    expect(kindOf(name, size, head)).toBe(kind);
    expect(mayBeMissed(kind)).toBe(kind === 'not_taken' || kind === 'too_large');
  });
});
