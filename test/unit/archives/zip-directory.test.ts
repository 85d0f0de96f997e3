import { describe, expect, it } from 'vitest';
import { contentOffsetOf, MAX_ENTRIES, readZipDirectory } from '../../../functions/archives/zip-directory.ts';
import { type ZipEntry, zipOf } from '../../support/zip.ts';

const readerOf = (bytes: Buffer) => async (offset: number, length: number) =>
  bytes.subarray(offset, offset + length);
const directoryOf = (bytes: Buffer) => readZipDirectory(readerOf(bytes), bytes.length);
const FILES: ZipEntry[] = [
  { name: 'IM001', content: Buffer.from('first '.repeat(50)) },
  { name: 'IM002', content: Buffer.from('second'), method: 0 },
  { name: 'folder/', content: Buffer.alloc(0), method: 0 },
];
const bad = { name: 'BadArchiveError' };
/** Behind the last local entry: where the central directory begins. */
const directoryStart = (zip: Buffer) => zip.readUInt32LE(zip.length - 6);

describe('readZipDirectory', () => {
  it('gives the entries by their offsets, and where their bytes begin', async () => {
    const zip = zipOf(FILES);
    const entries = await directoryOf(zip);
    expect(entries.map(({ number, method, sizeBytes }) => [number, method, sizeBytes])).toEqual([
      [1, 8, 300],
      [2, 0, 6],
      [3, 0, 0],
    ]);
    const [, second] = entries;
    if (second === undefined) throw new Error('expected a second entry');
    const offset = contentOffsetOf(second, zip.subarray(second.offset, second.offset + 30)) ?? 0;
    expect(zip.toString('latin1', offset, offset + second.storedBytes)).toBe('second');
  });

  it('finds the end record before a comment, and in an empty archive', async () => {
    const zip = zipOf(FILES);
    const comment = Buffer.from('PK\x05\x06 is a mark too');
    zip.writeUInt16LE(comment.length, zip.length - 2);
    expect(await directoryOf(Buffer.concat([zip, comment]))).toHaveLength(3);
    expect(await directoryOf(zipOf([]))).toEqual([]);
  });

  it('reads zip64 sizes and a zip64 end record', async () => {
    expect(await directoryOf(toZip64(zipOf(FILES.slice(0, 1))))).toMatchObject([
      { sizeBytes: 300, offset: 0 },
    ]);
  });

  it('says what is an archive within it by its name alone', async () => {
    const names = ['a.zip', 'b.TAR.GZ', 'c.dcm', 'zip'];
    const entries = await directoryOf(zipOf(names.map((name) => ({ name, content: Buffer.from('x') }))));
    expect(entries.map(({ isArchive }) => isArchive)).toEqual([true, true, false, false]);
  });

  it.each<[string, (zip: Buffer) => Buffer]>([
    ['one that is cut off', (zip) => zip.subarray(0, -1)],
    ['one without its first bytes', (zip) => zip.subarray(10)],
    ['one that is cut off to nothing', () => Buffer.alloc(0)],
    ['bytes behind the end', (zip) => Buffer.concat([zip, Buffer.from('more')])],
    ['more entries than there are', (zip) => changed(zip, zip.length - 12, 4)],
    ['fewer entries than there are', (zip) => changed(zip, zip.length - 12, 2)],
    ['a part of a split archive', (zip) => edit(zip, (copy) => copy.writeUInt16LE(1, zip.length - 18))],
    ['an encrypted entry', (zip) => edit(zip, (copy) => copy.writeUInt16LE(1, directoryStart(zip) + 8))],
    ['an impossible size', (zip) => edit(zip, (copy) => copy.writeUInt32LE(9e8, directoryStart(zip) + 24))],
    [
      'a zip64 size that is not there',
      (zip) => edit(zip, (copy) => copy.writeUInt32LE(0xffffffff, directoryStart(zip) + 24)),
    ],
    ['a record with another mark', (zip) => edit(zip, (copy) => copy.writeUInt32LE(7, directoryStart(zip)))],
    [
      'a name longer than the directory',
      (zip) => edit(zip, (copy) => copy.writeUInt16LE(0xffff, directoryStart(zip) + 28)),
    ],
    ['two entries with one local header', overlapping],
  ])('refuses %s as a whole', async (_name, change) => {
    await expect(directoryOf(change(zipOf(FILES)))).rejects.toMatchObject(bad);
  });

  it('refuses more entries than an archive may have without reading them', async () => {
    const end = zipOf([]);
    end.writeUInt16LE(MAX_ENTRIES + 1, 8);
    end.writeUInt16LE(MAX_ENTRIES + 1, 10);
    await expect(directoryOf(end)).rejects.toMatchObject(bad);
  });

  it('never quotes a name', async () => {
    const zip = edit(zipOf([{ name: 'DOE^JANE', content: Buffer.from('x') }]), (copy) =>
      copy.writeUInt16LE(1, directoryStart(copy) + 8),
    );
    await expect(directoryOf(zip)).rejects.not.toThrow('DOE');
  });
});

describe('contentOffsetOf', () => {
  it('answers nothing where the local header is none, or longer than there is room for', async () => {
    const zip = zipOf(FILES);
    const [first] = await directoryOf(zip);
    if (first === undefined) throw new Error('expected an entry');
    const header = zip.subarray(0, 30);
    expect(
      contentOffsetOf(
        first,
        edit(header, (copy) => copy.writeUInt16LE(500, 26)),
      ),
    ).toBeUndefined();
    expect(contentOffsetOf(first, Buffer.alloc(30))).toBeUndefined();
    expect(contentOffsetOf(first, header.subarray(0, 29))).toBeUndefined();
  });
});

function edit(bytes: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

/** Both counts of the end record. */
function changed(zip: Buffer, at: number, count: number): Buffer {
  return edit(zip, (copy) => {
    copy.writeUInt16LE(count, at);
    copy.writeUInt16LE(count, at - 2);
  });
}

/** The second entry of the directory points at the bytes of the first one. */
function overlapping(zip: Buffer): Buffer {
  const start = directoryStart(zip);
  const second = start + 46 + zip.readUInt16LE(start + 28);
  return edit(zip, (copy) => copy.writeUInt32LE(0, second + 42));
}

/** The same archive of one entry with its numbers in the wide fields. */
function toZip64(zip: Buffer): Buffer {
  const start = directoryStart(zip);
  const record = Buffer.from(zip.subarray(start, zip.length - 22));
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(record.readUInt32LE(24)), 4);
  extra.writeBigUInt64LE(BigInt(record.readUInt32LE(20)), 12);
  for (const at of [20, 24, 42]) record.writeUInt32LE(0xffffffff, at);
  record.writeUInt16LE(extra.length, 30);
  const directory = Buffer.concat([record, extra]);
  const end64 = Buffer.alloc(56);
  end64.write('PK\x06\x06', 'latin1');
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(1n, 24);
  end64.writeBigUInt64LE(1n, 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(0, 20);
  return Buffer.concat([zip.subarray(0, start), directory, end64, locator, end]);
}
