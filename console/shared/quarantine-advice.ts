import type { QuarantineReason } from '../../functions/instances/quarantine.ts';

const ADVICE: Record<QuarantineReason, string> = {
  not_dicom: 'Not a DICOM file. Leave it out at the sender; delete the object if it should not be there.',
  truncated: 'The file ends too early. Drop it again under the same key.',
  missing_uid: 'A UID of study, series or instance is missing. Export it again from the archive.',
  invalid_uid:
    'A UID has characters or a length that DICOM forbids. Correct it at the sender, and drop it again.',
  too_large_header: 'The header is beyond 4 MiB. Have the sender leave out large private elements.',
  empty_object: 'The object has no bytes. Drop the file again under the same key.',
  object_missing: 'The object was deleted before it was read. Drop it again if it is needed.',
  instances_expired:
    'A late slice of a series whose other instances have expired. Drop the whole series again.',
  no_source: 'No source has a prefix of this key. Drop it below the prefix of a source, or add the source.',
  invalid_marker:
    'The _COMPLETE marker cannot be read. Correct its counts, or drop it empty, and drop it again.',
  bad_archive: 'The archive is damaged, encrypted or of another format. Drop a whole .zip or .tar again.',
  bad_entries: 'Some files of the archive were left out. The detail says how many and why. Drop these again.',
};

/** What to do about a reason, in a line: for the page, and for the command `quarantine`. */
export const QUARANTINE_ADVICE: Readonly<Record<string, string | undefined>> = ADVICE;

export const KNOWN_REASONS = Object.keys(ADVICE);
