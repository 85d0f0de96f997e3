import { MAX_HEADER_BYTES } from './header-outcome.ts';
import { uidText } from './numbers.ts';
import { type Judge, more, parseWith } from './parse-header.ts';
import { patientOf } from './patient.ts';
import type { PatientIdentity } from './patient-identity.ts';
import { TAG } from './wanted-tags.ts';

/** Whose a file is, as far as its header says. */
export interface FileIdentity {
  kind: 'dicom';
  studyInstanceUid?: string;
  patient?: PatientIdentity;
}

/** `not_dicom`: no DICOM file, or none of which anything can be read. `more`: the header goes on beyond the bytes given. */
export type IdentityOutcome = FileIdentity | { kind: 'not_dicom' } | { kind: 'more'; wantBytes: number };

/**
 * Reads off the first bytes of a file whose it is; unlike `parseHeader` it asks for nothing else to be there. Pure, and
 * bounded as `parseHeader` is.
 *
 * @param isAll whether no more bytes can be had
 */
export function parseIdentity(prefix: Uint8Array, isAll: boolean): IdentityOutcome {
  const outcome = parseWith(prefix, isAll ? prefix.length : Number.POSITIVE_INFINITY, identify);
  return outcome.kind === 'rejected' || outcome.kind === 'dicomdir' ? { kind: 'not_dicom' } : outcome;
}

/** The patient (group 0010) stands before the study (0020,000D): with the one, all is there. */
const identify: Judge<FileIdentity | { kind: 'more'; wantBytes: number }> = (source, { end }, values) => {
  const studyInstanceUid = uidText(values.get(TAG.studyInstanceUid));
  if (studyInstanceUid === undefined && end.kind === 'cut') {
    const isWithin = end.neededBytes <= Math.min(source.sizeBytes ?? MAX_HEADER_BYTES, MAX_HEADER_BYTES);
    const canGrow = source.inflatedTo === undefined || source.inflatedTo === 'partial';
    if (isWithin && canGrow) return more(source, end.neededBytes);
  }
  const patient = patientOf(values);
  return {
    kind: 'dicom',
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    ...(patient === undefined ? {} : { patient }),
  };
};
