import { describe, expect, test } from 'vitest';
import { parseHeaderParameters } from '../../../local/qure-simulator/header-parameters.ts';

describe('a header with parameters', () => {
  test.each<[string, string, Record<string, string>]>([
    ['multipart/form-data; boundary=abc', 'multipart/form-data', { boundary: 'abc' }],
    ['Multipart/Form-Data;BOUNDARY="a b;c"', 'multipart/form-data', { boundary: 'a b;c' }],
    [
      'form-data; name="file_0"; filename="a \\"b\\".dcm"',
      'form-data',
      { name: 'file_0', filename: 'a "b".dcm' },
    ],
    ['form-data; name="x"; filename=""', 'form-data', { name: 'x', filename: '' }],
    ['form-data ; name = "x" ', 'form-data', { name: 'x' }],
    ['application/dicom', 'application/dicom', {}],
    ['', '', {}],
  ])('%s', (header, value, parameters) => {
    const parsed = parseHeaderParameters(header);
    expect(parsed?.value).toBe(value);
    expect(Object.fromEntries(parsed?.parameters ?? [])).toEqual(parameters);
  });

  test.each([
    'form-data; name',
    'form-data; name="x',
    'form-data; name="x" filename="y"',
    'form-data;; name="x"',
  ])('%s is malformed', (header) => {
    expect(parseHeaderParameters(header)).toBeNull();
  });
});
