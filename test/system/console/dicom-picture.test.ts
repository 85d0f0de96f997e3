import { type DicomElement, TRANSFER_SYNTAX, writeDicom } from '@qure-dropoff/dicom/write';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeRle } from '../../../console/series/decode-rle.ts';
import { pictureOfDicom } from '../../../console/series/dicom-picture.ts';
import { rleOf } from '../../support/rle.ts';

const PICTURE: readonly DicomElement[] = [
  { tag: 0x00280002, vr: 'US', value: 1 },
  { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
  { tag: 0x00280010, vr: 'US', value: 2 },
  { tag: 0x00280011, vr: 'US', value: 2 },
  { tag: 0x00280100, vr: 'US', value: 8 },
  { tag: 0x7fe00010, vr: 'OB', value: Buffer.from([0, 10, 20, 30]) },
];

/** @returns one value of each pixel */
async function draw(
  changed: readonly DicomElement[],
  transferSyntaxUid: string = TRANSFER_SYNTAX.explicitLittleEndian,
) {
  const { data } = await pictureOfDicom(fileOf(changed, transferSyntaxUid));
  return [...data].filter((_, at) => at % 4 === 0);
}

function fileOf(changed: readonly DicomElement[], transferSyntaxUid: string) {
  const others = PICTURE.filter(({ tag }) => !changed.some((one) => one.tag === tag));
  return new Uint8Array(writeDicom([...others, ...changed], { transferSyntaxUid }));
}

const RLE = '1.2.840.10008.1.2.5';
const pixels = (...fragments: Uint8Array[]): DicomElement => ({
  tag: 0x7fe00010,
  vr: 'OB',
  value: { fragments },
});

vi.stubGlobal(
  'ImageData',
  class {
    readonly data: Uint8ClampedArray;
    constructor(width: number, height: number) {
      this.data = new Uint8ClampedArray(width * height * 4);
    }
  },
);

it('draws a grey picture, and an inverted one', async () => {
  expect(await draw([])).toEqual([0, 85, 170, 255]);
  expect(await draw([{ tag: 0x00280004, vr: 'CS', value: 'MONOCHROME1' }])).toEqual([255, 170, 85, 0]);
  expect(await draw([{ tag: 0x00280008, vr: 'IS', value: 1 }])).toHaveLength(4);
});

describe('RLE', () => {
  it('is drawn: grey of 8 and 16 bits, and colour', async () => {
    const grey = [0, 10, 20, 30];
    expect(await draw([pixels(rleOf([grey]))], RLE)).toEqual([0, 85, 170, 255]);
    const wide = [
      pixels(
        rleOf([
          [0, 1, 2, 3],
          [0, 0, 0, 0],
        ]),
      ),
      { tag: 0x00280100, vr: 'US', value: 16 },
    ];
    expect(await draw(wide, RLE)).toEqual([0, 85, 170, 255]);
    const colour = [
      { tag: 0x00280002, vr: 'US', value: 3 },
      { tag: 0x00280004, vr: 'CS', value: 'RGB' },
      pixels(
        rleOf([
          [1, 2, 3, 4],
          [5, 6, 7, 8],
          [9, 9, 9, 9],
        ]),
      ),
    ];
    const { data } = await pictureOfDicom(fileOf(colour, RLE));
    expect([...data]).toEqual([1, 5, 9, 255, 2, 6, 9, 255, 3, 7, 9, 255, 4, 8, 9, 255]);
  });

  it('is the same picture as before it was packed, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 600 }),
        fc.integer({ min: 1, max: 4 }),
        (plane, width) => {
          const columns = plane.length;
          const layout = { rows: width, columns, samples: 1, bytes: 1 };
          const picture = Uint8Array.from({ length: columns * width }, (_, at) => plane[at % columns] ?? 0);
          expect(decodeRle(rleOf([[...picture]]), layout)).toEqual(picture);
        },
      ),
    );
  });

  it('of hostile bytes is drawn in its own size, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 4 }), (noise, segments) => {
        const header = new Uint8Array(64);
        header[0] = segments;
        for (let at = 0; at < segments; at += 1) header[4 + at * 4] = 64 + at * 3;
        const frame = Uint8Array.from([...header, ...noise]);
        const layout = { rows: 9, columns: 5, samples: 3, bytes: 1 };
        try {
          expect(decodeRle(frame, layout)).toHaveLength(135);
        } catch (error) {
          expect(String(error)).toContain('damaged');
        }
      }),
    );
  });

  const full = rleOf([[0, 10, 20, 30]]);
  it.each<[string, Uint8Array]>([
    ['without a header', full.subarray(0, 20)],
    ['with fewer segments than samples', Uint8Array.from([0, ...full.subarray(1)])],
    ['with a segment beyond its end', Uint8Array.from([...full.subarray(0, 4), 255, ...full.subarray(5)])],
    ['with a segment in its header', Uint8Array.from([...full.subarray(0, 4), 4, ...full.subarray(5)])],
    ['that is cut off', full.subarray(0, 66)],
    ['with a run beyond the picture', Uint8Array.from([...full.subarray(0, 64), 129, 7])],
  ])('%s is refused', async (_name, frame) => {
    await expect(draw([pixels(frame)], RLE)).rejects.toThrow(/damaged/);
  });
});

