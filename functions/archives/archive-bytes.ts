/** Reads bytes of an archive: as many as asked for, or those up to its end. Rejects on failure. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/** What is wrong with an archive as a whole. For people; never holds a name of an entry, which may be that of a patient. */
export class BadArchiveError extends Error {
  override name = 'BadArchiveError';
}

/** Bytes that must be there. @throws BadArchiveError */
export async function expectBytes(
  read: ReadBytes,
  offset: number,
  length: number,
  what: string,
): Promise<Buffer> {
  const bytes = await read(offset, length);
  if (bytes.byteLength < length)
    throw new BadArchiveError(`expected ${what} of ${length} bytes, got the end of the archive`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, length);
}

/** Of a file that may hold others. Read for that alone, and not kept. */
export function isArchiveName(name: string): boolean {
  return /\.(zip|tar|tgz|tar\.gz|7z|rar)$/i.test(name);
}

/** Some programs write the other slash. */
export function isFolderName(name: string): boolean {
  return /[/\\]$/.test(name);
}

/** A 64-bit number. @throws BadArchiveError where JavaScript cannot count so far, which is more than any object has */
export function exactly(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new BadArchiveError('expected a size that an object can have, got a larger one');
  return Number(value);
}
