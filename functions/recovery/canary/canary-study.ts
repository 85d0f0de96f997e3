import { createHash } from 'node:crypto';
import { commonElements, HEAD_CT, HEAD_SLICES, headCtElements, writeDicom } from '@qure-dropoff/dicom/write';

/** The patient name marks the study as synthetic wherever it is listed. */
export const CANARY_PATIENT_NAME = 'CANARY^QURE-DROPOFF';
/** 24 slices of 128 by 128 pixels: 0.8 MB a run. */
const SLICE_PIXELS = 128;

export interface CanaryStudy {
  seriesInstanceUid: string;
  /** Instances below the study's folder, made one by one; the marker is not among them. */
  instances(): Generator<{ name: string; bytes: Buffer }>;
}

/**
 * The study of one run: a small head CT. The same arguments give the same bytes.
 * @param name unique among the studies of all deployments
 * @param run `20260301T080000Z`
 */
export function canaryStudy(name: string, run: string): CanaryStudy {
  const seriesInstanceUid = canaryUid(`${name}/series`);
  const frameOfReferenceUid = canaryUid(`${name}/frame of reference`);
  const series = {
    ...HEAD_CT,
    studyInstanceUid: canaryUid(`${name}/study`),
    seriesInstanceUid,
    patientName: CANARY_PATIENT_NAME,
    label: 'CANARY',
    manufacturer: 'Generated canary',
    date: run.slice(0, 8),
    time: run.slice(9, 15),
  };
  return {
    seriesInstanceUid,
    *instances() {
      for (let number = 1; number <= HEAD_SLICES; number += 1) {
        const instance = { number, sopInstanceUid: canaryUid(`${name}/${number}`) };
        const elements = [
          ...commonElements(series, instance),
          ...headCtElements(number, SLICE_PIXELS, frameOfReferenceUid),
        ];
        yield { name: String(number).padStart(4, '0'), bytes: writeDicom(elements) };
      }
    },
  };
}

/** Below 2.25, of a UUID that is made from a name. Source: DICOM PS3.5 section B.2; RFC 9562 section 5.8, version 8. */
function canaryUid(name: string): string {
  const bytes = createHash('sha256').update(`qure-dropoff canary ${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
}
