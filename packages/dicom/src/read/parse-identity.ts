import { MAX_HEADER_BYTES } from './header-outcome.ts';
import { uidText } from './numbers.ts';
import { type Judge, more, parseWith } from './parse-header.ts';
import { patientOf } from './patient.ts';
import type { PatientIdentity } from './patient-identity.ts';
import { TAG } from './wanted-tags.ts';

/** The patient and study of a file, if its header names them. */
export interface FileIdentity {
  kind: 'dicom';
  studyInstanceUid?: string;
  patient?: PatientIdentity;
}

/** `not_dicom`: not a DICOM file, or not readable at all. `more`: the header continues beyond the given bytes. */
export type IdentityOutcome = FileIdentity | { kind: 'not_dicom' } | { kind: 'more'; wantBytes: number };

/**
 * Reads patient and study from the first bytes of a file; unlike `parseHeader` it requires no other attribute. Pure,
 * with the limits of `parseHeader`.
 *
 * @param isAll whether no more bytes are available
 */
export function parseIdentity(prefix: Uint8Array, isAll: boolean): IdentityOutcome {
  const outcome = parseWith(prefix, isAll ? prefix.length : Number.POSITIVE_INFINITY, identify);
  return outcome.kind === 'rejected' || outcome.kind === 'dicomdir' ? { kind: 'not_dicom' } : outcome;
}

/** The patient (group 0010) is before the study (0020,000D): with the study, everything has been read. */
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
