/** What becomes of a chosen file. */
export type Kind = 'scan' | 'zip' | 'left_out' | 'too_large';

/** So many first bytes tell the kind. */
export const HEAD_BYTES = 132;
/** S3 takes no more in one PUT. */
const MOST_BYTES = 5 * 1024 ** 3;

/**
 * By its content as the pipeline reads it: `DICM` at byte 128, a data set without it, or either of them in gzip. Viewers, texts and the
 * index of a CD are left out. What is in a zip is the pipeline's to see.
 */
export function kindOf(name: string, size: number, head: Uint8Array): Kind {
  const isZip = /\.zip$/i.test(name) && size > 0;
  if (!isZip && (/^dicomdir$/i.test(name) || !looksLikeDicom(head))) return 'left_out';
  if (size > MOST_BYTES) return 'too_large';
  return isZip ? 'zip' : 'scan';
}

function looksLikeDicom(head: Uint8Array): boolean {
  if (String.fromCharCode(...head.subarray(128, HEAD_BYTES)) === 'DICM') return true;
  const [first, second, third] = head;
  if (first === 0x1f && second === 0x8b) return third === 8;
  // Group 0002 or 0008, in either order of bytes.
  const group = second === 0 ? first : first === 0 ? second : undefined;
  return group === 2 || group === 8;
}
