import { describe, expect, it } from 'vitest';
import { type ArchiveEntry, contentTagOf } from '../../../functions/instances/archive-entry.ts';
import { fingerprintOf, isOlder, type StoredObject } from '../../../functions/instances/instance.ts';

const entry: ArchiveEntry = { offset: 100, storedBytes: 50, method: 'deflated', crc32: '0a0b0c0d' };
const inArchive = (changes: Partial<StoredObject> = {}): StoredObject => ({
  key: 'site/a.zip',
  etag: 'one',
  sizeBytes: 80,
  isGzip: false,
  lastModified: '2026-03-01T10:00:00.000Z',
  entry,
  ...changes,
});

describe('the content of an entry', () => {
  it('is the same in whatever archive it is', () => {
    const again = inArchive({
      key: 'site/b.zip',
      etag: 'two',
      entry: { ...entry, offset: 7, method: 'stored' },
    });
    expect(contentTagOf(again)).toBe(contentTagOf(inArchive()));
  });

  it.each<[string, Partial<StoredObject>]>([
    ['CRC-32', { entry: { ...entry, crc32: '0a0b0c0e' } }],
    ['size', { sizeBytes: 81 }],
  ])('is another one with another %s', (_name, changes) => {
    expect(contentTagOf(inArchive(changes))).not.toBe(contentTagOf(inArchive()));
    const sopInstanceUid = '1.2';
    const of = (object: StoredObject) => fingerprintOf([{ sopInstanceUid, object }]);
    expect(of(inArchive(changes))).not.toBe(of(inArchive()));
  });

  it('is never that of an object, whose tag is its ETag', () => {
    const { entry: _entry, ...object } = inArchive();
    expect(contentTagOf(object)).toBe('one');
  });
});

describe('isOlder', () => {
  it('of two entries of one archive the first is older', () => {
    const later = inArchive({ entry: { ...entry, offset: 900 } });
    expect(isOlder(inArchive(), later)).toBe(true);
    expect(isOlder(later, inArchive())).toBe(false);
    expect(isOlder(later, later)).toBe(false);
  });

  it('an archive that was replaced within a second: neither is older, wherever the entry is', () => {
    const replaced = inArchive({ etag: 'two', entry: { ...entry, offset: 900 } });
    expect([isOlder(inArchive(), replaced), isOlder(replaced, inArchive())]).toEqual([false, false]);
  });

  it('copies of one archive and a file, dropped within a second, have one order', () => {
    const first = inArchive({ key: 'site/b.zip' });
    const second = inArchive({ key: 'site/a.zip', entry: { ...entry, offset: 900 } });
    const { entry: _entry, ...file } = inArchive({ key: 'site/aa.dcm', etag: 'two' });
    expect([isOlder(second, file), isOlder(file, first), isOlder(first, second)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
