import { createHash } from 'node:crypto';
import type { GreyBitmap } from './banner-bitmap.ts';

export interface CaptureFacts {
  studyInstanceUid: string;
  /** Empty where nothing is known of the patient, as DICOM allows (type 2). */
  patientId: string;
  /** What makes this object's own UIDs: equal texts give equal UIDs. */
  identity: string;
  /** At most 64 characters (VR LO). */
  seriesDescription: string;
  instanceNumber: number;
}

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/**
 * Writes a Secondary Capture image (DICOM PS3.3 section A.8.1) in explicit little endian. Manufacturer says Qure.ai,
 * so that the pipeline knows its own results when they come back.
 */
export function encodeSecondaryCapture(image: GreyBitmap, facts: CaptureFacts): Buffer {
  const sopInstanceUid = derivedUid(`${facts.identity} instance ${facts.instanceNumber}`);
  const meta = Buffer.concat([
    element(0x0002, 0x0001, 'OB', Buffer.from([0, 1])),
    element(0x0002, 0x0002, 'UI', SECONDARY_CAPTURE),
    element(0x0002, 0x0003, 'UI', sopInstanceUid),
    element(0x0002, 0x0010, 'UI', EXPLICIT_LITTLE_ENDIAN),
    element(0x0002, 0x0012, 'UI', derivedUid('qure-dropoff simulator')),
  ]);
  const dataSet = [
    element(0x0008, 0x0005, 'CS', 'ISO_IR 100'),
    element(0x0008, 0x0008, 'CS', 'DERIVED\\SECONDARY'),
    element(0x0008, 0x0016, 'UI', SECONDARY_CAPTURE),
    element(0x0008, 0x0018, 'UI', sopInstanceUid),
    element(0x0008, 0x0020, 'DA', ''),
    element(0x0008, 0x0030, 'TM', ''),
    element(0x0008, 0x0050, 'SH', ''),
    element(0x0008, 0x0060, 'CS', 'OT'),
    element(0x0008, 0x0064, 'CS', 'WSD'),
    element(0x0008, 0x0070, 'LO', 'Qure.ai'),
    element(0x0008, 0x0090, 'PN', ''),
    element(0x0008, 0x103e, 'LO', facts.seriesDescription),
    element(0x0008, 0x1090, 'LO', 'qure-dropoff simulator'),
    element(0x0010, 0x0010, 'PN', 'SIMULATED'),
    element(0x0010, 0x0020, 'LO', facts.patientId),
    element(0x0010, 0x0030, 'DA', ''),
    element(0x0010, 0x0040, 'CS', ''),
    element(0x0020, 0x000d, 'UI', facts.studyInstanceUid),
    element(0x0020, 0x000e, 'UI', derivedUid(`${facts.identity} series`)),
    element(0x0020, 0x0010, 'SH', ''),
    element(0x0020, 0x0011, 'IS', '9000'),
    element(0x0020, 0x0013, 'IS', String(facts.instanceNumber)),
    element(0x0020, 0x0020, 'CS', ''),
    element(0x0028, 0x0002, 'US', uint16(1)),
    element(0x0028, 0x0004, 'CS', 'MONOCHROME2'),
    element(0x0028, 0x0010, 'US', uint16(image.height)),
    element(0x0028, 0x0011, 'US', uint16(image.width)),
    element(0x0028, 0x0100, 'US', uint16(8)),
    element(0x0028, 0x0101, 'US', uint16(8)),
    element(0x0028, 0x0102, 'US', uint16(7)),
    element(0x0028, 0x0103, 'US', uint16(0)),
    element(0x0028, 0x0301, 'CS', 'YES'), // Burned In Annotation: the banner
    element(0x7fe0, 0x0010, 'OB', image.pixels),
  ];
  const metaLength = Buffer.alloc(4);
  metaLength.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM', 'latin1'),
    element(0x0002, 0x0000, 'UL', metaLength),
    meta,
    ...dataSet,
  ]);
}

/** A UID below the UUID root (DICOM PS3.5 section B.2), the same for the same text. */
export function derivedUid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hex}`)}`;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function element(group: number, number: number, vr: string, value: string | Buffer): Buffer {
  const raw = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  const padding = vr === 'UI' || vr === 'OB' ? '\0' : ' ';
  const even = raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from(padding, 'latin1')]);
  const head = Buffer.alloc(vr === 'OB' ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (vr === 'OB') head.writeUInt32LE(even.length, 8);
  else head.writeUInt16LE(even.length, 6);
  return Buffer.concat([head, even]);
}
