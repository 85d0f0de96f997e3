import type { ElementBudget } from './element-budget.ts';
import { bytesForHead, type ElementHead, MAX_HEAD_BYTES, readElementHead } from './element-head.ts';
import { type Encoding, IMPLICIT_LITTLE_ENDIAN } from './encoding.ts';
import { groupOf } from './wanted-tags.ts';

const DELIMITER_GROUP = 0xfffe;
const ITEM = 0xfffee000;
const ITEM_DELIMITATION = 0xfffee00d;
const SEQUENCE_DELIMITATION = 0xfffee0dd;

/** An open sequence, or an open item of one, whose length is undefined. */
interface OpenValue {
  isItem: boolean;
  encoding: Encoding;
}

/**
 * `ended` with the first position after the value; `cut` with the bytes that are needed to continue; `too_many`
 * elements; or not DICOM.
 */
export type Skip =
  | { kind: 'ended'; position: number }
  | { kind: 'cut'; neededBytes: number }
  | { kind: 'too_many' }
  | { kind: 'malformed'; position: number };

/**
 * Finds the end of a value of undefined length (DICOM PS3.5 section 7.5): nested sequences, or the fragments of
 * encapsulated pixel data. Uses its own stack, so no depth of nesting overflows the call stack; values with a length
 * are skipped, so every byte is read at most once.
 *
 * @param sizeBytes of the whole content; `undefined` while it is not known
 */
export function skipUndefinedLength(
  bytes: Uint8Array,
  head: ElementHead,
  encoding: Encoding,
  budget: ElementBudget,
  sizeBytes: number | undefined,
): Skip {
  const open: OpenValue[] = [{ isItem: false, encoding: encodingWithin(head, encoding) }];
  let position = head.dataOffset;
  for (let value = open.at(-1); value !== undefined; value = open.at(-1)) {
    if (budget.left === 0) return { kind: 'too_many' };
    budget.left -= 1;
    const inner = readElementHead(bytes, position, value.encoding);
    if (inner === undefined)
      return { kind: 'cut', neededBytes: bytesForHead(bytes, position + MAX_HEAD_BYTES, sizeBytes) };
    if (inner.tag === (value.isItem ? ITEM_DELIMITATION : SEQUENCE_DELIMITATION)) {
      open.pop();
      position = inner.dataOffset;
    } else if (value.isItem ? groupOf(inner.tag) === DELIMITER_GROUP : inner.tag !== ITEM) {
      return { kind: 'malformed', position };
    } else if (inner.length === undefined) {
      position = inner.dataOffset;
      open.push({ isItem: !value.isItem, encoding: encodingWithin(inner, value.encoding) });
    } else {
      position = inner.dataOffset + inner.length;
      if (position > bytes.length) return { kind: 'cut', neededBytes: position };
    }
  }
  return { kind: 'ended', position };
}

/** The value of UN is written in implicit VR and little endian, whatever surrounds it (PS3.5 section 6.2.2, note 2). */
function encodingWithin(head: ElementHead, encoding: Encoding): Encoding {
  return head.isUnknown ? IMPLICIT_LITTLE_ENDIAN : encoding;
}
