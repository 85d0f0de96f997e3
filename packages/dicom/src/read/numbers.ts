import { latin1 } from './latin1.ts';

/** Value representations of numbers, read strictly: a value that does not conform counts as absent. */

const INTEGER_STRING = /^[+-]?[0-9]{1,12}$/;
const DECIMAL_STRING = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/;
const AGE_STRING = /^([0-9]{1,3})([DWMY])$/;

/** The units of an Age String, as parts of a year. */
const UNITS_PER_YEAR: Readonly<Record<string, number>> = { D: 365.25, W: 365.25 / 7, M: 12, Y: 1 };

/** ASCII without the padding (PS3.5 section 6.2: spaces, and NUL of incorrect writers). */
function asciiOf(bytes: Uint8Array): string {
  let start = 0;
  let end = bytes.length;
  while (start < end && isPadding(bytes[start])) start += 1;
  while (end > start && isPadding(bytes[end - 1])) end -= 1;
  return latin1(bytes, start, end);
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

/** IS of one value. */
export function integerString(bytes: Uint8Array | undefined): number | undefined {
  const text = bytes && asciiOf(bytes);
  return text && INTEGER_STRING.test(text) ? Number(text) : undefined;
}

/** IS that counts something: 1 or more. */
export function countString(bytes: Uint8Array | undefined): number | undefined {
  const count = integerString(bytes);
  return count !== undefined && count >= 1 ? count : undefined;
}

/** DS of one value, 0 or more. */
export function positiveDecimalString(bytes: Uint8Array | undefined): number | undefined {
  const text = bytes && asciiOf(bytes);
  if (!text || !DECIMAL_STRING.test(text)) return undefined;
  const value = Number(text);
  // No attribute has a meaningful value beyond these limits, and DynamoDB refuses numbers below 1e-130 and above 1e125.
  return value === 0 || (value >= 1e-6 && value <= 1e9) ? value : undefined;
}

/** No scanner measures further than this, in millimetres; direction cosines are much smaller. */
const MAX_DECIMAL = 1e5;

/** DS of exactly `count` values of any sign, each rounded to `decimals` places. */
export function decimalStrings(
  bytes: Uint8Array | undefined,
  count: number,
  decimals: number,
): number[] | undefined {
  const texts = bytes && asciiOf(bytes).split('\\');
  if (texts?.length !== count) return undefined;
  const values: number[] = [];
  for (const text of texts.map((part) => part.trim())) {
    const value = Number(text);
    if (!DECIMAL_STRING.test(text) || Math.abs(value) > MAX_DECIMAL) return undefined;
    // Without the sign of a zero: rows are compared by their text.
    values.push(Math.round(value * 10 ** decimals) / 10 ** decimals + 0);
  }
  return values;
}

/** US of one value. */
export function unsignedShort(bytes: Uint8Array | undefined, isBigEndian: boolean): number | undefined {
  if (bytes?.length !== 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 2);
  return view.getUint16(0, !isBigEndian);
}

/** AS (PS3.5 section 6.2: `045Y`, `018M`, `003W`, `010D`) in years, to three decimals. */
export function ageStringInYears(bytes: Uint8Array | undefined): number | undefined {
  const [, digits, unit] = (bytes && AGE_STRING.exec(asciiOf(bytes))) ?? [];
  const unitsPerYear = UNITS_PER_YEAR[unit ?? ''];
  if (digits === undefined || unitsPerYear === undefined) return undefined;
  return Math.round((Number(digits) / unitsPerYear) * 1000) / 1000;
}

/** UI without its padding; may contain anything. Check with `isValidUid` before use. */
export function uidText(bytes: Uint8Array | undefined): string | undefined {
  const text = bytes && asciiOf(bytes);
  return text === '' ? undefined : text;
}
