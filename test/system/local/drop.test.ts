import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DropItem, DropProblem } from '../../../local/drop/drop-item.ts';
import { itemsOfPaths } from '../../../local/drop/path-items.ts';
import { type DropCounts, DropError, dropItems } from '../../../local/drop/put-items.ts';
import { itemsOfSamples } from '../../../local/drop/sample-items.ts';
import { zipOf } from '../../support/zip.ts';
import { BUCKET, startTestS3, type TestS3 } from './s3.ts';

let folder: string;
let s3: TestS3;
let problems: DropProblem[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drop-'));
  s3 = await startTestS3();
  problems = [];
});
afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const onProblem = (problem: DropProblem): void => {
  problems.push(problem);
};

function target() {
  return { s3: s3.client, bucket: BUCKET, prefix: 'default/' };
}

function drop(paths: string[], dataDir = tmpdir()): Promise<DropCounts> {
  return dropItems(itemsOfPaths(paths, { prefix: 'default/', dataDir, onProblem }), target(), {
    onProblem,
  });
}

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Keys that were put, without `default/` and the hash of the folder that the path lies in. */
function putKeys(): string[] {
  const keys = s3.requests.filter(({ method }) => method === 'PUT').map(({ key }) => key);
  return keys.map((key) => key.replace(/^default\/[0-9a-f]{16}\//, ''));
}

function itemOf(key: string, content: () => Readable, sizeBytes: number): DropItem {
  return {
    key,
    sizeBytes,
    path: key,
    isMarker: false,
    open: async () => content(),
    release: () => undefined,
  };
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('files and folders', () => {
  it('are put below the prefix with their own names and contents', async () => {
    const file = await write('a b+c%2F ä頭.dcm', 'one');
    await write('scan/deep/IM1', 'two');
    await write('scan/empty', '');
    expect(await drop([file, join(folder, 'scan')])).toEqual({
      stored: 3,
      unchanged: 0,
      unreadable: 0,
      bytes: 6,
    });
    expect(putKeys().sort()).toEqual(['a b+c%2F ä頭.dcm', 'scan/deep/IM1', 'scan/empty']);
    const key = s3.requests.find((request) => request.key.endsWith('deep/IM1'))?.key ?? '';
    expect((await s3.contentOf(key)).toString()).toBe('two');
    expect(problems).toEqual([]);
  });

  it('keep separate keys if two folders have files of the same name', async () => {
    const paths = [await write('a/x.dcm', 'one'), await write('b/x.dcm', 'two')];
    expect(await drop(paths)).toMatchObject({ stored: 2 });
    expect(new Set(s3.requests.filter(({ method }) => method === 'PUT').map(({ key }) => key)).size).toBe(2);
  });

  it('are put once if they are given twice or inside each other', async () => {
    const file = await write('scan/deep/IM1', 'one');
    expect(await drop([file, file])).toMatchObject({ stored: 1 });
    s3.requests.length = 0;
    await drop([join(folder, 'scan'), join(folder, 'scan/deep')]);
    expect(putKeys()).toEqual(['scan/deep/IM1']);
  });

  it('are followed through links, but never in a circle', async () => {
    const real = await write('scan/real/IM1', 'one');
    await symlink(join(folder, 'scan'), join(folder, 'scan/again'));
    await symlink(join(folder, 'scan/real'), join(folder, 'scan/linked'));
    await symlink(real, join(folder, 'scan/one'));
    await symlink(join(folder, 'gone'), join(folder, 'scan/broken'));
    expect(await drop([join(folder, 'scan')])).toMatchObject({ stored: 2 });
    expect(putKeys().sort()).toEqual(['scan/linked/IM1', 'scan/one']);
    expect(problems.map(({ path, reason }) => [path.slice(folder.length), reason])).toEqual([
      ['/scan/broken', 'expected to read it, got no file or folder with this name: not dropped'],
    ]);
    // The link that was given is followed wherever it leads.
    await symlink(join(folder, 'scan/real'), join(folder, 'given'));
    s3.requests.length = 0;
    expect(await drop([join(folder, 'given')])).toMatchObject({ stored: 1 });
    expect(putKeys()).toEqual(['given/IM1']);
  });

  it('are reported and not followed through a link out of the given folder', async () => {
    await write('scan-2/IM1', 'secret');
    await write('scan/IM1', 'one');
    await symlink(join(folder, 'scan-2/IM1'), join(folder, 'scan/file.dcm'));
    await symlink('../scan-2', join(folder, 'scan/folder'));
    await symlink('/etc/passwd', join(folder, 'scan/passwd.dcm'));
    await symlink('file.dcm', join(folder, 'scan/over-another-link.dcm'));
    expect(await drop([join(folder, 'scan')])).toMatchObject({ stored: 1 });
    expect(putKeys()).toEqual(['scan/IM1']);
    expect(problems.map(({ path }) => path.slice(folder.length)).sort()).toEqual([
      '/scan/file.dcm',
      '/scan/folder',
      '/scan/over-another-link.dcm',
      '/scan/passwd.dcm',
    ]);
    for (const { reason } of problems) expect(reason).toMatch(/leads out of it: not dropped/);
  });

  it.skipIf(process.platform !== 'linux')(
    'are not dropped if the kernel generates them, even if they are named',
    async () => {
      await mkdir(join(folder, 'scan'));
      await symlink('/proc/self/environ', join(folder, 'scan/environ.dcm'));
      const named = ['/proc/self/environ', '/proc/self/fdinfo', '/sys/kernel'];
      expect(await drop([...named, join(folder, 'scan')])).toMatchObject({ stored: 0 });
      expect(problems.map(({ reason }) => /virtual file of the kernel|leads out/.exec(reason)?.[0])).toEqual([
        'virtual file of the kernel',
        'virtual file of the kernel',
        'virtual file of the kernel',
        'leads out',
      ]);
    },
  );

  it.skipIf(process.platform === 'win32')('are reported and not read if they are pipes', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await drop([join(folder, 'pipe')]);
    expect(problems).toMatchObject([{ reason: expect.stringContaining('got a device, pipe or socket') }]);
  });

  it('are not dropped from the data folder', async () => {
    await write('scan/IM1', 'one');
    await write('scan/.local/s3/object', 'two');
    await drop([join(folder, 'scan')], join(folder, 'scan/.local'));
    expect(putKeys()).toEqual(['scan/IM1']);
  });

  // Other systems' file systems take only Unicode names.
  it.skipIf(process.platform !== 'linux')('are read although their names are not UTF-8', async () => {
    await mkdir(join(folder, 'scan'));
    const name = Buffer.concat([
      Buffer.from(join(folder, 'scan/Sch')),
      Buffer.from([0xe4]),
      Buffer.from('del'),
    ]);
    await writeFile(name, 'one');
    expect(await drop([join(folder, 'scan')])).toMatchObject({ stored: 1 });
    expect(putKeys()[0]).toMatch(/^scan\/Schädel~[0-9a-f]{16}$/);
  });

  it('put a marker after everything beside and below it has been stored', async () => {
    for (const name of ['_COMPLETE', 'a', 'z', 'deep/1', 'deep/2']) await write(`scan/${name}`, name);
    const finished: string[] = [];
    s3.before = async ({ method, key }) => {
      if (method !== 'PUT') return undefined;
      if (key.endsWith('_COMPLETE')) finished.push('marker');
      // Others take long enough for the marker to overtake them, if it could.
      else await new Promise((resolve) => setTimeout(resolve, 50)).then(() => finished.push('file'));
      return undefined;
    };
    await drop([join(folder, 'scan')]);
    expect(finished).toEqual(['file', 'file', 'file', 'file', 'marker']);
  });
});

describe('what lies in the bucket already', () => {
  it('is not put again when size and MD5 are the same; markers are', async () => {
    await write('scan/a', 'one');
    await write('scan/b', 'two');
    await write('scan/_COMPLETE', '');
    await drop([join(folder, 'scan')]);
    await write('scan/b', 'TWO');
    s3.requests.length = 0;
    expect(await drop([join(folder, 'scan')])).toEqual({ stored: 2, unchanged: 1, unreadable: 0, bytes: 6 });
    expect(putKeys()).toEqual(['scan/b', 'scan/_COMPLETE']);
  });

  it('is not listed if the prefix is empty', async () => {
    await write('scan/a', 'one');
    await drop([join(folder, 'scan')]);
    expect(s3.requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
  });

  it('is not put again if it was uploaded in parts', async () => {
    const big = Buffer.alloc(17 * 1024 * 1024, 'abcdefg');
    const file = await write('big.dcm', big);
    expect(await drop([file])).toMatchObject({ stored: 1, bytes: big.length });
    expect(putKeys()).toHaveLength(3);
    const key = s3.requests.find(({ method }) => method === 'PUT')?.key ?? '';
    expect((await s3.contentOf(key)).equals(big)).toBe(true);
    s3.requests.length = 0;
    expect(await drop([file])).toMatchObject({ unchanged: 1 });
    big[big.length - 1] = 0;
    await writeFile(file, big);
    expect(await drop([file])).toMatchObject({ stored: 1 });
  });
});

describe('zip archives', () => {
  const content = Buffer.from('content of an entry');

  it('are unpacked by content, whatever their name; a DICOM preamble is no archive', async () => {
    const preamble = Buffer.alloc(132);
    preamble.write('PK\x03\x04', 'latin1');
    preamble.write('DICM', 128);
    await write(
      'scan/study',
      zipOf([
        { name: 'deep/', content: Buffer.alloc(0) },
        { name: 'deep/IM1', content },
      ]),
    );
    await write('scan/x.zip', preamble);
    await drop([join(folder, 'scan')]);
    expect(putKeys().sort()).toEqual(['scan/study/deep/IM1', 'scan/x.zip']);
    expect(problems).toEqual([]);
  });

  const rows: { name: string; entry: Parameters<typeof zipOf>[0][number]; key: string }[] = [
    { name: 'stored', entry: { name: 'IM1', content, method: 0 }, key: 'IM1' },
    { name: 'climbing', entry: { name: '../../x', content }, key: '__/__/x' },
    { name: 'absolute', entry: { name: '/etc/x', content }, key: 'etc/x' },
    { name: 'with backslashes', entry: { name: 'a\\b', content }, key: 'a/b' },
    { name: 'of no name', entry: { name: '', content }, key: '_' },
    { name: 'in UTF-8 without the flag', entry: { name: 'Schädel', content }, key: 'Schädel' },
    { name: 'in CP437', entry: { name: Buffer.from('Sch\x84del', 'latin1'), content }, key: 'Schädel' },
    {
      name: 'an archive itself',
      entry: { name: 'in.zip', content: zipOf([{ name: 'x', content }]) },
      key: 'in.zip',
    },
  ];
  it.each(rows)('drop an entry $name', async ({ entry, key }) => {
    expect(await drop([await write('s.zip', zipOf([entry]))])).toMatchObject({ stored: 1 });
    expect(putKeys()).toEqual([`s.zip/${key}`]);
    expect((await s3.contentOf(s3.requests.at(-1)?.key ?? '')).equals(entry.content)).toBe(true);
  });

  it('drop both of two entries with one name', async () => {
    await drop([
      await write(
        's.zip',
        zipOf([
          { name: 'a/b', content },
          { name: 'a\\b', content: Buffer.from('2') },
        ]),
      ),
    ]);
    expect(putKeys()).toEqual(['s.zip/a/b', 's.zip/~2/a/b']);
  });

  it('are dropped with their marker after the other entries', async () => {
    const names = ['_COMPLETE', 'a', 'b'];
    await drop([await write('s.zip', zipOf(names.map((name) => ({ name, content }))))]);
    expect(putKeys().at(-1)).toBe('s.zip/_COMPLETE');
  });

  const broken: { name: string; entry: Partial<Parameters<typeof zipOf>[0][number]>; reason: RegExp }[] = [
    { name: 'encrypted', entry: { flags: 1 }, reason: /got an encrypted one: not dropped/ },
    { name: 'of an unknown method', entry: { method: 12 }, reason: /got compression method 12: not dropped/ },
    { name: 'with a wrong checksum', entry: { crc: 1, method: 0 }, reason: /got another one: not dropped/ },
    {
      name: 'longer than stated',
      entry: { statedSize: 3 },
      reason: /expected 3 bytes in the entry, got more/,
    },
    {
      name: 'shorter than stated',
      entry: { statedSize: 3000 },
      reason: /expected 3000 bytes in the entry, got 19/,
    },
  ];
  it.each(broken)('report an entry $name and go on', async ({ entry, reason }) => {
    const zip = zipOf([
      { name: 'bad', content, ...entry },
      { name: 'good', content },
    ]);
    await drop([await write('s.zip', zip)]);
    expect(putKeys()).toEqual(['s.zip/good']);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toBe(`${join(folder, 's.zip')} entry bad`);
    expect(problems[0]?.reason).toMatch(reason);
  });

  it('give the first of several entries that share bytes, and report the others', async () => {
    const zip = zipOf([{ name: 'IM1', content }]);
    // The directory names the one body three times.
    const directoryAt = zip.readUInt32LE(zip.length - 6);
    const directory = zip.subarray(directoryAt, -22);
    const end = Buffer.from(zip.subarray(-22));
    end.writeUInt16LE(3, 8);
    end.writeUInt16LE(3, 10);
    end.writeUInt32LE(3 * directory.length, 12);
    const bomb = Buffer.concat([zip.subarray(0, directoryAt), directory, directory, directory, end]);
    expect(await drop([await write('s.zip', bomb)])).toMatchObject({ stored: 1 });
    expect(problems).toHaveLength(2);
    for (const { reason } of problems) expect(reason).toMatch(/shares them with another: not dropped/);
  });

  it('stop at the size limit, and report the entries that are left out', async () => {
    // Each is within the bound, all are not; what is left out is not unpacked.
    const blank = Buffer.alloc(100 * 1024 * 1024);
    const entries = ['1', '2', '3'].map((name) => ({ name, content: blank }));
    const found: string[] = [];
    const options = { prefix: 'default/', dataDir: tmpdir(), onProblem };
    for await (const item of itemsOfPaths([await write('s.zip', zipOf(entries))], options)) {
      found.push(item.path);
      item.release();
    }
    expect(found).toHaveLength(2);
    expect(problems).toMatchObject([
      { path: expect.stringMatching(/entry 3$/), reason: expect.stringContaining('got more') },
    ]);
  });

  it('are reported and dropped unchanged for the quarantine if they are truncated', async () => {
    const cut = zipOf([{ name: 'IM1', content }]).subarray(0, -30);
    expect(await drop([await write('s.zip', cut)])).toMatchObject({ stored: 1 });
    expect(putKeys()).toEqual(['s.zip']);
    expect(problems[0]?.reason).toMatch(/cannot be opened: dropped unopened/);
  });

  it('are reported if they are empty', async () => {
    const file = await write('empty.zip', zipOf([]));
    expect(await drop([file])).toMatchObject({ stored: 0 });
    expect(problems).toEqual([{ path: file, reason: expect.stringContaining('got none') }]);
  });

  it('give the entries before a broken central directory', async () => {
    const zip = zipOf([
      { name: 'a', content },
      { name: 'b', content },
    ]);
    zip.write('XX', zip.lastIndexOf('PK\x01\x02', undefined, 'latin1'), 'latin1');
    await drop([await write('s.zip', zip)]);
    expect(putKeys()).toEqual(['s.zip/a']);
    expect(problems[0]?.reason).toMatch(/got a damaged one after 1: the rest is not dropped/);
  });

  it('give the other entries if one deflated entry is damaged', async () => {
    const zip = zipOf([
      { name: 'bad', content: Buffer.alloc(1000, 'ab') },
      { name: 'good', content },
    ]);
    zip.fill(0xff, 33, 40);
    await drop([await write('s.zip', zip)]);
    expect(putKeys()).toEqual(['s.zip/good']);
    expect(problems).toHaveLength(1);
  });

  it('are read to the end with more entries than run at once', async () => {
    const entries = Array.from({ length: 100 }, (_, index) => ({ name: `IM${index}`, content }));
    expect(await drop([await write('s.zip', zipOf(entries))])).toMatchObject({ stored: 100 });
  });
});

describe('samples', () => {
  it('are dropped below the prefix', async () => {
    const samples = listed([
      { path: 'head-ct/IM1', bytes: new Uint8Array([1, 2, 3]) },
      { path: 'nothing', bytes: new Uint8Array() },
    ]);
    await dropItems(itemsOfSamples(samples, 'default/'), target(), { onProblem });
    expect(putKeys().sort()).toEqual(['default/head-ct/IM1', 'default/nothing']);
    expect([...(await s3.contentOf('default/head-ct/IM1'))]).toEqual([1, 2, 3]);
  });
});

describe('faults', () => {
  it('of reading, small or in parts, leave no part behind and do not stop the other files', async () => {
    const failing = (bytes: number) => (): Readable =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(bytes);
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
        })(),
      );
    const size = 20 * 1024 * 1024;
    const items = [
      itemOf('default/small', failing(5), 10),
      itemOf('default/big', failing(size - 1), size),
      itemOf('default/good', () => Readable.from([Buffer.from('x')]), 1),
    ];
    expect(await dropItems(listed(items), target(), { onProblem })).toMatchObject({
      stored: 1,
      unreadable: 2,
    });
    expect(problems.map(({ path }) => path).sort()).toEqual(['default/big', 'default/small']);
    await expect(s3.contentOf('default/big')).rejects.toThrow();
    await expect(s3.contentOf('default/small')).rejects.toThrow();
  });

  it('of the bucket end the drop with a DropError that names no key', async () => {
    s3.before = async ({ method }) => (method === 'PUT' ? 507 : undefined);
    const items = Array.from({ length: 30 }, (_, i) =>
      itemOf(`default/secret${i}`, () => Readable.from([Buffer.from('x')]), 1),
    );
    const dropping = dropItems(listed(items), target(), { onProblem });
    await expect(dropping).rejects.toThrow(DropError);
    await expect(dropping).rejects.not.toThrow(/secret/);
    expect(putKeys().length).toBeLessThanOrEqual(8);
  });

  it('of a full disk end the drop, and do not blame a file that is sent in parts', async () => {
    const file = await write('big.dcm', Buffer.alloc(40 * 1024 * 1024));
    s3.before = async ({ method }) => (method === 'PUT' ? 507 : undefined);
    const error = await drop([file]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DropError);
    expect(error).toMatchObject({ path: file });
    expect(problems).toEqual([]);
  });

  it('of a full disk are told as such', () => {
    const full = Object.assign(new Error('no space'), { name: 'InsufficientStorage' });
    expect(new DropError(full).message).toMatch(/^the disk is full: /);
  });

  it('of the bucket release every item that was begun', async () => {
    s3.before = async ({ method }) => (method === 'PUT' ? 500 : undefined);
    let open = 0;
    const items = (async function* () {
      for (let i = 0; i < 20; i += 1) {
        open += 1;
        yield {
          ...itemOf(`default/${i}`, () => Readable.from([Buffer.from('x')]), 1),
          release: () => {
            open -= 1;
          },
        };
      }
    })();
    await expect(dropItems(items, target(), { onProblem })).rejects.toThrow(DropError);
    expect(open).toBe(0);
  });

  it('of the operator: an aborted drop stops with the reason of the abort', async () => {
    const abort = new AbortController();
    const reason = new Error('stopped');
    s3.before = async ({ method }) => {
      if (method === 'PUT') abort.abort(reason);
      return undefined;
    };
    const items = Array.from({ length: 30 }, (_, i) =>
      itemOf(`default/${i}`, () => Readable.from([Buffer.from('x')]), 1),
    );
    await expect(dropItems(listed(items), target(), { onProblem, signal: abort.signal })).rejects.toBe(
      reason,
    );
    expect(putKeys().length).toBeLessThanOrEqual(8);
  });

  it('reports growing progress up to the end', async () => {
    const items = Array.from({ length: 3 }, (_, i) =>
      itemOf(`default/${i}`, () => Readable.from([Buffer.from('xy')]), 2),
    );
    const seen: DropCounts[] = [];
    const onProgress = (counts: DropCounts): void => {
      seen.push(counts);
    };
    await dropItems(listed(items), target(), { onProblem, onProgress });
    expect(seen.map(({ stored, bytes }) => [stored, bytes])).toEqual([
      [1, 2],
      [2, 4],
      [3, 6],
    ]);
  });
});
