/** A data element that need not keep the standard: VR, length and delimiters are whatever they are said to be. */
export interface HostileElement {
  tag: number;
  /** Two characters; written for explicit VR alone. */
  vr: string;
  value: Uint8Array | HostileItems;
  /** Stands in the length field in place of the value's own. */
  statedLength?: number;
}

export interface HostileItems {
  items: HostileElement[][];
  ending: 'stated_length' | 'delimiters' | 'no_delimiters';
}

export interface ElementForm {
  isExplicitVr: boolean;
  isBigEndian: boolean;
}

export const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const LONG_LENGTH = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));

/** Writes elements in the order given (DICOM PS3.5 section 7.1), by no code of the reader under test. */
export function encodeHostile(elements: readonly HostileElement[], form: ElementForm): Buffer {
  return Buffer.concat(elements.map((element) => encodeElement(element, form)));
}

function encodeElement({ tag, vr, value, statedLength }: HostileElement, form: ElementForm): Buffer {
  if (value instanceof Uint8Array) {
    return Buffer.concat([headOf(tag, vr, statedLength ?? value.length, form), value]);
  }
  const { items, ending } = value;
  const body = Buffer.concat(items.map((item) => encodeItem(item, ending, form)));
  const end = ending === 'delimiters' ? headOf(SEQUENCE_END, '', 0, form) : Buffer.alloc(0);
  const length = statedLength ?? (ending === 'stated_length' ? body.length : UNDEFINED_LENGTH);
  return Buffer.concat([headOf(tag, vr, length, form), body, end]);
}

function encodeItem(
  elements: readonly HostileElement[],
  ending: HostileItems['ending'],
  form: ElementForm,
): Buffer {
  const body = encodeHostile(elements, form);
  if (ending === 'stated_length') return Buffer.concat([headOf(ITEM, '', body.length, form), body]);
  const end = ending === 'delimiters' ? headOf(ITEM_END, '', 0, form) : Buffer.alloc(0);
  return Buffer.concat([headOf(ITEM, '', UNDEFINED_LENGTH, form), body, end]);
}

/** Items and delimiters have no VR, given as ''. */
function headOf(tag: number, vr: string, length: number, { isExplicitVr, isBigEndian }: ElementForm): Buffer {
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    if (isBigEndian) bytes.writeUInt16BE(value & 0xffff);
    else bytes.writeUInt16LE(value & 0xffff);
    return bytes;
  };
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    if (isBigEndian) bytes.writeUInt32BE(value >>> 0);
    else bytes.writeUInt32LE(value >>> 0);
    return bytes;
  };
  const parts = [u16(tag >>> 16), u16(tag)];
  if (!isExplicitVr || vr === '') parts.push(u32(length));
  else if (LONG_LENGTH.has(vr)) parts.push(Buffer.from(vr, 'latin1'), u16(0), u32(length));
  else parts.push(Buffer.from(vr, 'latin1'), u16(length));
  return Buffer.concat(parts);
}
