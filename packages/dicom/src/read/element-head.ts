import dicomParser, { type ByteStream, type Element } from 'dicom-parser';
import { type Encoding, hasLongLength, vrAt } from './encoding.ts';

/** The length field's value for "until a delimiter" (DICOM PS3.5 section 7.1.1). */
const UNDEFINED_LENGTH = 0xffffffff;
const CAPITALS = /^[A-Z]{2}$/;
const NO_WARNINGS: string[] = [];

/** Tag, VR, length and position of an element; its value has not been read. */
export interface ElementHead {
  /** As dicom-parser writes it: `x0020000d`. Compares in the order of the standard. */
  tag: string;
  /** Absent for implicit VR and for items. */
  vr?: string;
  dataOffset: number;
  /** Bytes; `undefined` for a value that ends with a delimiter. */
  length: number | undefined;
}

export function openStream(bytes: Uint8Array, encoding: Encoding): ByteStream {
  const parser = encoding.isBigEndian
    ? dicomParser.bigEndianByteArrayParser
    : dicomParser.littleEndianByteArrayParser;
  return new dicomParser.ByteStream(parser, bytes, 0);
}

/**
 * Reads the head of the element at `position`. Returns `undefined` if the bytes end within it.
 *
 * dicom-parser stops before the value of its `untilTag`: with the tag of the next element it reads only the head. No
 * length is trusted, no value is copied, and no sequence is read recursively.
 */
export function readElementHead(
  stream: ByteStream,
  position: number,
  isExplicitVr: boolean,
): ElementHead | undefined {
  const available = stream.byteArray.length - position;
  if (available < 8) return undefined;
  stream.position = position;
  const tag = dicomParser.readTag(stream);
  stream.position = position;
  const vr = isExplicitVr ? vrAt(stream.byteArray, position + 4) : '';
  // Items and delimiters have no VR. Neither have some vendors' elements within explicit files.
  if (!CAPITALS.test(vr)) return toHead(dicomParser.readDicomElementImplicit(stream, tag));
  if (hasLongLength(vr) && available < 12) return undefined;
  const element = dicomParser.readDicomElementExplicit(stream, NO_WARNINGS, tag);
  // dicom-parser 1.8 does not support the 64-bit VRs and reads the two reserved bytes as the length.
  if (hasLongLength(vr) && element.dataOffset === position + 8) {
    stream.position = position + 8;
    element.length = stream.readUint32();
    element.dataOffset = position + 12;
  }
  return toHead(element);
}

function toHead(element: Element): ElementHead {
  const { tag, vr, length, dataOffset } = element;
  return {
    tag,
    dataOffset,
    length: length === UNDEFINED_LENGTH ? undefined : length,
    ...(vr === undefined ? {} : { vr }),
  };
}
