import dicomParser, { type DataSet } from 'dicom-parser';

/** Implicit and explicit little endian: pixels as they are. */
const PLAIN = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];
/** Of each pixel, by the photometric interpretation. */
const SAMPLES: Readonly<Record<string, number>> = { MONOCHROME1: 1, MONOCHROME2: 1, RGB: 3 };
const MAX_PIXELS = 16_000_000;

/** @throws Error for a file that cannot be drawn, in words for a person */
export function drawDicom(bytes: Uint8Array<ArrayBuffer>, canvas: HTMLCanvasElement): void {
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
  const picture = pictureOf(data, rows, columns, bytes);
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
}

function pictureOf(data: DataSet, rows: number, columns: number, bytes: Uint8Array<ArrayBuffer>): ImageData {
  const pixels = data.elements['x7fe00010'];
  if (rows * columns === 0 || pixels === undefined)
    throw new Error('This DICOM file holds no picture that can be shown.');
  if (!PLAIN.includes(data.string('x00020010') ?? ''))
    throw new Error('This kind of compression is not shown here: save the file.');
  if ((data.intString('x00280008') ?? 1) !== 1)
    throw new Error('This file holds more than one image, and is not shown here: save the file.');
  const samples = data.uint16('x00280002') ?? 1;
  if (SAMPLES[data.string('x00280004') ?? ''] !== samples)
    throw new Error('Colours of this kind are not shown here: save the file.');
  const bits = data.uint16('x00280100') ?? 8;
  const length = rows * columns * samples * (bits / 8);
  if ((bits !== 8 && bits !== 16) || pixels.length < length)
    throw new Error('This DICOM file holds no picture that can be shown.');
  const start = pixels.dataOffset;
  const values = valuesOf(bytes.slice(start, start + length), bits, data.uint16('x00280103') === 1);
  const isPlanar = samples === 3 && data.uint16('x00280006') === 1;
  return samples === 3 ? inColour(values, rows, columns, isPlanar) : inGrey(values, rows, columns, data);
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
