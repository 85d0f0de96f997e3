import { BadArchiveError, expectBytes, type ReadBytes } from './archive-bytes.ts';
import { type Announced, archiveByLongName, BLOCK_BYTES, readPax, readTarHeader } from './tar-header.ts';

export interface TarEntry {
  /** Its place in the archive, from 1; only files count. */
  number: number;
  /** Of its first byte. */
  offset: number;
  sizeBytes: number;
  /** Where the header of what follows it is. */
  next: number;
  isArchive: boolean;
  /** Its bytes are not those of the file, which has holes. */
  isSparse: boolean;
  /** A symbolic link, without bytes. */
  isLink: boolean;
}

/** Far longer than any extended header is. */
const MAX_PAX_BYTES = 1024 * 1024;

/** Behind the last entry: programs fill up to 10 KiB, some more. */
const MAX_END_BYTES = 1024 * 1024;

/**
 * A second archive that was appended would be lost. @param end where `nextTarEntry` has found none
 * @throws BadArchiveError
 */
export async function expectTarEnd(read: ReadBytes, archiveBytes: number, end: number): Promise<void> {
  const rest = archiveBytes - end;
  const bytes = rest > MAX_END_BYTES ? undefined : await read(end, rest);
  if (bytes?.every((byte) => byte === 0) !== true)
    throw new BadArchiveError(
      'expected zeros behind the end of the archive, got more: write it as one archive',
    );
}

/** Headers, folders and links between two files. */
const MAX_HEADERS_BETWEEN = 100_000;

/**
 * The next file at or behind `offset`, where a header must be. `end`: the archive ends there as it should. Source: POSIX.1-2017,
 * pax; GNU tar manual, "Basic Tar Format".
 *
 * @param number of that file
 * @throws BadArchiveError where the archive is cut off or damaged
 */
export async function nextTarEntry(
  read: ReadBytes,
  archiveBytes: number,
  offset: number,
  number: number,
): Promise<TarEntry | { end: number }> {
  let at = offset;
  let announced: Announced = {};
  for (let headers = 0; headers < MAX_HEADERS_BETWEEN; headers += 1) {
    const header = readTarHeader(await expectBytes(read, at, BLOCK_BYTES, 'a header'));
    if (header === 'end') return { end: at };
    if (header === undefined)
      throw new BadArchiveError('expected a header of a tar archive, got other bytes');
    const { kind } = header;
    const isFile = kind === 'file' || kind === 'sparse' || kind === 'link';
    const content = header.hasMoreHoles ? await behindHoles(read, at + BLOCK_BYTES) : at + BLOCK_BYTES;
    const sizeBytes = isFile ? (announced.sizeBytes ?? header.sizeBytes) : header.sizeBytes;
    const next = content + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    // Behind the last entry there is still a block of zeros.
    if (next > archiveBytes)
      throw new BadArchiveError('expected the whole archive, got one that is cut off: drop it again');
    if (isFile) {
      const isArchive = announced.isArchive ?? header.isArchive;
      const isSparse = kind === 'sparse' || announced.isSparse === true;
      return { number, offset: content, sizeBytes, next, isArchive, isSparse, isLink: kind === 'link' };
    }
    if (kind === 'pax' || kind === 'global_pax' || kind === 'long_name') {
      if (sizeBytes > MAX_PAX_BYTES)
        throw new BadArchiveError('expected an extended header of 1 MiB at most');
      // What holds for all entries names no size of one.
      if (kind !== 'global_pax') {
        const bytes = await expectBytes(read, content, sizeBytes, 'an extended header');
        const more = kind === 'pax' ? readPax(bytes) : { isArchive: archiveByLongName(bytes) };
        announced = { ...announced, ...more };
      }
    } else if (kind !== 'long_link') announced = {};
    at = next;
  }
  throw new BadArchiveError(`expected a file among ${MAX_HEADERS_BETWEEN} headers`);
}

/** Source: GNU tar manual, "Basic Tar Format": `struct sparse_header`. */
async function behindHoles(read: ReadBytes, offset: number): Promise<number> {
  for (let blocks = 1; blocks <= MAX_HEADERS_BETWEEN; blocks += 1) {
    const block = await expectBytes(
      read,
      offset + (blocks - 1) * BLOCK_BYTES,
      BLOCK_BYTES,
      'a list of holes',
    );
    if (block.readUInt8(504) === 0) return offset + blocks * BLOCK_BYTES;
  }
  throw new BadArchiveError(`expected the holes of a file in ${MAX_HEADERS_BETWEEN} blocks at most`);
}
