import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import { decodeJpeg } from './decode-jpeg.ts';
import { decodeRle, type Layout } from './decode-rle.ts';

/** Implicit and explicit little endian: pixels as they are. */
const PLAIN = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];
const RLE = '1.2.840.10008.1.2.5';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
/** No browser decodes these (docs/decisions/0037-what-the-page-decodes.md). */
const OTHERS: Readonly<Record<string, string>> = {
  '51': '12-bit JPEG',
  '57': 'lossless JPEG',
  '70': 'lossless JPEG',
  '80': 'JPEG-LS',
  '81': 'JPEG-LS',
  '90': 'JPEG 2000',
  '91': 'JPEG 2000',
  '201': 'HTJ2K',
  '202': 'HTJ2K',
  '203': 'HTJ2K',
};
/** Of each pixel, by the photometric interpretation. */
const SAMPLES: Readonly<Record<string, number>> = { MONOCHROME1: 1, MONOCHROME2: 1, RGB: 3 };
const SAMPLES_OF_JPEG: typeof SAMPLES = { ...SAMPLES, YBR_FULL: 3, YBR_FULL_422: 3 };
const MAX_PIXELS = 16_000_000;

/** @throws Error for a file that cannot be drawn, in words for a person */
export async function pictureOfDicom(bytes: Uint8Array<ArrayBuffer>): Promise<ImageData> {
  let data: DataSet;
  try {
    data = dicomParser.parseDicom(bytes);
  } catch (cause) {
    // The library throws texts and objects of its own.
    throw new Error('This DICOM file cannot be read.', { cause });
  }
  const rows = data.uint16('x00280010') ?? 0;
  const columns = data.uint16('x00280011') ?? 0;
  if (rows * columns > MAX_PIXELS)
    throw new Error('This picture is too large to be shown here: save the file.');
  return pictureOf(data, rows, columns, bytes);
}

async function pictureOf(
  data: DataSet,
  rows: number,
  columns: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<ImageData> {
  const pixels = data.elements['x7fe00010'];
  if (rows * columns === 0 || pixels === undefined) throw noPicture();
  const syntax = data.string('x00020010') ?? '';
  const isJpeg = syntax === JPEG_BASELINE;
  if (!isJpeg && syntax !== RLE && !PLAIN.includes(syntax)) throw notDecoded(syntax);
  if ((data.intString('x00280008') ?? 1) !== 1) throw severalImages();
  const samples = data.uint16('x00280002') ?? 1;
  const interpretation = data.string('x00280004') ?? '';
  if ((isJpeg ? SAMPLES_OF_JPEG : SAMPLES)[interpretation] !== samples)
    throw new Error('Colours of this kind are not shown here: save the file.');
  const bits = data.uint16('x00280100') ?? 8;
  const isSigned = data.uint16('x00280103') === 1;
  if ((bits !== 8 && bits !== 16) || (isJpeg && (bits !== 8 || isSigned))) throw noPicture();
  const layout = { rows, columns, samples, bytes: bits / 8 };
  const isYbr = interpretation.startsWith('YBR');
  const stored = isJpeg
    ? await decodeJpeg(frameOf(pixels, bytes, true), { ...layout, isYbr })
    : syntax === RLE
      ? decodeRle(frameOf(pixels, bytes, false), layout)
      : plainOf(pixels, bytes, layout);
  const isPlanar = syntax === RLE || (!isJpeg && data.uint16('x00280006') === 1);
  const values = valuesOf(stored, bits, isSigned);
  return samples === 3 ? inColour(values, rows, columns, isPlanar) : inGrey(values, rows, columns, data);
}

function plainOf({ dataOffset, length }: Element, bytes: Uint8Array<ArrayBuffer>, layout: Layout) {
  const expected = layout.rows * layout.columns * layout.samples * layout.bytes;
  if (length < expected) throw noPicture();
  return bytes.slice(dataOffset, dataOffset + expected);
}

/** The one image of compressed pixels. A file may hold more than it says. */
function frameOf(
  { fragments = [] }: Element,
  bytes: Uint8Array<ArrayBuffer>,
  isJpeg: boolean,
): Uint8Array<ArrayBuffer> {
  const parts = fragments.map(({ position, length }) => bytes.subarray(position, position + length));
  const [first, ...others] = parts;
  if (first === undefined) throw noPicture();
  // In RLE each image is one fragment (PS3.5 section A.4.2); a JPEG may be in several.
  if (others.some(([a, b]) => !isJpeg || (a === 0xff && b === 0xd8))) throw severalImages();
  const frame = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

function noPicture(): Error {
  return new Error('This DICOM file holds no picture that can be shown.');
}

function severalImages(): Error {
  return new Error('This file holds more than one image, and is not shown here: save the file.');
}

function notDecoded(syntax: string): Error {
  const name = OTHERS[/^1\.2\.840\.10008\.1\.2\.4\.(\d+)$/.exec(syntax)?.[1] ?? ''];
  return new Error(
    name === undefined
      ? 'This kind of compression is not shown here: save the file.'
      : `This picture is stored as ${name}, which browsers do not decode: save the file, and open it in a DICOM viewer.`,
  );
}

function valuesOf(bytes: Uint8Array<ArrayBuffer>, bits: number, isSigned: boolean) {
  if (bits === 8) return isSigned ? new Int8Array(bytes.buffer) : bytes;
  // Every browser of today runs on little endian.
  return isSigned ? new Int16Array(bytes.buffer) : new Uint16Array(bytes.buffer);
}

type Values = ReturnType<typeof valuesOf>;

function inColour(values: Values, rows: number, columns: number, isPlanar: boolean): ImageData {
  const image = new ImageData(columns, rows);
  const count = rows * columns;
  for (let at = 0; at < count; at += 1) {
    for (let sample = 0; sample < 3; sample += 1)
      image.data[at * 4 + sample] = values[isPlanar ? sample * count + at : at * 3 + sample] ?? 0;
    image.data[at * 4 + 3] = 255;
  }
  return image;
}

/** By the window of the file, else from its darkest value to its lightest. */
function inGrey(values: Values, rows: number, columns: number, data: DataSet): ImageData {
  const slope = data.floatString('x00281053') ?? 1;
  const intercept = data.floatString('x00281052') ?? 0;
  const center = data.floatString('x00281050');
  const width = data.floatString('x00281051');
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (center !== undefined && width !== undefined && width > 0) {
    [low, high] = [center - width / 2, center + width / 2];
  } else {
    for (const value of values) {
      low = Math.min(low, value * slope + intercept);
      high = Math.max(high, value * slope + intercept);
    }
  }
  const isInverted = data.string('x00280004') === 'MONOCHROME1';
  const image = new ImageData(columns, rows);
  for (let at = 0; at < rows * columns; at += 1) {
    const share = ((values[at] ?? 0) * slope + intercept - low) / (high - low || 1);
    // The array keeps each value between 0 and 255.
    const grey = (isInverted ? 1 - share : share) * 255;
    image.data.fill(grey, at * 4, at * 4 + 3);
    image.data[at * 4 + 3] = 255;
  }
  return image;
}
