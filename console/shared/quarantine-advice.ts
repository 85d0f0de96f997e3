import type { QuarantineReason } from '../../functions/instances/quarantine.ts';

interface Advice {
  means: string;
  /** docs/operations.md (Quarantine) begins with the same words. */
  todo: string;
}

const ADVICE: Readonly<Record<QuarantineReason, Advice>> = {
  not_dicom: {
    means: 'Not a DICOM file.',
    todo: 'Leave it out at the sender; delete the object if it should not be there.',
  },
  truncated: { means: 'The file ends too early.', todo: 'Drop it again under the same key.' },
  missing_uid: {
    means: 'A UID of study, series or instance is missing.',
    todo: 'Have the sender correct its export, and drop it again.',
  },
  invalid_uid: {
    means: 'A UID has characters or a length that DICOM forbids.',
    todo: 'Have the sender correct its export, and drop it again.',
  },
  too_large_header: {
    means: 'The header is beyond 4 MiB.',
    todo: 'Have the sender leave out large private elements.',
  },
  empty_object: { means: 'The object has no bytes.', todo: 'Drop the file again under the same key.' },
  object_missing: {
    means: 'The object was deleted before it was read.',
    todo: 'Drop it again if it is needed.',
  },
  instances_expired: {
    means: 'A late slice of a series whose other instances have expired.',
    todo: 'Drop the whole series again.',
  },
  no_source: {
    means: 'No source has a prefix of this key.',
    todo: 'Drop it below the prefix of a source, or add the source.',
  },
  invalid_marker: {
    means: 'The _COMPLETE marker cannot be read.',
    todo: 'Correct its counts, or drop it empty, and drop it again.',
  },
  bad_archive: {
    means: 'The archive is damaged, encrypted or of another format.',
    todo: 'Drop a whole .zip or .tar again, without a password.',
  },
  bad_entries: {
    means: 'Some files of the archive were left out. The detail says how many and why.',
    todo: 'Drop these again, as files or in another archive.',
  },
};

/** For the page, and for the command `quarantine`. Nothing for a reason of a later version. */
export function quarantineAdvice(reason: string): Advice | undefined {
  const known: Readonly<Record<string, Advice>> = ADVICE;
  return Object.hasOwn(known, reason) ? known[reason] : undefined;
}

export const KNOWN_REASONS = Object.keys(ADVICE);