it.each<[string, DicomElement[], string | undefined, RegExp]>([
  ['a palette', [{ tag: 0x00280004, vr: 'CS', value: 'PALETTE COLOR' }], undefined, /Colours of this kind/],
  ['YBR', [{ tag: 0x00280004, vr: 'CS', value: 'YBR_FULL' }], undefined, /Colours of this kind/],
  ['RGB of one sample', [{ tag: 0x00280004, vr: 'CS', value: 'RGB' }], undefined, /Colours of this kind/],
  ['a loop of images', [{ tag: 0x00280008, vr: 'IS', value: 2 }], undefined, /more than one image/],
  ['JPEG without fragments', [], TRANSFER_SYNTAX.jpegBaseline, /no picture that can be shown/],
  ['RLE without fragments', [], RLE, /no picture that can be shown/],
  [
    'two images that are called one',
    [pixels(Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd8]))],
    TRANSFER_SYNTAX.jpegBaseline,
    /more than one image/,
  ],
  [
    'two images in RLE that are called one',
    [pixels(rleOf([[0, 10, 20, 30]]), rleOf([[0, 10, 20, 30]]))],
    RLE,
    /more than one image/,
  ],
  [
    'a JPEG of 16 bits',
    [pixels(Buffer.from([0xff, 0xd8])), { tag: 0x00280100, vr: 'US', value: 16 }],
    TRANSFER_SYNTAX.jpegBaseline,
    /no picture that can be shown/,
  ],
  [
    'JPEG 2000',
    [pixels(Buffer.alloc(9))],
    '1.2.840.10008.1.2.4.90',
    /stored as JPEG 2000, which browsers do/,
  ],
  ['JPEG-LS', [pixels(Buffer.alloc(9))], '1.2.840.10008.1.2.4.80', /stored as JPEG-LS/],
  ['lossless JPEG', [pixels(Buffer.alloc(9))], '1.2.840.10008.1.2.4.70', /stored as lossless JPEG/],
  ['a video', [pixels(Buffer.alloc(9))], '1.2.840.10008.1.2.4.102', /This kind of compression/],
  [
    'more than 16 million pixels',
    [
      { tag: 0x00280010, vr: 'US', value: 4001 },
      { tag: 0x00280011, vr: 'US', value: 4000 },
    ],
    undefined,
    /too large/,
  ],
])('says that it does not draw %s', async (_name, changed, syntax, expected) => {
  await expect(draw(changed, syntax)).rejects.toThrow(expected);
});
