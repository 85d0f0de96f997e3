import type { PatientIdentity } from '@qure-dropoff/dicom';
import { plainText } from '@qure-dropoff/dicom';
import type { Instant } from '../shared/time.ts';
import type { HashPatient } from './patient-hash.ts';
import type { SeriesId } from './series-id.ts';

/** A patient as people read it. With `phi: show` alone it is kept, encrypted, and shown to who asks for it by name. */
export interface PatientText {
  patientName?: string;
  patientId: string;
}

/** The row of a series about its patient. */
export interface KeptPatient {
  /** The text, encrypted for this series alone. */
  sealed: Uint8Array;
  /** The key under which it is. */
  keyId: string;
  /** Of whom it is, as in the rows of the instances. */
  patientHash: string;
  /** Of the text, under the same key: tells another spelling without decrypting. */
  textHash: string;
  /** From then on it counts no more. Absent: it does not expire. */
  expiresAt?: Instant;
}

export interface PatientStore {
  load(id: SeriesId): Promise<KeptPatient | undefined>;
  put(id: SeriesId, kept: KeptPatient): Promise<void>;
}

export interface PatientSealer {
  /** Of the present key. What is under another one cannot be read any more. */
  keyId: string;
  seal(id: SeriesId, text: PatientText): Promise<Uint8Array>;
}

/** @throws UnreadablePatientError when it will never be readable with the key as it is now */
export type OpenPatient = (id: SeriesId, sealed: Uint8Array) => Promise<PatientText>;

/** Its key is disabled, deleted, or another one than at the time of the encryption. */
export class UnreadablePatientError extends Error {
  override name = 'UnreadablePatientError';
}

/** `undefined` where nothing of the PatientID is readable: an empty text would be taken for that of a patient. */
export function patientTextOf({ patientId: given, name }: PatientIdentity): PatientText | undefined {
  const patientId = plainText(given);
  if (patientId === undefined) return undefined;
  return { ...(name === undefined ? {} : { patientName: name }), patientId };
}

export function textHashOf({ patientName, patientId }: PatientText, hashPatient: HashPatient): string {
  return hashPatient({ patientId: JSON.stringify(['text', patientName ?? '', patientId]) });
}
