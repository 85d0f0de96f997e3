/** The patient in the header of a DICOM file. Never logged or sent; stored only encrypted, where the deployment shows patients. */
export interface PatientIdentity {
  /** (0010,0020), without padding. Never empty. */
  patientId: string;
  /** (0010,0021), without padding; absent if it is empty. */
  issuer?: string;
  /** (0010,0010) as plain text, with its `^` and `=`; absent if it is empty. No part of who the patient is: it has many spellings. */
  name?: string;
}
