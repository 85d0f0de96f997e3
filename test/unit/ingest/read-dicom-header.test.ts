import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { buildDicom } from '@qure-dropoff/dicom/testing';
import { describe, expect, it } from 'vitest';
import {
  ObjectKeepsChangingError,
  type RangeReader,
  readHeader,
} from '../../../functions/ingest/read-dicom-header.ts';

const KIB = 1024;

/** Answers as S3 does, and keeps the ranges that were asked for. */
function storedAs(versions: Uint8Array[]): { readRange: RangeReader; ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  const readRange: RangeReader = async (firstByte, lastByte) => {
    const bytes = versions[Math.min(ranges.length, versions.length - 1)] ?? Buffer.alloc(0);
    ranges.push([firstByte, lastByte]);
    const etag = createHash('md5').update(bytes).digest('hex');
    return { bytes: bytes.subarray(firstByte, lastByte + 1), totalSizeBytes: bytes.length, etag };
  };
  return { readRange, ranges };
}

const noise = (sizeBytes: number) =>
  Buffer.concat(
    Array.from({ length: sizeBytes / 32 }, (_, i) => createHash('sha256').update(String(i)).digest()),
  );

const NOISE = noise(42_000 * 96);

describe('readHeader', () => {
  const rows: [string, Uint8Array, string, [number, number][]][] = [
    ['a short header', buildDicom({ pixels: 500 * KIB }), 'header', [[0, 16 * KIB - 1]]],
    ['an empty object', Buffer.alloc(0), 'empty_object', [[0, 16 * KIB - 1]]],
    [
      'a header of 900 KiB, in one further read',
      buildDicom({ privateFillerBytes: 900 * KIB, pixels: 500 * KIB }),
      'header',
      [
        [0, 16 * KIB - 1],
        [16 * KIB, 1024 * KIB - 1],
      ],
    ],
    [
      'a header beyond 4 MiB, without reading so far',
      buildDicom({ privateFillerBytes: 5000 * KIB }),
      'too_large_header',
      [[0, 16 * KIB - 1]],
    ],
    [
      'a gzip stream whose header is longer, in steps',
      gzipSync(
        buildDicom({
          elements: [{ tag: 0x00091001, vr: 'OB', value: noise(90 * KIB) }],
          pixels: noise(500 * KIB),
        }),
      ),
      'header',
      [
        [0, 16 * KIB - 1],
        [16 * KIB, 64 * KIB - 1],
        [64 * KIB, 256 * KIB - 1],
      ],
    ],
  ];
  it.each(rows)('%s', async (_name, bytes, verdict, expectedRanges) => {
    const { readRange, ranges } = storedAs([bytes]);
    const { outcome, object } = await readHeader(readRange);
    expect(outcome.kind === 'rejected' ? outcome.reason : outcome.kind).toBe(verdict);
    expect(object.sizeBytes).toBe(bytes.length);
    expect(object.isGzip).toBe(bytes[0] === 0x1f);
    expect(ranges).toEqual(expectedRanges);
  });

  it('a gzip stream with every wanted value, and more than 4 MiB before its pixels, is an instance', async () => {
    // So short that one ends between what 4 MiB of the stream hold and 4 MiB; stored as they are.
    const elements = Array.from({ length: 42_000 }, (_, at) => ({
      tag: 0x00291000 + at,
      vr: 'OB',
      value: NOISE.subarray(at * 96, at * 96 + 96),
    }));
    const { readRange, ranges } = storedAs([gzipSync(buildDicom({ elements }), { level: 0 })]);
    expect((await readHeader(readRange)).outcome.kind).toBe('header');
    expect(ranges.at(-1)?.[1]).toBe(4 * 1024 * KIB - 1);
  });

  it('a gzip stream whose header never ends is given up at 4 MiB', async () => {
    // Each another one, so that none shrinks by its likeness to the one before.
    const elements = Array.from({ length: 80 }, (_, i) => ({
      tag: 0x00091001 + i,
      vr: 'OB',
      value: noise(60 * KIB),
    }));
    const { readRange, ranges } = storedAs([gzipSync(buildDicom({ elements }), { level: 1 })]);
    expect((await readHeader(readRange)).outcome).toMatchObject({ reason: 'too_large_header' });
    expect(ranges.at(-1)?.[1]).toBe(4096 * KIB - 1);
  });

  it('starts again when the object is replaced between two reads, and never mixes the two', async () => {
    const before = buildDicom({ privateFillerBytes: 30 * KIB, modality: 'MR' });
    const after = buildDicom({ privateFillerBytes: 30 * KIB, modality: 'CT' });
    const { readRange, ranges } = storedAs([before, after]);
    const { outcome, object } = await readHeader(readRange);
    expect(outcome).toMatchObject({ kind: 'header', header: { modality: 'CT' } });
    expect(object.etag).toBe(createHash('md5').update(after).digest('hex'));
    expect(ranges).toHaveLength(4);
  });

  it('gives up on an object that is replaced at every read', async () => {
    const versions = Array.from({ length: 10 }, (_, i) =>
      buildDicom({ privateFillerBytes: 30 * KIB, instanceNumber: i }),
    );
    await expect(readHeader(storedAs(versions).readRange)).rejects.toThrow(ObjectKeepsChangingError);
  });

  it('rethrows the error of the reader', async () => {
    const failure = new Error('connection reset');
    await expect(readHeader(() => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('ends if a range comes back empty', async () => {
    const bytes = buildDicom({ privateFillerBytes: 30 * KIB });
    const readRange: RangeReader = async (firstByte, lastByte) => ({
      bytes: firstByte === 0 ? bytes.subarray(0, lastByte + 1) : Buffer.alloc(0),
      totalSizeBytes: bytes.length,
      etag: 'same',
    });
    await expect(readHeader(readRange)).rejects.toThrow('got none');
  });
});
