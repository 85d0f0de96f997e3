import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOverlaps, maxUnpackedBytes } from '../../../local/drop/zip-bounds.ts';

const GIB = 2 ** 30;

it.each([
  ['a small archive, a large disk', 1000, 100 * GIB, 256 * 2 ** 20],
  ['a large archive, a larger disk', GIB, 1000 * GIB, 200 * GIB],
  ['a large archive, a disk that is nearly as large', GIB, 105 * GIB, 100 * GIB],
  ['a disk with little room', GIB, 4 * GIB, 2 * GIB],
  ['a full disk', GIB, 0, 0],
])('%s', (_name, archiveBytes, freeBytes, expected) => {
  expect(maxUnpackedBytes(archiveBytes, freeBytes)).toBe(expected);
});

const extent = (offset: number, compressedSize: number, fileNameLength = 4) => ({
  relativeOffsetOfLocalHeader: offset,
  fileNameLength,
  compressedSize,
  uncompressedSize: 1,
});

describe('entries that share bytes', () => {
  it.each([
    ['side by side', [extent(0, 10), extent(44, 10)], []],
    ['side by side, listed backwards', [extent(44, 10), extent(0, 10)], []],
    ['one byte too near', [extent(0, 10), extent(43, 10)], [1]],
    ['the same place', [extent(0, 10), extent(0, 10), extent(0, 10)], [1, 2]],
    ['all within the first', [extent(0, 1000), extent(100, 10), extent(200, 10), extent(1034, 1)], [1, 2]],
    ['empty ones in one place', [extent(0, 0), extent(0, 0)], [1]],
  ])('%s', (_name, entries, expected) => {
    const overlaps = findOverlaps(entries);
    expect([...overlaps].map((entry) => entries.indexOf(entry)).sort()).toEqual(expected);
  });

  it('leaves entries of which no two share a byte, whatever the directory says', () => {
    const entry = fc.tuple(fc.nat(500), fc.nat(100), fc.nat(20)).map((numbers) => extent(...numbers));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const overlaps = findOverlaps(entries);
        const taken = new Set<number>();
        for (const kept of entries.filter((entry) => !overlaps.has(entry))) {
          const end = kept.relativeOffsetOfLocalHeader + 30 + kept.fileNameLength + kept.compressedSize;
          for (let at = kept.relativeOffsetOfLocalHeader; at < end; at += 1) {
            expect(taken.has(at)).toBe(false);
            taken.add(at);
          }
        }
      }),
    );
  });
});
