import { InvalidCursorError } from '../../series/series-store.ts';
import type { Position } from './merged-index.ts';

/** DynamoDB refuses a whole request for a key that is empty or too long, and a made-up cursor may hold either. */
function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value);
}

/** Partition keys hold 1 to 2,048 bytes (Amazon DynamoDB Developer Guide, "Constraints"); a cursor is shorter. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

export function encodeCursor({ changedAt, pk }: Position): string {
  return Buffer.from(JSON.stringify({ changedAt, pk })).toString('base64url');
}

/** Throws `InvalidCursorError` for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && 'changedAt' in value && 'pk' in value) {
      const { changedAt, pk } = value;
      if (isInstant(changedAt) && isKey(pk)) return { changedAt, pk };
    }
  } catch {
    // Falls through to the one error below.
  }
  throw new InvalidCursorError('cursor: expected one that an earlier page gave; start again without one');
}
