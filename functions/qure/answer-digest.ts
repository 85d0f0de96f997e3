import { createHash } from 'node:crypto';
import type { JsonObject } from './answer-body.ts';

const LINK = /^https?:\/\//i;

/**
 * Equal exactly where two answers differ in nothing but their links, which are signed anew for every answer. The order of
 * the members of an object does not matter; how many links there are of each type does.
 */
export function answerDigest(status: number, body: JsonObject | string): string {
  return createHash('sha256')
    .update(`${status}\n${canonical(body)}`)
    .digest('hex')
    .slice(0, 32);
}

/** Of the answers to several instances, in any order. */
export function digestOfAll(digests: readonly string[]): string {
  return answerDigest(0, [...digests].sort().join('\n'));
}

function canonical(body: JsonObject | string): string {
  try {
    return JSON.stringify(body, (_name, value: unknown) => {
      if (typeof value === 'string') return LINK.test(value) ? 'link' : value;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  } catch {
    // Nested deeper than the stack: no result of Qure's, and no two of them are told apart.
    return 'too deep';
  }
}
