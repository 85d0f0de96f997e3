import { buildDicom } from '@qure-dropoff/dicom/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprintOf, fingerprintOfAll } from '../../../console/drop/fingerprint.ts';
import { instanceOf } from '../../../console/drop/instance-of.ts';
import { kindOf, mayBeMissed } from '../../../console/drop/kinds.ts';
import { Memory, unfinished } from '../../../console/drop/unfinished.ts';
import { type Given, type Ports, Upload } from '../../../console/drop/upload.ts';
import { NotTakenError } from '../../../console/shared/put-file.ts';

const scan = (name: string): Given => ({ name, file: new Blob([name]), isZip: false });
const zip = (name: string): Given => ({ ...scan(name), isZip: true });
const scans = (count: number) => Array.from({ length: count }, (_, n) => scan(`scan ${n}`));

/** A bucket whose folders are numbered, also those inside one; `fails` throws where an upload is to fail. */
class Bucket implements Ports {
  readonly asked: { count: number; zips: number; folder?: string }[] = [];
  readonly puts: string[] = [];
  readonly stored = new Map<string, string>();
  most = 0;
  time = 0;
  fails: (url: string) => void = () => {};
  #now = 0;

  async links({ count, zips, folder }: { count: number; zips: number; folder?: string }) {
    this.asked.push({ count, zips, ...(folder !== undefined && { folder }) });
    const number = String(this.asked.length);
    const root = folder ?? number;
    const place = folder === undefined ? root : `${root}/${number}`;
    const link = (url: string) => ({ key: url, url, method: 'PUT' as const });
    const ending = (at: number) => (at < count - zips ? '' : '.zip');
    return {
      uploads: Array.from({ length: count }, (_, at) => link(`${place}/${at + 1}${ending(at)}`)),
      marker: { ...link(`${root}/_COMPLETE`), body: '' },
      folder: root,
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

  /** The content names the instance. */
  async instanceOf(file: Blob): Promise<string | undefined> {
    return file.text();
  }

  fingerprintOf = fingerprintOf;

  async pause() {}

  now() {
    return this.time;
  }
}

const begin = (bucket: Bucket, files: readonly Given[], isWhole = true, id = 'all') =>
  new Upload('north', files, isWhole, bucket, new Memory('north', id, files.length, bucket.now()));

const ofBrowser = new Map<string, string>();
beforeEach(() => {
  ofBrowser.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => ofBrowser.get(key) ?? null,
    setItem: (key: string, text: string) => ofBrowser.set(key, text),
    removeItem: (key: string) => ofBrowser.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('an upload', () => {
  it('sends all files, four at once, archives under their own names, and a marker last: empty, as archives are not counted', async () => {
    const bucket = new Bucket();
    // So that nothing but the uploads takes time.
    bucket.fingerprintOf = async () => undefined;
    bucket.instanceOf = async () => undefined;
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

  it('asks for links of the same folder where one request makes too few: one marker counts them all', async () => {
    const bucket = new Bucket();
    const upload = begin(bucket, scans(2_001));
    await upload.run();
    expect(bucket.asked).toEqual([
      { count: 1000, zips: 0 },
      { count: 1000, zips: 0, folder: '1' },
      { count: 1, zips: 0, folder: '1' },
    ]);
    expect(bucket.stored.size).toBe(2_002);
    expect(bucket.puts.at(-1)).toBe('1/_COMPLETE');
    expect(bucket.stored.get('1/_COMPLETE')).toBe('{"instances":2001}');
    expect(upload.marker.value).toBe('put');
  });

  it('counts an instance once that is there twice, and nothing where one is not known', async () => {
    const bucket = new Bucket();
    await begin(bucket, [scan('a'), scan('a'), scan('b')]).run();
    expect(bucket.stored.get('1/_COMPLETE')).toBe('{"instances":2}');
    const other = new Bucket();
    other.instanceOf = async (file) => instanceOf(file);
    await begin(other, [scan('a'), { ...scan('b'), file: new Blob([new Uint8Array(buildDicom())]) }]).run();
    expect(other.stored.get('1/_COMPLETE')).toBe('');
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

  it('tries a file again by its link where S3 answers 400, as it does to a connection that has stalled', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url === '1/1' && bucket.puts.length === 1) throw new NotTakenError(400);
    };
    await begin(bucket, scans(1)).run();
    expect(bucket.puts).toEqual(['1/1', '1/1', '1/_COMPLETE']);
    expect(bucket.asked).toHaveLength(1);
  });

  it('takes a fresh link of the same folder where one is refused or has ended', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url === '1/2') throw new NotTakenError(403);
    };
    const upload = begin(bucket, scans(3));
    await upload.run();
    // The files are read and sent at once, so the order of the first three is not fixed, nor when the fresh link comes.
    expect(bucket.puts.toSorted()).toEqual(['1/1', '1/2', '1/2/1', '1/3', '1/_COMPLETE']);
    expect(bucket.puts.indexOf('1/2/1')).toBeGreaterThan(bucket.puts.indexOf('1/2'));
    expect(bucket.puts.at(-1)).toBe('1/_COMPLETE');
    expect(bucket.stored.has('1/2')).toBe(false);
    expect([upload.state.value, upload.marker.value]).toEqual(['done', 'put']);
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
    expect([...bucket.stored.keys()].toSorted()).toEqual(['1/2/1', '1/2/2', '1/_COMPLETE']);
  });

  it('takes a fresh link for the marker too', async () => {
    const bucket = new Bucket();
    bucket.fails = (url) => {
      if (url === '1/1') bucket.time = 3_590_000;
    };
    await begin(bucket, scans(1)).run();
    expect(bucket.asked).toEqual([
      { count: 1, zips: 0 },
      { count: 1, zips: 0, folder: '1' },
    ]);
    expect([...bucket.stored.keys()]).toEqual(['1/1', '1/_COMPLETE']);
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

describe('an upload whose page was closed', () => {
  /** Five of twenty are there. */
  async function close(bucket: Bucket) {
    const upload = begin(bucket, scans(20));
    bucket.fails = () => {
      if (bucket.stored.size === 5) upload.cancel();
    };
    await upload.run();
    bucket.fails = () => {};
    bucket.puts.length = 0;
  }

  it('goes on with the same files in any order: sends the others, into the same folder, and counts all', async () => {
    const bucket = new Bucket();
    await close(bucket);
    expect(unfinished(0)).toEqual({ source: 'north', files: 20, sent: 5 });
    const upload = begin(bucket, scans(20).toReversed());
    await upload.run();
    expect(bucket.asked.at(-1)).toEqual({ count: 15, zips: 0, folder: '1' });
    expect(bucket.puts).toHaveLength(16);
    expect(bucket.stored.get('1/_COMPLETE')).toBe('{"instances":20}');
    expect([upload.state.value, upload.marker.value]).toEqual(['done', 'put']);
    expect(unfinished(0)).toBeUndefined();
  });

  it('sends a file again that has changed since', async () => {
    const bucket = new Bucket();
    await close(bucket);
    await begin(bucket, [...scans(19), scan('scan X')]).run();
    expect([...bucket.stored.values()]).toContain('scan X');
  });

  it('puts the marker alone where that is all that was left', async () => {
    const bucket = new Bucket();
    const first = new Memory('north', 'all', 2, 0);
    first.beginIn('1');
    for (const { file } of scans(2)) first.add(await fingerprintOf(file));
    first.write();
    await begin(bucket, scans(2)).run();
    expect(bucket.puts).toEqual(['1/_COMPLETE']);
  });

  it.each<[string, (bucket: Bucket) => Upload]>([
    ['other files', (bucket) => begin(bucket, scans(20), true, 'others')],
    [
      'another source',
      (bucket) => new Upload('south', scans(20), true, bucket, new Memory('south', 'all', 20, 0)),
    ],
    [
      'the same files after half a day',
      (bucket) => {
        bucket.time = 12 * 3_600_000;
        return begin(bucket, scans(20));
      },
    ],
  ])('is not gone on with for %s', async (_name, next) => {
    const bucket = new Bucket();
    await close(bucket);
    await next(bucket).run();
    expect(bucket.asked.at(-1)).toEqual({ count: 20, zips: 0 });
  });

  it.each(['{', '5', '{"folder": "x"}', '{"source":1,"id":2,"folder":"x","files":1,"sent":[],"at":0}'])(
    'is not there where the browser has kept %s',
    (text) => {
      ofBrowser.set('qure-dropoff.unfinished-drop', text);
      expect(unfinished(0)).toBeUndefined();
    },
  );

  it('is kept without names', async () => {
    const bucket = new Bucket();
    await close(bucket);
    expect([...ofBrowser.values()].join()).not.toContain('scan');
  });

  it('is all sent again where the browser keeps nothing', async () => {
    vi.stubGlobal('localStorage', undefined);
    const bucket = new Bucket();
    await close(bucket);
    await begin(bucket, scans(20)).run();
    expect(bucket.asked.at(-1)).toEqual({ count: 20, zips: 0 });
  });
});

describe('what is read of a file', () => {
  const blob = (bytes: Uint8Array) => new Blob([new Uint8Array(bytes)]);

  it('is its instance', async () => {
    const file = buildDicom({ seriesInstanceUid: '1.2.7', sopInstanceUid: '1.2.7.1' });
    expect(await instanceOf(blob(file))).toBe('1.2.7\n1.2.7.1');
  });

  it.each<[string, Uint8Array]>([
    ['a text', Buffer.from('a text')],
    ['half a header', buildDicom().subarray(0, 200)],
    ['no UID of a series', buildDicom({ seriesInstanceUid: '' })],
    ['noise', Buffer.alloc(9_000, 0xff)],
  ])('is nothing of %s', async (_name, bytes) => {
    expect(await instanceOf(blob(bytes))).toBeUndefined();
  });

  it('is its content: a file of another name has the same fingerprint, and one of another byte another', async () => {
    const prints = await Promise.all(['a', 'a', 'b'].map((text) => fingerprintOf(new Blob([text]))));
    expect(prints[0]).toMatch(/^[\w+/]{24}$/);
    expect(prints[1]).toBe(prints[0]);
    expect(prints[2]).not.toBe(prints[0]);
    const large = (size: number) => fingerprintOf(new Blob([new Uint8Array(size)]));
    expect(await large(33 * 1024 * 1024)).not.toBe(await large(33 * 1024 * 1024 + 1));
  });

  it('of all files, is the same in any order', async () => {
    const files = [new File(['1'], 'a'), new File(['22'], 'b')];
    expect(await fingerprintOfAll(files)).toBe(await fingerprintOfAll(files.toReversed()));
    expect(await fingerprintOfAll(files)).not.toBe(await fingerprintOfAll(files.slice(1)));
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
