import { createHash } from 'node:crypto';
import { writeDicom } from '@qure-dropoff/dicom/write';
import type { GreyBitmap } from './banner-bitmap.ts';

export interface CaptureFacts {
  studyInstanceUid: string;
  /** Empty if the patient is unknown, as DICOM allows (type 2). */
  patientId: string;
  /** The seed of this object's own UIDs: equal texts give equal UIDs. */
  identity: string;
  /** At most 64 characters (VR LO). */
  seriesDescription: string;
  instanceNumber: number;
}

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/**
 * Writes a Secondary Capture image (DICOM PS3.3 section A.8.1) in explicit little endian. The manufacturer is Qure.ai,
 * so the pipeline recognizes its own results if they are dropped.
 */
export function encodeSecondaryCapture(image: GreyBitmap, facts: CaptureFacts): Buffer {
  return writeDicom([
    { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 100' },
    { tag: 0x00080008, vr: 'CS', value: ['DERIVED', 'SECONDARY'] },
    { tag: 0x00080016, vr: 'UI', value: SECONDARY_CAPTURE },
    { tag: 0x00080018, vr: 'UI', value: derivedUid(`${facts.identity} instance ${facts.instanceNumber}`) },
    { tag: 0x00080020, vr: 'DA', value: '' },
    { tag: 0x00080030, vr: 'TM', value: '' },
    { tag: 0x00080050, vr: 'SH', value: '' },
    { tag: 0x00080060, vr: 'CS', value: 'OT' },
    { tag: 0x00080064, vr: 'CS', value: 'WSD' },
    { tag: 0x00080070, vr: 'LO', value: 'Qure.ai' },
    { tag: 0x00080090, vr: 'PN', value: '' },
    { tag: 0x0008103e, vr: 'LO', value: facts.seriesDescription },
    { tag: 0x00081090, vr: 'LO', value: 'qure-dropoff simulator' },
    { tag: 0x00100010, vr: 'PN', value: 'SIMULATED' },
    { tag: 0x00100020, vr: 'LO', value: facts.patientId },
    { tag: 0x00100030, vr: 'DA', value: '' },
    { tag: 0x00100040, vr: 'CS', value: '' },
    { tag: 0x0020000d, vr: 'UI', value: facts.studyInstanceUid },
    { tag: 0x0020000e, vr: 'UI', value: derivedUid(`${facts.identity} series`) },
    { tag: 0x00200010, vr: 'SH', value: '' },
    { tag: 0x00200011, vr: 'IS', value: 9000 },
    { tag: 0x00200013, vr: 'IS', value: facts.instanceNumber },
    { tag: 0x00200020, vr: 'CS', value: '' },
    { tag: 0x00280002, vr: 'US', value: 1 },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: image.height },
    { tag: 0x00280011, vr: 'US', value: image.width },
    { tag: 0x00280100, vr: 'US', value: 8 },
    { tag: 0x00280101, vr: 'US', value: 8 },
    { tag: 0x00280102, vr: 'US', value: 7 },
    { tag: 0x00280103, vr: 'US', value: 0 },
    // Burned In Annotation: the banner.
    { tag: 0x00280301, vr: 'CS', value: 'YES' },
    { tag: 0x7fe00010, vr: 'OB', value: image.pixels },
  ]);
}

/** A UID below the UUID root (DICOM PS3.5 section B.2), the same for the same text. */
export function derivedUid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hex}`)}`;
}
