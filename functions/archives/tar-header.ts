import { BadArchiveError, exactly, isArchiveName, isFolderName } from './archive-bytes.ts';

export const BLOCK_BYTES = 512;

export interface TarHeader {
  /**
   * `file`: a regular one. `sparse`: one without its holes. `link`: a name in place of a file, which may be outside the archive.
   * `pax`, `long_name`: about the next one; `long_link` too, and of no use. `skipped`: a folder, a device, a second name of a file
   * that is in the archive: no file.
   */
  kind: 'file' | 'sparse' | 'link' | 'pax' | 'global_pax' | 'long_name' | 'long_link' | 'skipped';
  /** Of the content behind the header; padded to whole blocks. */
  sizeBytes: number;
  /** By its name: an archive within the archive. */
  isArchive: boolean;
  /** Of a sparse file: more blocks that tell its holes are between the header and the content. */
  hasMoreHoles: boolean;
}

/** Without content, whatever size their header states. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
const WITHOUT_CONTENT = new Set(['1', '2', '3', '4', '5', '6']);
/** '7' is a contiguous file, which is read as a regular one; a NUL is that of the format before ustar. */
const REGULAR = new Set(['0', '\0', '7']);

/** `end`: a block of zeros. `undefined`: no header of a tar archive. @throws BadArchiveError */
export function readTarHeader(block: Uint8Array): TarHeader | 'end' | undefined {
  if (block.byteLength < BLOCK_BYTES) return undefined;
  const header = Buffer.from(block.buffer, block.byteOffset, BLOCK_BYTES);
  if (header.every((byte) => byte === 0)) return 'end';
  if (!hasChecksum(header)) return undefined;
  const type = header.toString('latin1', 156, 157);
  if (type === 'M') throw new BadArchiveError('expected one tar archive, got a part of a split one');
  const sizeBytes = WITHOUT_CONTENT.has(type) ? 0 : numberOf(header.subarray(124, 136));
  const name = header.toString('latin1', 0, 100).split('\0', 1)[0] ?? '';
  const hasMoreHoles = type === 'S' && header.readUInt8(482) !== 0;
  // The format before ustar has no type for folders.
  const isFolder = REGULAR.has(type) && sizeBytes === 0 && isFolderName(name);
  return {
    kind: isFolder ? 'skipped' : kindOf(type),
    sizeBytes,
    isArchive: isArchiveName(name),
    hasMoreHoles,
  };
}

const KINDS: ReadonlyMap<string, TarHeader['kind']> = new Map([
  ['2', 'link'],
  ['S', 'sparse'],
  ['x', 'pax'],
  ['g', 'global_pax'],
  ['L', 'long_name'],
  ['K', 'long_link'],
]);

function kindOf(type: string): TarHeader['kind'] {
  return REGULAR.has(type) ? 'file' : (KINDS.get(type) ?? 'skipped');
}

/** The sum of all bytes, with blanks in place of the sum itself; old programs add up signed bytes. */
function hasChecksum(header: Buffer): boolean {
  const stated = octalOf(header.subarray(148, 156));
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    const isOwn = at >= 148 && at < 156;
    unsigned += isOwn ? 0x20 : header.readUInt8(at);
    signed += isOwn ? 0x20 : header.readInt8(at);
  }
  return stated === unsigned || stated === signed;
}

/** Octal digits, or base 256 where the first bit is set (GNU, star): 12 bytes, of which no object needs more than the last 8. */
function numberOf(field: Buffer): number {
  if ((field.readUInt8(0) & 0x80) === 0) {
    // The label of a volume has none.
    if (field.every((byte) => byte === 0 || byte === 0x20)) return 0;
    const value = octalOf(field);
    if (value === undefined) throw new BadArchiveError('expected a size in octal digits');
    return value;
  }
  const high = [field.readUInt8(0) & 0x7f, ...field.subarray(1, 4)];
  if (high.some((byte) => byte !== 0)) throw new BadArchiveError('expected a size that an object can have');
  return exactly(field.readBigUInt64BE(4));
}

function octalOf(field: Buffer): number | undefined {
  const digits = /^[ \0]*([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** What headers in front of a file say of it. */
export interface Announced {
  sizeBytes?: number;
  isSparse?: true;
  isArchive?: boolean;
}

/** By a name that is too long for the header of its file. GNU tar manual, "Basic Tar Format". */
export function archiveByLongName(content: Uint8Array): boolean {
  const name = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return isArchiveName(name.toString('latin1').split('\0', 1)[0] ?? '');
}

/**
 * What a pax header says of the entry behind it. A sparse file has another content than its bytes.
 * Source: POSIX.1-2017, pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files". @throws BadArchiveError
 */
export function readPax(content: Uint8Array): Announced {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const announced: Announced = {};
  let position = 0;
  while (position < bytes.length) {
    const blank = bytes.indexOf(0x20, position);
    const length =
      blank === -1 ? Number.NaN : Number(bytes.toString('latin1', position, Math.min(blank, position + 20)));
    const end = position + length;
    if (!Number.isSafeInteger(length) || end > bytes.length || end <= blank) throw badPax();
    const equals = bytes.indexOf(0x3d, blank);
    if (equals === -1 || equals >= end) throw badPax();
    const keyword = bytes.toString('latin1', blank + 1, equals);
    const value = bytes.toString('latin1', equals + 1, end - 1);
    if (keyword.startsWith('GNU.sparse.')) announced.isSparse = true;
    if (keyword === 'path') announced.isArchive = isArchiveName(value);
    if (keyword === 'size') {
      if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) throw badPax();
      announced.sizeBytes = Number(value);
    }
    position = end;
  }
  return announced;
}

function badPax(): BadArchiveError {
  return new BadArchiveError('expected a readable extended header');
}
