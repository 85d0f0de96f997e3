import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itemsOfPaths } from '../../../local/drop/path-items.ts';
import { dropItems } from '../../../local/drop/put-items.ts';
import { itemsOfSamples } from '../../../local/drop/sample-items.ts';
import {
  drop,
  folder,
  listed,
  onProblem,
  problems,
  putKeys,
  s3,
  target,
  useFolderAndBucket,
  write,
} from './dropping.ts';

useFolderAndBucket();

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

  it('is compared after everything that is new, so that a series is not quiet before its rest has come', async () => {
    await write('scan/a', 'one');
    await write('scan/b/1', 'two');
    await drop([join(folder, 'scan')]);
    await write('scan/b/2', 'three');
    await write('scan/c', 'four');
    s3.requests.length = 0;
    const items = itemsOfPaths([join(folder, 'scan')], { prefix: 'default/', dataDir: tmpdir(), onProblem });
    const counts = await dropItems(items, target(), { onProblem, concurrency: 1 });
    expect(counts).toMatchObject({ stored: 2, unchanged: 2 });
    expect(s3.requests.map(({ method }) => method)).toEqual(['GET', 'PUT', 'PUT', 'HEAD', 'HEAD']);
    expect(putKeys()).toEqual(['scan/b/2', 'scan/c']);
  });

  it('and has changed is put before a marker that came after it; a marker before all of it is put at once', async () => {
    await write('scan/b/1', 'one');
    await write('scan/c', 'two');
    await drop([join(folder, 'scan')]);
    for (const name of ['a/1', 'a/_COMPLETE', 'b/2', 'b/_COMPLETE', 'd', '_COMPLETE'])
      await write(`scan/${name}`, name);
    await write('scan/b/1', 'ONE');
    s3.requests.length = 0;
    await drop([join(folder, 'scan')]);
    const put = putKeys();
    expect(put.slice(0, 2)).toEqual(['scan/a/1', 'scan/a/_COMPLETE']);
    expect(put.slice(2, 4).sort()).toEqual(['scan/b/2', 'scan/d']);
    expect(put.slice(4)).toEqual(['scan/b/1', 'scan/b/_COMPLETE', 'scan/_COMPLETE']);
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
