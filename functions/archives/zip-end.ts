import { BadArchiveError, exactly, expectBytes, type ReadBytes } from './archive-bytes.ts';

/** Where the central directory is. */
export interface ZipEnd {
  entries: number;
  directoryOffset: number;
  directoryBytes: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const DISK_64 = 0xffffffff;

/**
 * Finds the end record, which is behind everything else, so that an archive that is cut off has none.
 * Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16. @throws BadArchiveError
 */
export async function readZipEnd(read: ReadBytes, archiveBytes: number): Promise<ZipEnd> {
  const tailBytes = Math.min(archiveBytes, END_BYTES + MAX_COMMENT_BYTES + LOCATOR_BYTES);
  const tailOffset = archiveBytes - tailBytes;
  const tail = await expectBytes(read, tailOffset, tailBytes, 'an end');
  const at = positionOfEnd(tail);
  if (at === undefined)
    throw new BadArchiveError('expected the end record of a zip archive, got none: it is cut off or damaged');
  const locatorAt = at - LOCATOR_BYTES;
  const hasLocator = locatorAt >= 0 && tail.readUInt32LE(locatorAt) === LOCATOR;
  const endOffset = tailOffset + at;
  const { end, offset } = hasLocator
    ? await readEnd64(read, tail.subarray(locatorAt, at))
    : { end: readEnd32(tail.subarray(at)), offset: endOffset };
  // Else bytes between them belong to nothing, or the directory lies elsewhere than it says.
  if (end.directoryOffset + end.directoryBytes !== offset)
    throw new BadArchiveError('expected the directory directly before the end record');
  return end;
}

/** The last end record whose comment reaches to the end of the archive. */
function positionOfEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length)
      return at;
  }
  return undefined;
}

function readEnd32(record: Buffer): ZipEnd {
  const disks = [record.readUInt16LE(4), record.readUInt16LE(6)];
  return checkedEnd(disks, record.readUInt16LE(8), {
    entries: record.readUInt16LE(10),
    directoryBytes: record.readUInt32LE(12),
    directoryOffset: record.readUInt32LE(16),
  });
}

async function readEnd64(read: ReadBytes, locator: Buffer): Promise<{ end: ZipEnd; offset: number }> {
  const offset = exactly(locator.readBigUInt64LE(8));
  const record = await expectBytes(read, offset, END_64_BYTES, 'a zip64 end record');
  if (record.readUInt32LE(0) !== END_64) throw new BadArchiveError('expected a zip64 end record');
  const disks = [locator.readUInt32LE(4), record.readUInt32LE(16), record.readUInt32LE(20)];
  const end = checkedEnd(disks, exactly(record.readBigUInt64LE(24)), {
    entries: exactly(record.readBigUInt64LE(32)),
    directoryBytes: exactly(record.readBigUInt64LE(40)),
    directoryOffset: exactly(record.readBigUInt64LE(48)),
  });
  return { end, offset };
}

function checkedEnd(disks: readonly number[], entriesHere: number, end: ZipEnd): ZipEnd {
  if (disks.some((disk) => disk !== 0 && disk !== DISK_64) || entriesHere !== end.entries)
    throw new BadArchiveError('expected one zip archive, got a part of a split one');
  return end;
}
