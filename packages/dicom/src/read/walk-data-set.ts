import { type ElementBudget, MAX_ELEMENTS } from './element-budget.ts';
import { bytesForHead, MAX_HEAD_BYTES, readElementHead } from './element-head.ts';
import type { Encoding } from './encoding.ts';
import { uidText } from './numbers.ts';
import { skipUndefinedLength } from './undefined-length.ts';
import { groupOf, LAST_WANTED_TAG, PIXEL_DATA_TAGS, REQUIRED_UID_TAGS, WANTED_TAGS } from './wanted-tags.ts';

/** No wanted value is longer; the rest of a malicious one is skipped unread. */
const MAX_VALUE_BYTES = 1024;
const PADDING_TAG = 0;

/** The content of a data set: a file, or its inflated part. */
export interface Content {
  bytes: Uint8Array;
  /** Length of the whole content, of which `bytes` are the start; `undefined` while it is not known. */
  sizeBytes: number | undefined;
}

export type WalkEnd =
  /** `endPosition` is the end of the pixels by their own length; `undefined` for encapsulated ones. */
  | { kind: 'pixel_data'; endPosition: number | undefined }
  /** The content ended, or only padding was left. */
  | { kind: 'end' }
  /** The requested group ended at `position`. */
  | { kind: 'next_group'; position: number }
  /** The bytes ended; this many of the content are needed to continue. */
  | { kind: 'cut'; neededBytes: number }
  /** There are more elements than the limit. */
  | { kind: 'too_many' }
  | { kind: 'malformed'; position: number };

export interface Walk {
  /** The wanted values, first occurrence, top level only. Views into the content. */
  values: Map<number, Uint8Array>;
  end: WalkEnd;
  /** An element beyond the last wanted one has been seen. */
  isPastWanted: boolean;
  /** The number of elements before the first one that is out of order. */
  elementsInOrder: number;
  /** A required UID that is repeated with another value. */
  conflictingUid?: number;
}

export interface WalkOptions {
  position: number;
  encoding: Encoding;
  /** Read only this group. */
  onlyGroup?: number;
}

/** Walks the top level of a data set up to the pixels, and reads only the wanted values. */
export function walkDataSet(content: Content, { position, encoding, onlyGroup }: WalkOptions): Walk {
  const { bytes, sizeBytes } = content;
  const values = new Map<number, Uint8Array>();
  let isPastWanted = false;
  let elementsInOrder = 0;
  let isInOrder = true;
  let previousTag = -1;
  let conflictingUid: number | undefined;
  const budget: ElementBudget = { left: MAX_ELEMENTS };
  const ended = (end: WalkEnd): Walk => ({
    values,
    end,
    isPastWanted,
    elementsInOrder,
    ...(conflictingUid === undefined ? {} : { conflictingUid }),
  });
  if (bytes.length === 0) return ended(sizeBytes === 0 ? { kind: 'end' } : { kind: 'cut', neededBytes: 8 });

  while (!isEndOfContent(content, position, isPastWanted)) {
    if (budget.left === 0) return ended({ kind: 'too_many' });
    budget.left -= 1;
    const head = readElementHead(bytes, position, encoding);
    if (head === undefined) {
      // 8 bytes or, for an explicit VR with a long length, 12.
      const end = position + (position + 8 > bytes.length ? 8 : MAX_HEAD_BYTES);
      return ended({ kind: 'cut', neededBytes: bytesForHead(bytes, end, sizeBytes) });
    }
    const { tag, dataOffset, length } = head;
    if (onlyGroup !== undefined && groupOf(tag) !== onlyGroup) return ended({ kind: 'next_group', position });
    if (tag === PADDING_TAG && length === 0) return ended({ kind: 'end' });
    isInOrder &&= tag > previousTag;
    previousTag = tag;
    isPastWanted ||= tag > LAST_WANTED_TAG;
    if (PIXEL_DATA_TAGS.has(tag)) {
      return ended({
        kind: 'pixel_data',
        endPosition: length === undefined ? undefined : dataOffset + length,
      });
    }
    if (length === undefined) {
      const skip = skipUndefinedLength(bytes, head, encoding, budget, sizeBytes);
      if (skip.kind !== 'ended') return ended(skip);
      position = skip.position;
    } else {
      const end = dataOffset + length;
      if (end > bytes.length) return ended({ kind: 'cut', neededBytes: end });
      if (WANTED_TAGS.has(tag)) {
        const value = bytes.subarray(dataOffset, Math.min(end, dataOffset + MAX_VALUE_BYTES));
        const earlier = values.get(tag);
        if (earlier === undefined) values.set(tag, value);
        else if (REQUIRED_UID_TAGS.has(tag) && uidText(earlier) !== uidText(value)) conflictingUid ??= tag;
      }
      position = end;
    }
    if (isInOrder) elementsInOrder += 1;
  }
  return ended({ kind: 'end' });
}

/**
 * Writers pad files to an even length or a block: a rest of zeros that is too short for an element is no truncation.
 * Neither is one space, unless it may be the first byte of group 0020.
 */
function isEndOfContent({ bytes, sizeBytes }: Content, position: number, isPastWanted: boolean): boolean {
  if (sizeBytes === undefined || bytes.length < sizeBytes || sizeBytes - position >= 8) return false;
  const rest = bytes.subarray(position);
  return rest.every((byte) => byte === 0) || (isPastWanted && rest.length === 1 && rest[0] === 0x20);
}
