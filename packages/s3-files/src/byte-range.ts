/** `whole`: no range, or one that RFC 9110 section 14.2 lets a server ignore (malformed, several ranges). */
export type ByteRange =
  | { kind: 'whole' }
  | { kind: 'part'; startByte: number; endByte: number }
  | { kind: 'unsatisfiable' };

/**
 * Reads a Range header for an object of `sizeBytes`. `endByte` is the last byte, inclusive. A suffix longer than the
 * object means all of it; an empty object has no range.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (match === null) return { kind: 'whole' };
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const suffixBytes = Number(last);
    if (suffixBytes === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', startByte: Math.max(0, sizeBytes - suffixBytes), endByte: sizeBytes - 1 };
  }
  const startByte = Number(first);
  const endByte = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < startByte) return { kind: 'whole' };
  if (startByte >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', startByte, endByte };
}
