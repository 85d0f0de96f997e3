/** Whom a DICOM file is about, as its header says. Never stored, logged or sent. */
export interface PatientIdentity {
  /** (0010,0020), without padding. Never empty. */
  patientId: string;
  /** (0010,0021), without padding; absent where it is empty. */
  issuer?: string;
}
