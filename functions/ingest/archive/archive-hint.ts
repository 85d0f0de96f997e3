const MARKS: readonly [bytes: string, at: number, hint: string][] = [
  ['PK\x03\x04', 0, 'a zip archive: drop it under a name that ends in .zip'],
  ['ustar', 257, 'a tar archive: drop it under a name that ends in .tar'],
  ['7z\xbc\xaf\x27\x1c', 0, 'a 7z archive: drop it as .zip or .tar'],
  ['Rar!\x1a\x07', 0, 'a rar archive: drop it as .zip or .tar'],
  ['\x1f\x8b', 0, 'a gzip file without a DICOM file; a .tar.gz: drop it as .tar or .zip'],
];

/** What to do with an archive that is not read, by the first bytes of an object that is not DICOM. For people. */
export function archiveHint(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 512)).toString('latin1');
  return MARKS.find(([bytes, at]) => text.startsWith(bytes, at))?.[2];
}
