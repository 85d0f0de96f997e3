import { type Encoding, hasLongLength, isCapitals, NO_VR, UN, vrAt } from './encoding.ts';

/** The length field's value for "until a delimiter" (DICOM PS3.5 section 7.1.1). */
const UNDEFINED_LENGTH = 0xffffffff;

/** Of an explicit VR with a long length; others have 8. */
export const MAX_HEAD_BYTES = 12;

/**
 * How many bytes a head needs that the read bytes cut. Where the content goes on, no more than it has: what is left of it may be a
 * shorter delimiter, or padding, and is judged when it is read.
 */
export function bytesForHead(bytes: Uint8Array, endPosition: number, sizeBytes: number | undefined): number {
  if (sizeBytes === undefined || bytes.length >= sizeBytes) return endPosition;
  return Math.min(endPosition, sizeBytes);
}

/** Tag, VR, length and position of an element; its value has not been read. */
export interface ElementHead {
  /** Group and element as one number: in the order of the standard. */
  tag: number;
  /** Its VR is UN. */
  isUnknown: boolean;
  dataOffset: number;
  /** Bytes; `undefined` for a value that ends with a delimiter. */
  length: number | undefined;
}

/** Reads the head of the element at `position`. Returns `undefined` if the bytes end within it. No length is trusted. */
export function readElementHead(
  bytes: Uint8Array,
  position: number,
  { isExplicitVr, isBigEndian }: Encoding,
): ElementHead | undefined {
  const available = bytes.length - position;
  if (available < 8) return undefined;
  const tag = uint16At(bytes, position, isBigEndian) * 0x10000 + uint16At(bytes, position + 2, isBigEndian);
  const vr = isExplicitVr ? vrAt(bytes, position + 4) : NO_VR;
  // Items and delimiters have no VR. Neither have some vendors' elements within explicit files.
  if (!isCapitals(vr)) return headWith(tag, false, position + 8, uint32At(bytes, position + 4, isBigEndian));
  if (!hasLongLength(vr))
    return {
      tag,
      isUnknown: false,
      dataOffset: position + 8,
      length: uint16At(bytes, position + 6, isBigEndian),
    };
  if (available < MAX_HEAD_BYTES) return undefined;
  return headWith(tag, vr === UN, position + MAX_HEAD_BYTES, uint32At(bytes, position + 8, isBigEndian));
}

function headWith(tag: number, isUnknown: boolean, dataOffset: number, length: number): ElementHead {
  return { tag, isUnknown, dataOffset, length: length === UNDEFINED_LENGTH ? undefined : length };
}

function uint16At(bytes: Uint8Array, position: number, isBigEndian: boolean): number {
  const first = bytes[position] ?? 0;
  const second = bytes[position + 1] ?? 0;
  return isBigEndian ? first * 0x100 + second : second * 0x100 + first;
}

function uint32At(bytes: Uint8Array, position: number, isBigEndian: boolean): number {
  const first = uint16At(bytes, position, isBigEndian);
  const second = uint16At(bytes, position + 2, isBigEndian);
  return isBigEndian ? first * 0x10000 + second : second * 0x10000 + first;
}
