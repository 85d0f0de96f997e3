import { describe, expect, it } from 'vitest';
import { expectTarEnd, nextTarEntry } from '../../../functions/archives/tar-entries.ts';
import { base256, paxRecord, type TarFile, tarOf } from '../../support/tar.ts';

const readerOf = (bytes: Buffer) => async (offset: number, length: number) =>
  bytes.subarray(offset, offset + length);

/** The contents of all files, in their order. */
async function filesOf(tar: Buffer): Promise<string[]> {
  const files: string[] = [];
  let at = 0;
  for (;;) {
    const entry = await nextTarEntry(readerOf(tar), tar.length, at, files.length + 1);
    if ('end' in entry) {
      await expectTarEnd(readerOf(tar), tar.length, entry.end);
      return files;
    }
    const text = tar.toString('latin1', entry.offset, entry.offset + entry.sizeBytes);
    const kinds = [
      entry.isSparse ? 'sparse ' : '',
      entry.isArchive ? 'archive ' : '',
      entry.isLink ? 'link ' : '',
    ];
    files.push(`${kinds.join('')}${text}`);
    at = entry.next;
  }
}
const file = (text: string, changes: Partial<TarFile> = {}): TarFile => ({
  name: 'IM',
  content: Buffer.from(text),
  ...changes,
});
const bad = { name: 'BadArchiveError' };

describe('nextTarEntry', () => {
  it.each<[string, TarFile[], string[]]>([
    ['files', [file('one'), file('two'), file('x'.repeat(512))], ['one', 'two', 'x'.repeat(512)]],
    ['an empty file', [file(''), file('two')], ['', 'two']],
    [
      'folders, second names and devices',
      [file('', { type: '5' }), file('', { type: '1' }), file('', { type: '3' }), file('one')],
      ['one'],
    ],
    ['a folder of the format before ustar', [file('', { name: 'folder/' }), file('one')], ['one']],
    ['a symbolic link', [file('', { type: '2' }), file('one')], ['link ', 'one']],
    [
      'a link that states a size',
      [file('', { type: '1', size: Buffer.from('00000001000\0') }), file('one')],
      ['one'],
    ],
    ['a long name', [file('a/very/long/name', { type: 'L' }), file('one')], ['one']],
    ['a size in base 256', [file('one', { size: base256(3) })], ['one']],
    [
      'a size of a pax header',
      [
        file('', { type: 'x', content: paxRecord('size', '3') }),
        file('one', { size: Buffer.from('00000000000\0') }),
      ],
      ['one'],
    ],
    [
      'a pax header for all',
      [file('', { type: 'g', content: paxRecord('comment', 'x') }), file('one')],
      ['one'],
    ],
    [
      'a sparse file',
      [file('', { type: 'x', content: paxRecord('GNU.sparse.major', '1') }), file('holes'), file('one')],
      ['sparse holes', 'one'],
    ],
    ['a sparse file of the old format', [file('holes', { type: 'S' }), file('one')], ['sparse holes', 'one']],
    [
      'a sparse file of the old format with many holes',
      [file('holes', { type: 'S', holeBlocks: 3 }), file('one')],
      ['sparse holes', 'one'],
    ],
    [
      'an archive within it by a long name',
      [file('a/long/name.zip\0', { type: 'L' }), file('', { type: 'K' }), file('one'), file('two')],
      ['archive one', 'two'],
    ],
    [
      'an archive within it by a name in a pax header',
      [file('', { type: 'x', content: paxRecord('path', 'a/long/name.zip') }), file('one'), file('two')],
      ['archive one', 'two'],
    ],
    [
      'a pax header of a folder, which is about no file',
      [file('', { type: 'x', content: paxRecord('size', '9') }), file('', { type: '5' }), file('one')],
      ['one'],
    ],
    ['the label of a volume', [file('', { type: 'V', size: Buffer.alloc(12) }), file('one')], ['one']],
    ['nothing', [], []],
  ])('reads %s', async (_name, files, contents) => {
    expect(await filesOf(tarOf(files))).toEqual(contents);
  });

  it.each<[string, Buffer]>([
    ['one that is cut off within a file', tarOf([file('x'.repeat(2000))]).subarray(0, 1500)],
    ['one that is cut off between two files', tarOf([file('one'), file('two')]).subarray(0, 1024)],
    ['one that is cut off within a header', tarOf([file('one'), file('two')]).subarray(0, 1100)],
    ['one without blocks of zeros at its end', tarOf([file('one')], 0)],
    ['a second archive behind the first', Buffer.concat([tarOf([file('one')]), tarOf([file('two')])])],
    ['a header with another checksum', Buffer.from(tarOf([file('one')])).fill(7, 0, 4)],
    ['a size that no object has', tarOf([file('one', { size: Buffer.alloc(12, 0xff) })])],
    ['a list of holes that is cut off', tarOf([file('', { type: 'S', holeBlocks: 2 })], 0).subarray(0, 1024)],
    ['a size that is no number', tarOf([file('one', { size: Buffer.from('00000000x00\0') })])],
    ['a part of a split archive', tarOf([file('one', { type: 'M' })])],
    [
      'a pax header that is damaged',
      tarOf([file('', { type: 'x', content: Buffer.from('9 size=') }), file('one')]),
    ],
    [
      'a pax header of no length',
      tarOf([file('', { type: 'x', content: Buffer.from('0 size=1\n') }), file('one')]),
    ],
    ['no bytes', Buffer.alloc(0)],
  ])('refuses %s as a whole', async (_name, tar) => {
    await expect(filesOf(tar)).rejects.toMatchObject(bad);
  });
});
