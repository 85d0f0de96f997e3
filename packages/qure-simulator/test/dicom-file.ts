import { deflateRawSync } from 'node:zlib';

/** Transfer syntaxes that differ in how a header is written (DICOM PS3.5 sections A.1 to A.5). */
export const SYNTAXES = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  big: '1.2.840.10008.1.2.2',
  jpeg: '1.2.840.10008.1.2.4.70',
} as const;

export interface DicomFileFacts {
  study?: string;
  series?: string;
  sop?: string;
  modality?: string;
  bodyPart?: string;
  description?: string;
  syntax?: keyof typeof SYNTAXES;
  pixelBytes?: number;
  /** Bytes of a private element before the pixel data. */
  privateBytes?: number;
  hasPixelData?: boolean;
}

/** Writes a small DICOM file with preamble and meta group. */
export function dicomFile(facts: DicomFileFacts = {}): Buffer {
  const syntax = facts.syntax ?? 'explicit';
  const write = (group: number, number: number, vr: string, value: string | Buffer) =>
    dicomElement(syntax, group, number, vr, value);
  const dataSet = Buffer.concat([
    write(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    write(0x0008, 0x0018, 'UI', facts.sop ?? '1.2.3.1'),
    write(0x0008, 0x0060, 'CS', facts.modality ?? 'CT'),
    write(0x0008, 0x103e, 'LO', facts.description ?? ''),
    write(0x0018, 0x0015, 'CS', facts.bodyPart ?? 'HEAD'),
    write(0x0020, 0x000d, 'UI', facts.study ?? '1.2'),
    write(0x0020, 0x000e, 'UI', facts.series ?? '1.2.3'),
    facts.privateBytes === undefined
      ? Buffer.alloc(0)
      : write(0x0029, 0x1010, 'OB', Buffer.alloc(facts.privateBytes)),
    facts.hasPixelData === false
      ? Buffer.alloc(0)
      : pixelData(syntax, Buffer.alloc(facts.pixelBytes ?? 512, 7)),
  ]);
  const meta = Buffer.concat([
    dicomElement('explicit', 0x0002, 0x0001, 'OB', Buffer.from([0, 1])),
    dicomElement('explicit', 0x0002, 0x0010, 'UI', SYNTAXES[syntax]),
  ]);
  const body = syntax === 'deflated' ? deflateRawSync(dataSet) : dataSet;
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta, body]);
}

function pixelData(syntax: keyof typeof SYNTAXES, pixels: Buffer): Buffer {
  if (syntax !== 'jpeg') return dicomElement(syntax, 0x7fe0, 0x0010, 'OW', pixels);
  return Buffer.concat([
    Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]), // (7FE0,0010) OB, undefined length
    item(0xe000, Buffer.alloc(0)), // basic offset table
    item(0xe000, pixels.subarray(0, pixels.length / 2)),
    item(0xe000, pixels.subarray(pixels.length / 2)),
    item(0xe0dd, Buffer.alloc(0)), // sequence delimitation
  ]);
}

function item(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0xfffe, 0);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

function dicomElement(
  syntax: keyof typeof SYNTAXES,
  group: number,
  number: number,
  vr: string,
  value: string | Buffer,
): Buffer {
  const raw = Buffer.from(value as string, 'latin1');
  const even = raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
  const isLong = vr === 'OB' || vr === 'OW';
  const head = Buffer.alloc(syntax !== 'implicit' && isLong ? 12 : 8);
  const isBig = syntax === 'big';
  const uint16 = (at: number, n: number) => (isBig ? head.writeUInt16BE(n, at) : head.writeUInt16LE(n, at));
  const uint32 = (at: number, n: number) => (isBig ? head.writeUInt32BE(n, at) : head.writeUInt32LE(n, at));
  uint16(0, group);
  uint16(2, number);
  if (syntax === 'implicit') uint32(4, even.length);
  else {
    head.write(vr, 4, 'latin1');
    if (isLong) uint32(8, even.length);
    else uint16(6, even.length);
  }
  return Buffer.concat([head, even]);
}
