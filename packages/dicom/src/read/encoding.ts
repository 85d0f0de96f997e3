/** How the elements of a data set are written (DICOM PS3.5 section 7.1 and annex A). */
export interface Encoding {
  isExplicitVr: boolean;
  isBigEndian: boolean;
}

export const EXPLICIT_LITTLE_ENDIAN: Encoding = { isExplicitVr: true, isBigEndian: false };
export const IMPLICIT_LITTLE_ENDIAN: Encoding = { isExplicitVr: false, isBigEndian: false };

/** The two characters of a VR as one number. */
export type Vr = number;

export const NO_VR: Vr = 0;

/** PS3.5 section 6.2; `true` where the length has 32 bits (section 7.1.2). */
const VALUE_REPRESENTATIONS: ReadonlyMap<Vr, boolean> = new Map([
  ...'AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'
    .split(' ')
    .map((name): [Vr, boolean] => [vrOf(name), false]),
  ...'OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' ').map((name): [Vr, boolean] => [vrOf(name), true]),
]);

export const UN: Vr = vrOf('UN');

function vrOf(name: string): Vr {
  return vrAt(Buffer.from(name, 'latin1'), 0);
}

export function isKnownVr(vr: Vr): boolean {
  return VALUE_REPRESENTATIONS.has(vr);
}

export function hasLongLength(vr: Vr): boolean {
  return VALUE_REPRESENTATIONS.get(vr) === true;
}

/** Whether it may be a VR, known or not. */
export function isCapitals(vr: Vr): boolean {
  return isCapital(vr >> 8) && isCapital(vr & 0xff);
}

function isCapital(character: number): boolean {
  return character >= 0x41 && character <= 0x5a;
}

/** The bytes of an element that `detectEncoding` looks at: its tag and, perhaps, its VR. */
export const DETECTION_BYTES = 6;

/**
 * Detects the encoding from the first element of a data set, because files contradict their own Transfer Syntax UID and
 * some have none. Groups at the start of a data set are below 0x0100, so the zero byte shows the byte order; two
 * capital letters that are a known VR would be an implicit length of at least 16 KiB there, which no first element has.
 */
export function detectEncoding(bytes: Uint8Array, position: number): Encoding {
  const isBigEndian = bytes[position] === 0 && bytes[position + 1] !== 0;
  const isExplicitVr = isKnownVr(vrAt(bytes, position + 4));
  // Implicit VR exists in little endian only.
  return { isExplicitVr, isBigEndian: isBigEndian && isExplicitVr };
}

/** The two characters at `position`; not a VR if the bytes end before. */
export function vrAt(bytes: Uint8Array, position: number): Vr {
  return ((bytes[position] ?? 0) << 8) | (bytes[position + 1] ?? 0);
}
