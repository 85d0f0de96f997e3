import { createHash } from 'node:crypto';

/**
 * Makes keys from file names. S3 accepts at most 1,024 bytes of UTF-8 (AWS, "Naming Amazon S3 objects"): folders get
 * 768 of them, the last segment 255. Folder and name are shortened separately, so a marker stays beside the files that
 * it covers.
 */
const MAX_FOLDER_BYTES = 768;
const MAX_NAME_BYTES = 255;
const HASH_LENGTH = 16;

/** Control characters, halves of surrogate pairs and U+FFFE/U+FFFF: a bucket listing (XML 1.0) cannot contain them. */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

export function shortHash(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}

/**
 * The name of a file or folder as one segment of a key. Bytes that are not UTF-8 are read as Latin-1; a changed name
 * gets a hash of its bytes, so two names never have one key.
 */
export function segmentOfBytes(name: Buffer): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(name);
  const isUtf8 = Buffer.from(text).equals(name);
  const plain = (isUtf8 ? text : name.toString('latin1')).replaceAll('/', '_').replace(UNSPEAKABLE, '_');
  return isUtf8 && plain === text && plain !== '.' && plain !== '..'
    ? plain
    : `${dotless(plain)}~${shortHash(name)}`;
}

/**
 * The segments of an archive entry's name. Both slashes separate segments, because Windows archivers write `\`.
 * Segments that would lead upwards or to the root are replaced: `..` becomes `__`, empty ones and `.` are left out.
 */
export function segmentsOfEntryName(name: string): string[] {
  return name
    .split(/[/\\]/)
    .filter((segment) => segment !== '' && segment !== '.')
    .map((segment) => dotless(segment.replace(UNSPEAKABLE, '_')));
}

/** Joins a prefix (which ends in `/`) and segments, shortened with a hash if they are too long for S3. */
export function keyOf(prefix: string, segments: readonly string[]): string {
  const folder =
    prefix +
    segments
      .slice(0, -1)
      .map((segment) => `${segment}/`)
      .join('');
  return shortenFolder(folder, prefix) + shorten(segments.at(-1) ?? '', MAX_NAME_BYTES);
}

function shortenFolder(folder: string, prefix: string): string {
  if (Buffer.byteLength(folder) <= MAX_FOLDER_BYTES) return folder;
  const rest = folder.slice(prefix.length, -1);
  return `${prefix}${shorten(rest, MAX_FOLDER_BYTES - Buffer.byteLength(prefix) - 1)}/`;
}

function shorten(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const ending = `~${shortHash(text)}`;
  let kept = Buffer.from(text)
    .subarray(0, maxBytes - ending.length)
    .toString('utf8');
  // A cut inside a character leaves one replacement character at the end.
  if (kept.endsWith('\uFFFD')) kept = kept.slice(0, -1);
  return kept + ending;
}

function dotless(segment: string): string {
  return segment === '.' || segment === '..' ? segment.replaceAll('.', '_') : segment;
}
