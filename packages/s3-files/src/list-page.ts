import { afterKey, afterPrefix, later } from './key-range.ts';
import type { ObjectSummary } from './object-table.ts';

export interface ListQuery {
  prefix: string;
  /** Empty: none. */
  delimiter: string;
  /** Only entries after this key or common prefix. Empty: from the start. */
  after: string;
  maxKeys: number;
}

export interface ListPage {
  objects: ObjectSummary[];
  commonPrefixes: string[];
  isTruncated: boolean;
  /** The last key or common prefix of the page: `after` of the next one. */
  last?: string;
}

/** Reads objects with `from` <= key < `before` in byte order, at most `limit`. */
export type ReadObjects = (from: Buffer, before: Buffer, limit: number) => ObjectSummary[];

const READ_AHEAD = 1000;

/**
 * One page of a listing. A common prefix counts as one entry. A read that ends within it continues behind it with a
 * seek, so the cost of a page does not depend on the number of keys below.
 */
export function listPage(read: ReadObjects, query: ListQuery): ListPage {
  const { prefix, delimiter, after, maxKeys } = query;
  const page: ListPage = { objects: [], commonPrefixes: [], isTruncated: false };
  if (maxKeys === 0) return page;
  const before = afterPrefix(Buffer.from(prefix));
  let from: Buffer = Buffer.from(prefix);
  if (after !== '') {
    const isCommonPrefix = commonPrefixOf(after, prefix, delimiter) === after;
    const afterBytes = Buffer.from(after);
    from = later(from, isCommonPrefix ? afterPrefix(afterBytes) : afterKey(afterBytes));
  }

  let count = 0;
  let rolledUp: string | undefined;
  for (;;) {
    const limit = Math.min(READ_AHEAD, maxKeys - count) + 1;
    const objects = read(from, before, limit);
    for (const object of objects) {
      if (rolledUp !== undefined && object.key.startsWith(rolledUp)) continue;
      if (count === maxKeys) {
        page.isTruncated = true;
        return page;
      }
      count++;
      rolledUp = commonPrefixOf(object.key, prefix, delimiter);
      page.last = rolledUp ?? object.key;
      if (rolledUp === undefined) {
        page.objects.push(object);
        from = afterKey(Buffer.from(object.key));
      } else {
        page.commonPrefixes.push(rolledUp);
        from = afterPrefix(Buffer.from(rolledUp));
      }
    }
    if (objects.length < limit) return page;
  }
}

/** `prefix`, and what follows it up to and with the first delimiter; undefined if there is none. */
function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
