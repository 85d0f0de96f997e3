import { type DicomElement, TRANSFER_SYNTAX, writeDicom } from '@qure-dropoff/dicom/write';
import { expect, it, vi } from 'vitest';
import { drawDicom } from '../../../console/series/draw-dicom.ts';

const PICTURE: readonly DicomElement[] = [
  { tag: 0x00280002, vr: 'US', value: 1 },
  { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
  { tag: 0x00280010, vr: 'US', value: 2 },
  { tag: 0x00280011, vr: 'US', value: 2 },
  { tag: 0x00280100, vr: 'US', value: 8 },
  { tag: 0x7fe00010, vr: 'OB', value: Buffer.from([0, 10, 20, 30]) },
];

/** @returns what was put on the canvas */
function draw(
  changed: readonly DicomElement[],
  transferSyntaxUid: string = TRANSFER_SYNTAX.explicitLittleEndian,
) {
  const others = PICTURE.filter(({ tag }) => !changed.some((one) => one.tag === tag));
  const file = writeDicom([...others, ...changed], { transferSyntaxUid });
  const put: { data: Uint8ClampedArray }[] = [];
  const canvas = { getContext: () => ({ putImageData: (image: ImageData) => put.push(image) }) };
  drawDicom(new Uint8Array(file), canvas as unknown as HTMLCanvasElement);
  return [...(put[0]?.data ?? [])].filter((_, at) => at % 4 === 0);
}

vi.stubGlobal(
  'ImageData',
  class {
    readonly data: Uint8ClampedArray;
    constructor(width: number, height: number) {
      this.data = new Uint8ClampedArray(width * height * 4);
    }
  },
);

it('draws a grey picture, and an inverted one', () => {
  expect(draw([])).toEqual([0, 85, 170, 255]);
  expect(draw([{ tag: 0x00280004, vr: 'CS', value: 'MONOCHROME1' }])).toEqual([255, 170, 85, 0]);
  expect(draw([{ tag: 0x00280008, vr: 'IS', value: 1 }])).toHaveLength(4);
});

it.each<[string, DicomElement[], string | undefined, RegExp]>([
  ['a palette', [{ tag: 0x00280004, vr: 'CS', value: 'PALETTE COLOR' }], undefined, /Colours of this kind/],
  ['YBR', [{ tag: 0x00280004, vr: 'CS', value: 'YBR_FULL' }], undefined, /Colours of this kind/],
  ['RGB of one sample', [{ tag: 0x00280004, vr: 'CS', value: 'RGB' }], undefined, /Colours of this kind/],
  ['a loop of images', [{ tag: 0x00280008, vr: 'IS', value: 2 }], undefined, /more than one image/],
  ['JPEG', [], TRANSFER_SYNTAX.jpegBaseline, /compression is not shown here: save the file/],
  [
    'more than 16 million pixels',
    [
      { tag: 0x00280010, vr: 'US', value: 4001 },
      { tag: 0x00280011, vr: 'US', value: 4000 },
    ],
    undefined,
    /too large/,
  ],
])('says that it does not draw %s', (_name, changed, syntax, expected) => {
  expect(() => draw(changed, syntax)).toThrow(expected);
});
