/** How the body of an answer is read, whatever it turns out to be. Nothing here throws. */

export type JsonObject = Record<string, unknown>;

export const MAX_MESSAGE_LENGTH = 500;

/** Judged by the text alone: Django serves plain `not implemented` as text/html by default. */
export function isMarkup(bodyText: string): boolean {
  return /^\s*</.test(bodyText);
}

/** The body as a JSON object; undefined when it is anything else, cut off or empty. */
export function jsonObjectOf(bodyText: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(bodyText));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** An own property; what a hostile body inherits from nowhere is not read. */
export function field(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A non-empty text of one line, cut to `MAX_MESSAGE_LENGTH`; undefined for everything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  // Cut first: the body may be megabytes of blanks. Twice the length leaves room for what collapses.
  const line = value
    .slice(0, 2 * MAX_MESSAGE_LENGTH)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line === '' ? undefined : line.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
}

/** What the body says to people: its `message`, its plain text, or that it was none of ours. Never its other fields. */
export function messageOf(bodyText: string): string {
  if (isMarkup(bodyText)) {
    return 'a page of markup, not an answer of the API';
  }
  const body = jsonObjectOf(bodyText);
  if (body !== undefined) {
    return textOf(field(body, 'message')) ?? '';
  }
  return looksLikeJson(bodyText) ? 'JSON that is cut off or no object' : (textOf(bodyText) ?? '');
}

/** Starts as JSON does, so that what does not parse was cut off rather than meant as plain text. */
export function looksLikeJson(bodyText: string): boolean {
  return /^\s*[[{"]/.test(bodyText);
}
