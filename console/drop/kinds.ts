import { textAt } from '../shared/text-at.ts';

/** What becomes of a chosen file. */
export type Kind = 'scan' | 'zip' | 'left_out' | 'not_taken' | 'too_large';

/** So many first bytes tell the kind. */
export const HEAD_BYTES = 132;
/** S3 takes no more in one PUT. */
const MOST_BYTES = 5 * 1024 ** 3;

const ARCHIVE_NAMES = /\.(?:tar|tgz|tar\.\w+|tbz2?|txz|7z|rar|bz2|xz|zst|iso)$/i;
const ARCHIVE_STARTS = ['PK\u0003\u0004', 'PK\u0007\b', '7z\u00BC\u00AF', 'Rar!'];
/** Zips by their content that hold no scans: programs of viewers, and documents. */
const PROGRAMS_AND_DOCUMENTS = /\.(?:jar|docx|xlsx|pptx)$/i;

/**
 * By its content as the pipeline reads it: `DICM` at byte 128, a data set without it, or either of them in gzip. Viewers, texts and the
 * index of a CD are left out. What is in a zip is the pipeline's to see. Other archives and empty files are not taken.
 */
export function kindOf(name: string, size: number, head: Uint8Array): Kind {
  const isZip = /\.zip$/i.test(name) && size > 0;
  if (!isZip) {
    if (/^dicomdir$/i.test(name)) return 'left_out';
    if (size === 0 || mayBeArchive(name, head)) return 'not_taken';
    if (!looksLikeDicom(head)) return 'left_out';
  }
  if (size > MOST_BYTES) return 'too_large';
  return isZip ? 'zip' : 'scan';
}

/** Whether it may be, or hold, a scan that cannot be sent: the drop is not complete then. */
export function mayBeMissed(kind: Kind): boolean {
  return kind === 'not_taken' || kind === 'too_large';
}

function mayBeArchive(name: string, head: Uint8Array): boolean {
  if (hasPreamble(head) || PROGRAMS_AND_DOCUMENTS.test(name)) return false;
  const start = textAt(head, 0, 4);
  return ARCHIVE_NAMES.test(name) || ARCHIVE_STARTS.includes(start);
}

function hasPreamble(head: Uint8Array): boolean {
  return textAt(head, 128, 4) === 'DICM';
}

function looksLikeDicom(head: Uint8Array): boolean {
  if (hasPreamble(head)) return true;
  const [first, second, third] = head;
  if (first === 0x1f && second === 0x8b) return third === 8;
  // Group 0002 or 0008, in either order of bytes.
  const group = second === 0 ? first : first === 0 ? second : undefined;
  return group === 2 || group === 8;
}
