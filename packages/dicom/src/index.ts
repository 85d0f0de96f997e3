export type { DicomHeader } from './read/dicom-header.ts';
export { MAX_ELEMENTS } from './read/element-budget.ts';
export {
  FIRST_READ_BYTES,
  type FinalOutcome,
  type HeaderOutcome,
  MAX_HEADER_BYTES,
  type RejectionReason,
  rejected,
} from './read/header-outcome.ts';
export { inflatePrefix } from './read/inflate-prefix.ts';
export { parseHeader } from './read/parse-header.ts';
export { type FileIdentity, parseIdentity } from './read/parse-identity.ts';
export type { PatientIdentity } from './read/patient-identity.ts';
export { plainText } from './read/text-values.ts';
export { WANTED_TAGS } from './read/wanted-tags.ts';
export { isValidUid, MAX_UID_LENGTH, UID_PATTERN } from './uid.ts';
