/** The part of an archive that holds a file. */
export interface ArchiveEntry {
  /** Of its first byte in the archive. */
  offset: number;
  /** As it is in the archive. */
  storedBytes: number;
  method: 'stored' | 'deflated';
  /** Of the unpacked file, in eight hexadecimal digits. */
  crc32: string;
}

/**
 * Names the content of a file: equal tags are equal bytes. Of an object, its ETag. An entry has no ETag: an archive that is written
 * again with the same files has another one. So its tag is the CRC-32 and the size of the file, the same in every archive. No
 * ETag of S3 has a colon.
 */
export function contentTagOf(object: { etag: string; sizeBytes: number; entry?: ArchiveEntry }): string {
  return object.entry === undefined ? object.etag : `crc32:${object.entry.crc32}:${object.sizeBytes}`;
}

/** An entry is not what its archive says of it. Another try reads the same bytes. */
export class DamagedEntryError extends Error {
  override name = 'DamagedEntryError';
}
