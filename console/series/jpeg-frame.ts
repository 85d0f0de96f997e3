import { textAt } from '../shared/text-at.ts';

/** What the DICOM file says of its JPEG. */
export interface JpegFacts {
  rows: number;
  columns: number;
  samples: number;
  /** Its three samples are a brightness and two colour differences, not red, green and blue. */
  isYbr: boolean;
}

const SOI = 0xd8;
const SOF0 = 0xc0;
const SOS = 0xda;
/** Application data 0 to 15 and comments: Exif turns a picture, and profiles change its colours. */
const isRemark = (marker: number) => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
/** Tables: DHT, DQT, DRI. */
const TABLES = [0xc4, 0xdb, 0xdd];

/**
 * A JPEG for the browser's decoder: baseline only, of exactly the size that the DICOM file says, and with one remark alone, that of its
 * colours. So the decoder needs no more memory than was checked, and draws what a viewer of DICOM draws.
 *
 * Source: ITU-T T.81 annex B; ITU-T T.872 section 6.5.3 (Adobe's marker).
 *
 * @throws Error in words for a person
 */
export function jpegForBrowser(frame: Uint8Array, facts: JpegFacts): Uint8Array<ArrayBuffer>[] {
  const kept: Uint8Array<ArrayBuffer>[] = [Uint8Array.of(0xff, SOI)];
  if (frame[0] !== 0xff || frame[1] !== SOI) throw damaged();
  if (facts.samples === 3) kept.push(adobeMarker(facts.isYbr));
  let hasSize = false;
  for (let at = 2; ; ) {
    const marker = frame[at + 1] ?? 0;
    const length = (frame[at + 2] ?? 0) * 256 + (frame[at + 3] ?? 0);
    if (frame[at] !== 0xff || length < 2 || at + 2 + length > frame.length) throw damaged();
    const segment = frame.slice(at, at + 2 + length);
    if (marker === SOS) {
      if (!hasSize) throw damaged();
      return [...kept, frame.slice(at)];
    }
    if (isRemark(marker)) checkColours(segment, facts);
    else if (marker === SOF0 && !hasSize) {
      checkSize(segment, facts);
      hasSize = true;
      kept.push(segment);
    } else if (TABLES.includes(marker)) kept.push(segment);
    else throw damaged();
    at += 2 + length;
  }
}

/** Of 8 bits, and as large as it should be: height, width and the number of components are at bytes 5, 7 and 9. */
function checkSize(segment: Uint8Array, { rows, columns, samples }: JpegFacts): void {
  const wordAt = (at: number) => (segment[at] ?? 0) * 256 + (segment[at + 1] ?? 0);
  if (segment[4] !== 8 || wordAt(5) !== rows || wordAt(7) !== columns || segment[9] !== samples)
    throw damaged();
}

/** Two statements about the colours that differ: one of them is wrong. */
function checkColours(segment: Uint8Array, { samples, isYbr }: JpegFacts): void {
  const name = textAt(segment, 4, 5);
  const isJfif = segment[1] === 0xe0 && name === 'JFIF\0';
  const isAdobe = segment[1] === 0xee && name === 'Adobe';
  if (samples !== 3 || (!isJfif && !isAdobe)) return;
  const saysYbr = isJfif || segment[15] === 1;
  if (saysYbr !== isYbr)
    throw new Error('This file contradicts itself about its colours, and is not shown here: save the file.');
}

function adobeMarker(isYbr: boolean): Uint8Array<ArrayBuffer> {
  const name = [...'Adobe'].map((character) => character.charCodeAt(0));
  return Uint8Array.of(0xff, 0xee, 0, 14, ...name, 0, 100, 0, 0, 0, 0, isYbr ? 1 : 0);
}

function damaged(): Error {
  return new Error('The JPEG in this file is damaged, or of another size than the file says: save the file.');
}
