import { describe, expect, it } from 'vitest';
import {
  ageStringInYears,
  countString,
  decimalStrings,
  integerString,
  positiveDecimalString,
  unsignedShort,
} from '../src/read/numbers.ts';

type Read = (bytes: Uint8Array | undefined) => number | undefined;

describe('numbers as text', () => {
  const rows: [string, Read, string, number | undefined][] = [
    ['IS', integerString, '17', 17],
    ['IS, padded', integerString, ' 17 \0', 17],
    ['IS, negative', integerString, '-3', -3],
    ['IS, empty', integerString, '', undefined],
    ['IS, a fraction', integerString, '1.5', undefined],
    ['IS, two values', integerString, '1\\2', undefined],
    ['IS, hexadecimal', integerString, '0x10', undefined],
    ['count', countString, '240', 240],
    ['count of none', countString, '0', undefined],
    ['DS', positiveDecimalString, '0.625', 0.625],
    ['DS, exponent', positiveDecimalString, '5.0E-1', 0.5],
    ['DS, no leading digit', positiveDecimalString, '.5', 0.5],
    ['DS, comma', positiveDecimalString, '0,625', undefined],
    ['DS, unit', positiveDecimalString, '5 mm', undefined],
    ['DS, NaN', positiveDecimalString, 'NaN', undefined],
    ['DS, overflow', positiveDecimalString, '1e999', undefined],
    ['DS, negative', positiveDecimalString, '-1', undefined],
    ['AS, years', ageStringInYears, '045Y', 45],
    ['AS, months', ageStringInYears, '018M', 1.5],
    ['AS, weeks', ageStringInYears, '003W', 0.057],
    ['AS, days', ageStringInYears, '010D', 0.027],
    ['AS, no unit', ageStringInYears, '045', undefined],
    ['AS, unknown unit', ageStringInYears, '045X', undefined],
    ['AS, text', ageStringInYears, 'old', undefined],
  ];
  it.each(rows)('%s', (_name, read, text, value) => {
    expect(read(Buffer.from(text))).toBe(value);
  });

  it('absent stays absent', () => {
    for (const read of [integerString, countString, positiveDecimalString, ageStringInYears]) {
      expect(read(undefined)).toBeUndefined();
    }
  });
});

describe('DS of several values', () => {
  const read = (text: string, count = 3) => decimalStrings(Buffer.from(text), count, 3);
  it.each([
    ['a position', '-125.000000\\-128.1\\103.0199', [-125, -128.1, 103.02]],
    ['exponents and blanks', ' 0.0e+00\\-1.75e+02 \\1.75E+02', [0, -175, 175]],
    ['a negative zero', '-0.00001\\-0\\0', [0, 0, 0]],
    ['too few', '1\\2', undefined],
    ['too many', '1\\2\\3\\4', undefined],
    ['one is empty', '1\\\\3', undefined],
    ['one is no number', '1\\x\\3', undefined],
    ['one is out of any scanner', '1\\1e9\\3', undefined],
    ['one is infinite', '1\\1e999\\3', undefined],
    ['empty', '', undefined],
  ])('%s', (_name, text, values) => {
    expect(read(text)).toEqual(values);
  });

  it('absent stays absent', () => {
    expect(decimalStrings(undefined, 3, 3)).toBeUndefined();
  });
});

describe('US', () => {
  it.each([
    ['little endian', [0x02, 0x01], false, 0x0102],
    ['big endian', [0x02, 0x01], true, 0x0201],
    ['empty', [], false, undefined],
    ['one byte', [1], false, undefined],
    ['two values', [1, 0, 2, 0], false, undefined],
  ])('%s', (_name, bytes, isBigEndian, value) => {
    expect(unsignedShort(Uint8Array.from(bytes), isBigEndian)).toBe(value);
  });
});
