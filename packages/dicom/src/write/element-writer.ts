/** Pixel data in fragments (DICOM PS3.5 section A.4); the basic offset table is left empty. */
export interface Fragments {
  fragments: Uint8Array[];
}

/** Items of a sequence. `isUndefinedLength` ends it and its items with delimiters instead of giving lengths. */
export interface Items {
  items: DicomElement[][];
  isUndefinedLength?: boolean;
}

/**
 * One data element. Text is written as Latin-1 (as UTF-8 with `isUtf8`), several values joined by a backslash; numbers
 * in the format of the VR (US, SS, UL, SL, FL, FD; as text for IS and DS); bytes unchanged, padded to an even length.
 */
export interface DicomElement {
  /** Group and element, for example `0x0020000d`. */
  tag: number;
  vr: string;
  value: string | number | readonly (string | number)[] | Uint8Array | Items | Fragments;
}

export interface ElementEncoding {
  isExplicitVr: boolean;
  isBigEndian: boolean;
  isUtf8: boolean;
}

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_DELIMITATION = 0xfffee00d;
const SEQUENCE_DELIMITATION = 0xfffee0dd;
/** PS3.5 section 7.1.2: two reserved bytes and a length of 32 bits. */
const LONG_LENGTH_VRS = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
/** Padded to an even length with NUL; all other text with a space (PS3.5 section 6.2). */
const NUL_PADDED_VRS = new Set(['UI', 'OB', 'UN', 'OW']);

/** Writes elements in ascending order of their tags (DICOM PS3.5 section 7.1). */
export function encodeElements(elements: readonly DicomElement[], encoding: ElementEncoding): Buffer {
  const ascending = [...elements].sort((a, b) => a.tag - b.tag);
  return Buffer.concat(ascending.flatMap((element) => encodeElement(element, encoding)));
}

function encodeElement({ tag, vr, value }: DicomElement, encoding: ElementEncoding): Buffer[] {
  if (typeof value === 'object' && 'items' in value) {
    const content = encodeItems(value, encoding);
    const length = value.isUndefinedLength ? UNDEFINED_LENGTH : content.length;
    return [head(tag, vr, length, encoding), content];
  }
  if (typeof value === 'object' && 'fragments' in value) {
    return [head(tag, vr, UNDEFINED_LENGTH, encoding), encodeFragments(value, encoding)];
  }
  const bytes = padded(encodeValue(vr, value, encoding), vr);
  return [head(tag, vr, bytes.length, encoding), bytes];
}

function encodeItems({ items, isUndefinedLength = false }: Items, encoding: ElementEncoding): Buffer {
  const parts = items.flatMap((elements) => {
    const content = encodeElements(elements, encoding);
    if (!isUndefinedLength) return [delimiter(ITEM, content.length, encoding), content];
    return [delimiter(ITEM, UNDEFINED_LENGTH, encoding), content, delimiter(ITEM_DELIMITATION, 0, encoding)];
  });
  if (isUndefinedLength) parts.push(delimiter(SEQUENCE_DELIMITATION, 0, encoding));
  return Buffer.concat(parts);
}

function encodeFragments({ fragments }: Fragments, encoding: ElementEncoding): Buffer {
  const items = fragments.map((fragment) => padded(Buffer.from(fragment), 'OB'));
  return Buffer.concat([
    delimiter(ITEM, 0, encoding),
    ...items.flatMap((item) => [delimiter(ITEM, item.length, encoding), item]),
    delimiter(SEQUENCE_DELIMITATION, 0, encoding),
  ]);
}

function head(tag: number, vr: string, length: number, encoding: ElementEncoding): Buffer {
  if (!encoding.isExplicitVr) return delimiter(tag, length, encoding);
  const isLong = LONG_LENGTH_VRS.has(vr);
  const bytes = Buffer.alloc(isLong ? 12 : 8);
  writeTag(bytes, tag, encoding);
  bytes.write(vr, 4, 'latin1');
  if (isLong) writeUint32(bytes, 8, length, encoding);
  else if (encoding.isBigEndian) bytes.writeUInt16BE(length, 6);
  else bytes.writeUInt16LE(length, 6);
  return bytes;
}

/** A tag and a length of 32 bits: implicit VR, items and delimiters. */
function delimiter(tag: number, length: number, encoding: ElementEncoding): Buffer {
  const bytes = Buffer.alloc(8);
  writeTag(bytes, tag, encoding);
  writeUint32(bytes, 4, length, encoding);
  return bytes;
}

function writeTag(bytes: Buffer, tag: number, { isBigEndian }: ElementEncoding): void {
  const group = Math.floor(tag / 0x10000);
  const element = tag % 0x10000;
  if (isBigEndian) bytes.writeUInt16BE(element, bytes.writeUInt16BE(group, 0));
  else bytes.writeUInt16LE(element, bytes.writeUInt16LE(group, 0));
}

function writeUint32(bytes: Buffer, offset: number, value: number, { isBigEndian }: ElementEncoding): void {
  if (isBigEndian) bytes.writeUInt32BE(value, offset);
  else bytes.writeUInt32LE(value, offset);
}

function encodeValue(
  vr: string,
  value: string | number | readonly (string | number)[] | Uint8Array,
  { isBigEndian, isUtf8 }: ElementEncoding,
): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length);
  const values = typeof value === 'string' || typeof value === 'number' ? [value] : value;
  const size = BINARY_NUMBER_BYTES.get(vr);
  if (size === undefined) return Buffer.from(values.join('\\'), isUtf8 ? 'utf8' : 'latin1');
  const bytes = Buffer.alloc(values.length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  values.forEach((each, i) => {
    writeNumber(view, vr, i * size, Number(each), !isBigEndian);
  });
  return bytes;
}

const BINARY_NUMBER_BYTES: ReadonlyMap<string, number> = new Map([
  ['US', 2],
  ['SS', 2],
  ['UL', 4],
  ['SL', 4],
  ['FL', 4],
  ['FD', 8],
]);

function writeNumber(
  view: DataView,
  vr: string,
  offset: number,
  value: number,
  isLittleEndian: boolean,
): void {
  if (vr === 'US') view.setUint16(offset, value, isLittleEndian);
  else if (vr === 'SS') view.setInt16(offset, value, isLittleEndian);
  else if (vr === 'UL') view.setUint32(offset, value, isLittleEndian);
  else if (vr === 'SL') view.setInt32(offset, value, isLittleEndian);
  else if (vr === 'FL') view.setFloat32(offset, value, isLittleEndian);
  else view.setFloat64(offset, value, isLittleEndian);
}

function padded(bytes: Buffer, vr: string): Buffer {
  if (bytes.length % 2 === 0) return bytes;
  return Buffer.concat([bytes, Buffer.from(NUL_PADDED_VRS.has(vr) ? '\0' : ' ')]);
}
