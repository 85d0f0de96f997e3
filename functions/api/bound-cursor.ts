import { createHash } from 'node:crypto';
import { InvalidCursorError } from '../series/series-store.ts';

/** A cursor leads on in the list that gave it. With other filters it would leave out what the caller never saw. */
export interface CursorBinding {
  /** What the cursor of the caller says of the place; `undefined` where there is none. Throws `InvalidCursorError`. */
  place: string | undefined;
  /** For the caller. */
  bind(place: string): string;
}

const MARK_LENGTH = 8;

/** @param list what the list is of: its kind, and the values of its filters */
export function bindCursor(cursor: string | undefined, ...list: unknown[]): CursorBinding {
  const mark = createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, MARK_LENGTH);
  if (cursor !== undefined && !cursor.startsWith(`${mark}.`)) {
    throw new InvalidCursorError(
      'cursor: expected one that an earlier page of the same list gave, with the same filters; start again without one',
    );
  }
  return { place: cursor?.slice(MARK_LENGTH + 1), bind: (place) => `${mark}.${place}` };
}
