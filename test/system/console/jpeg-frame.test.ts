import { describe, expect, it } from 'vitest';
import { type JpegFacts, jpegForBrowser } from '../../../console/series/jpeg-frame.ts';

const SOI = [0xff, 0xd8];
const segment = (marker: number, ...content: number[]) => [0xff, marker, 0, content.length + 2, ...content];
const text = (letters: string) => [...letters].map((letter) => letter.charCodeAt(0));
const QUANTIZATION = segment(0xdb, 0, 1, 2);
const HUFFMAN = segment(0xc4, 0, 1);
/** Of 8 bits. */
const size = (rows: number, columns: number, samples: number, marker = 0xc0) =>
  segment(marker, 8, 0, rows, 0, columns, samples, ...Array.from({ length: samples * 3 }, () => 1));
const SCAN = [...segment(0xda, 1, 1, 0, 0, 63, 0), 1, 2, 3, 0xff, 0xd9];
const JFIF = segment(0xe0, ...text('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0);
const adobe = (transform: number) => segment(0xee, ...text('Adobe'), 0, 100, 0, 0, 0, 0, transform);
const EXIF = segment(0xe1, ...text('Exif\0\0'), 1, 2);
const ICC = segment(0xe2, ...text('ICC_PROFILE\0'));
const NOTE = segment(0xfe, 1, 2);

const GREY: JpegFacts = { rows: 2, columns: 3, samples: 1, isYbr: false };
const YBR: JpegFacts = { ...GREY, samples: 3, isYbr: true };
const RGB: JpegFacts = { ...YBR, isYbr: false };
const forBrowser = (bytes: number[], facts = GREY) =>
  jpegForBrowser(Uint8Array.from(bytes), facts).flatMap((part) => [...part]);

describe('a JPEG for the browser', () => {
  it('has its tables, its size and its scan, and none of its remarks', () => {
    const bytes = [
      ...SOI,
      ...JFIF,
      ...EXIF,
      ...ICC,
      ...QUANTIZATION,
      ...NOTE,
      ...size(2, 3, 1),
      ...HUFFMAN,
      ...SCAN,
    ];
    expect(forBrowser(bytes)).toEqual([...SOI, ...QUANTIZATION, ...size(2, 3, 1), ...HUFFMAN, ...SCAN]);
  });

  it.each<[string, JpegFacts, number[], number]>([
    ['colour differences', YBR, [], 1],
    ['colour differences, as JFIF says', YBR, JFIF, 1],
    ['colour differences, as Adobe says', YBR, adobe(1), 1],
    ['red, green and blue', RGB, [], 0],
    ['red, green and blue, as Adobe says', RGB, adobe(0), 0],
  ])('says its colours as the DICOM file does: %s', (_name, facts, remark, transform) => {
    const bytes = [...SOI, ...remark, ...size(2, 3, 3), ...SCAN];
    expect(forBrowser(bytes, facts)).toEqual([...SOI, ...adobe(transform), ...size(2, 3, 3), ...SCAN]);
  });

  it.each<[string, JpegFacts, number[]]>([
    ['JFIF', RGB, JFIF],
    ['Adobe', RGB, adobe(1)],
    ['Adobe, of colour differences', YBR, adobe(0)],
  ])('is refused where its colours contradict the DICOM file: %s', (_name, facts, remark) => {
    expect(() => forBrowser([...SOI, ...remark, ...size(2, 3, 3), ...SCAN], facts)).toThrow(/contradicts/);
  });

  const whole = [...SOI, ...size(2, 3, 1), ...SCAN];
  it.each<[string, number[]]>([
    ['nothing', []],
    ['no JPEG', text('GIF89a')],
    ['more rows', [...SOI, ...size(200, 3, 1), ...SCAN]],
    ['more columns', [...SOI, ...size(2, 200, 1), ...SCAN]],
    ['no height, which comes later', [...SOI, ...size(0, 3, 1), ...SCAN]],
    ['more components', [...SOI, ...size(2, 3, 3), ...SCAN]],
    ['12 bits', [...SOI, ...segment(0xc0, 12, 0, 2, 0, 3, 1, 1, 1, 1), ...SCAN]],
    ['a progressive picture', [...SOI, ...size(2, 3, 1, 0xc2), ...SCAN]],
    ['a lossless one', [...SOI, ...size(2, 3, 1, 0xc3), ...SCAN]],
    ['two sizes', [...SOI, ...size(2, 3, 1), ...size(2, 3, 1), ...SCAN]],
    ['a scan before its size', [...SOI, ...SCAN]],
    ['no scan', [...SOI, ...size(2, 3, 1)]],
    ['a marker that is none of its tables', [...SOI, 0xff, 0xd0, ...size(2, 3, 1), ...SCAN]],
    ['a length of nothing', [...SOI, 0xff, 0xdb, 0, 0, ...SCAN]],
    ...whole.slice(0, 24).map((_, at): [string, number[]] => [`its first ${at} bytes`, whole.slice(0, at)]),
  ])('is refused: %s', (_name, bytes) => {
    expect(() => forBrowser(bytes)).toThrow(/damaged, or of another size/);
  });
});
