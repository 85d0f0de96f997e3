import type { DicomHeader } from './dicom-header.ts';
import type { PatientIdentity } from './patient-identity.ts';

/** The first read of an object. Longer than nearly every CT and X-ray header, one S3 packet burst long. */
export const FIRST_READ_BYTES = 16 * 1024;

/** The limit of a header in a file, or in its inflated content; a longer one is `too_large_header`. */
export const MAX_HEADER_BYTES = 4 * 1024 * 1024;

/** The reason why an object cannot be indexed; stable codes of the quarantine. */
export type RejectionReason =
  | 'not_dicom'
  | 'truncated'
  | 'missing_uid'
  | 'invalid_uid'
  | 'too_large_header'
  | 'empty_object';

/** `detail` is for people. It never contains a value of the object. */
export interface Rejection {
  kind: 'rejected';
  reason: RejectionReason;
  detail: string;
}

/** What is known about an object once enough of it has been read. */
export type FinalOutcome =
  | { kind: 'header'; header: DicomHeader; patient?: PatientIdentity; isGzip: boolean }
  /** A DICOMDIR, recognized by its content: the index of a medium, without a scan. */
  | { kind: 'dicomdir' }
  | Rejection;

/** `more`: the header continues beyond the given bytes; at least the object's first `wantBytes` are needed. */
export type HeaderOutcome = FinalOutcome | { kind: 'more'; wantBytes: number };

export function rejected(reason: RejectionReason, detail: string): Rejection {
  return { kind: 'rejected', reason, detail };
}
