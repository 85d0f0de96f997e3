/**
 * Text for a terminal. Text from a scan or a server is cleaned first: no control characters (they could move the cursor
 * or hide a line) and no invisible or direction-changing ones.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uFF01-\uFF60]/u;
const COMBINING = /\p{M}/u;

export function cleanText(text: string): string {
  return text.replace(HIDDEN, ' ').trim();
}

/** The width of cleaned text on a terminal, in columns. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Cuts at the end, with `…`, to at most `columns` columns. */
export function cutEnd(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** Cuts in the middle: the beginning of a UID names the manufacturer, and its end distinguishes series. ASCII only. */
export function cutMiddle(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const kept = Math.max(columns - 1, 0);
  const head = Math.floor(kept / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}

/** Pads with spaces to exactly `columns` columns, or cuts longer text. */
export function padOrCut(text: string, columns: number): string {
  const cut = cutEnd(text, columns);
  return cut + ' '.repeat(columns - columnsOf(cut));
}

/** Columns of a terminal. One whose size is not known says 0, as in some containers. A log or a file has no width. */
export function widthOf({ isTTY = false, columns = 0 }: { isTTY?: boolean; columns?: number }): number {
  if (!isTTY) return Number.POSITIVE_INFINITY;
  return columns > 0 ? columns : 80;
}
