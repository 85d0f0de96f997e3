import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DropItem } from '../../../local/drop/drop-item.ts';
import { itemsOfPaths } from '../../../local/drop/path-items.ts';
import { zipOf } from '../../support/zip.ts';
import { drop, folder, onProblem, problems, putKeys, s3, useFolderAndBucket, write } from './dropping.ts';

useFolderAndBucket();

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
    expect(putKeys().toSorted()).toEqual(['s.zip/a/b', 's.zip/~2/a/b'].toSorted());
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

  it.skipIf(process.platform !== 'linux')('are open only while an entry is read', async () => {
    const file = await write('s.zip', zipOf([{ name: 'a', content }]));
    const isOpen = () =>
      readdirSync('/proc/self/fd').some((fd) => {
        try {
          return readlinkSync(join('/proc/self/fd', fd)) === file;
        } catch {
          // Closed since it was listed.
          return false;
        }
      });
    const items: DropItem[] = [];
    for await (const item of itemsOfPaths([file], { prefix: 'default/', dataDir: tmpdir(), onProblem }))
      items.push(item);
    // A file is closed a moment later.
    await expect.poll(isOpen).toBe(false);
    const stream = await items[0]?.open();
    expect(isOpen()).toBe(true);
    stream?.destroy();
    await expect.poll(isOpen).toBe(false);
  });

  it('are read to the end with more entries than run at once', async () => {
    const entries = Array.from({ length: 100 }, (_, index) => ({ name: `IM${index}`, content }));
    expect(await drop([await write('s.zip', zipOf(entries))])).toMatchObject({ stored: 100 });
  });
});
