/** The patient in the header of a DICOM file. Never stored, logged or sent. */
export interface PatientIdentity {
  /** (0010,0020), without padding. Never empty. */
  patientId: string;
  /** (0010,0021), without padding; absent if it is empty. */
  issuer?: string;
}
