import { createHash } from 'node:crypto';

const SAFE_SEGMENT = /^[A-Za-z0-9_-]{1,64}$/;
/** The mark of a changed name. A name that already looks so is changed too, so that no two types share a segment. */
const HASH_SUFFIX = /-[0-9a-f]{16}$/;
const MAX_SEGMENT_LENGTH = 64;
const HASH_LENGTH = 16;

/**
 * The segment of an object key under which assets of this type are stored: 1 to 64 characters of letters,
 * digits, `_` and `-`. Qure's own type names stay as they are; any other keeps what is safe of it and gets a hash
 * of the whole, so that different types never meet in one segment.
 */
export function assetTypeSegment(type: string): string {
  if (SAFE_SEGMENT.test(type) && !HASH_SUFFIX.test(type)) {
    return type;
  }
  // JSON's escapes keep lone surrogates apart, which UTF-8 would turn into one and the same character.
  const hash = createHash('sha256').update(JSON.stringify(type)).digest('hex').slice(0, HASH_LENGTH);
  const readable = type.slice(0, MAX_SEGMENT_LENGTH - HASH_LENGTH - 1).replaceAll(/[^A-Za-z0-9_-]/g, '_');
  return `${readable}-${hash}`;
}
