/** The encoding of a DICOM file. */
export interface FileMeta {
  transferSyntaxUid: string;
  /** Where the data set begins. */
  dataSetOffset: number;
}

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const DEFLATED_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';

const PREAMBLE_BYTES = 128;
const LONG_LENGTH_VRS = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
]);

/**
 * Reads the file meta group (DICOM PS3.10 section 7.1), always explicit little endian. A file without preamble and meta
 * group counts as a bare data set if it begins with group 0008.
 *
 * @returns `null` if this is not DICOM, `'more'` if the bytes end within the meta group.
 */
export function readFileMeta(bytes: Buffer, isWhole: boolean): FileMeta | 'more' | null {
  if (bytes.length < PREAMBLE_BYTES + 4 && !isWhole) return 'more';
  if (bytes.toString('latin1', PREAMBLE_BYTES, PREAMBLE_BYTES + 4) === 'DICM') {
    return readMetaGroup(bytes, PREAMBLE_BYTES + 4, isWhole);
  }
  if (bytes.toString('latin1', 0, 4) === 'DICM') return readMetaGroup(bytes, 4, isWhole);
  if (bytes.length < 8) return null;
  const group = bytes.readUInt16LE(0);
  if (group === 0x0002) return readMetaGroup(bytes, 0, isWhole);
  const isExplicit = /^[A-Z]{2}$/.test(bytes.toString('latin1', 4, 6));
  // Group 0008 with its bytes swapped.
  if (group === 0x0800 && isExplicit) return { transferSyntaxUid: EXPLICIT_BIG_ENDIAN, dataSetOffset: 0 };
  if (group !== 0x0008) return null;
  return {
    transferSyntaxUid: isExplicit ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN,
    dataSetOffset: 0,
  };
}

function readMetaGroup(bytes: Buffer, start: number, isWhole: boolean): FileMeta | 'more' | null {
  const cut = isWhole ? null : 'more';
  let transferSyntaxUid: string | undefined;
  let at = start;
  while (at + 12 <= bytes.length && bytes.readUInt16LE(at) === 0x0002) {
    const hasLongLength = LONG_LENGTH_VRS.has(bytes.toString('latin1', at + 4, at + 6));
    const valueAt = at + (hasLongLength ? 12 : 8);
    const length = hasLongLength ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    if (valueAt + length > bytes.length) return cut;
    if (bytes.readUInt16LE(at + 2) === 0x0010) {
      transferSyntaxUid = bytes.toString('latin1', valueAt, valueAt + length).replace(/[\0 ]+$/, '');
    }
    at = valueAt + length;
  }
  if (at + 12 > bytes.length) return cut;
  return transferSyntaxUid === undefined ? null : { transferSyntaxUid, dataSetOffset: at };
}
