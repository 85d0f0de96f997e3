import type { TextDecode } from './character-sets.ts';
import { MAX_TEXT_LENGTH } from './dicom-header.ts';

/** Line ends, escapes and similar characters are not allowed in a description, a log or a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]+/g;

/** One text value, without padding, of at most `maxLength` UTF-16 units; `undefined` when absent or empty. */
export function textValue(
  bytes: Uint8Array | undefined,
  decode: TextDecode,
  maxLength: number = MAX_TEXT_LENGTH,
): string | undefined {
  return bytes && plainText(decode(bytes), maxLength);
}

/** The values of a text element, empty ones left out; `undefined` when none is left. */
export function textValues(bytes: Uint8Array | undefined, decode: TextDecode): string[] | undefined {
  if (bytes === undefined) return undefined;
  const values = decode(bytes)
    .split('\\')
    .map((value) => plainText(value))
    .filter((value) => value !== undefined);
  return values.length > 0 ? values : undefined;
}

/** What is left of a text without control characters and padding, and cut; `undefined` when nothing is. */
export function plainText(text: string, maxLength: number = MAX_TEXT_LENGTH): string | undefined {
  const clean = text.replace(CONTROL_CHARACTERS, ' ').trim();
  // A cut in the middle of a surrogate pair would leave half a character; DynamoDB would refuse a whole batch of rows
  // for it.
  const short = clean
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
  return short === '' ? undefined : short;
}
