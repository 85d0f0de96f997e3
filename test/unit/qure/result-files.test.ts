import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetTypeSegment } from '../../../functions/qure/asset-type-segment.ts';
import { MAX_RESULT_LINKS, readResultFiles } from '../../../functions/qure/result-files.ts';

const URL_A = 'https://store.example/a?X-Amz-Signature=1&b=%20';

describe('readResultFiles', () => {
  const rows: [string, unknown, ReturnType<typeof readResultFiles>][] = [
    ['none', undefined, { files: [], ignoredFiles: 0 }],
    ['null', null, { files: [], ignoredFiles: 0 }],
    ['empty', {}, { files: [], ignoredFiles: 0 }],
    ['an empty list', { sc: [] }, { files: [], ignoredFiles: 0 }],
    [
      'the URL is kept to the letter',
      { sc: [URL_A] },
      { files: [{ type: 'sc', urls: [URL_A] }], ignoredFiles: 0 },
    ],
    ['one URL without a list', { pdf: URL_A }, { files: [{ type: 'pdf', urls: [URL_A] }], ignoredFiles: 0 }],
    ['null for a list', { pdf: null }, { files: [], ignoredFiles: 0 }],
    [
      'mixed',
      { sc: [URL_A, '', 'no url', 7, null, {}, [URL_A]] },
      { files: [{ type: 'sc', urls: [URL_A] }], ignoredFiles: 6 },
    ],
    [
      'other schemes',
      { sc: ['javascript:1', 'file:///etc/passwd', 'data:,x'] },
      { files: [], ignoredFiles: 3 },
    ],
    ['a list instead of a map', [URL_A, URL_A], { files: [], ignoredFiles: 2 }],
    ['a text instead of a map', URL_A, { files: [], ignoredFiles: 1 }],
  ];
  it.each(rows)('%s', (_name, value, expected) => {
    expect(readResultFiles(value)).toEqual(expected);
  });

  it('reads __proto__ as a type like any other', () => {
    const read = readResultFiles(JSON.parse(`{"__proto__": ["${URL_A}"]}`));
    expect(read?.files).toEqual([{ type: '__proto__', urls: [URL_A] }]);
  });

  it('takes as many links as a result may have, over all types, and none of one with more', () => {
    const links = (count: number) => new Array<string>(count).fill(URL_A);
    expect(readResultFiles({ sc: links(MAX_RESULT_LINKS - 1), pdf: links(1) })?.files).toHaveLength(2);
    expect(readResultFiles({ sc: links(MAX_RESULT_LINKS), pdf: links(1) })).toBeUndefined();
  });
});

describe('assetTypeSegment', () => {
  it.each([
    'sc',
    'sc_full_png',
    'sc_thumbnail',
    'sc_dicom_thumbnail',
    'sc_key_slices',
    'sc_png',
    'original',
    'original_thumbnail',
    'report_pdf',
    'report_dcm',
    'report_sr',
    'reports',
    'pdf',
    'sr',
    'seg',
    'gsps',
    'json',
    'pr',
    'hl7',
    'encapsulated_pdf',
  ])('leaves %s as it is', (type) => {
    expect(assetTypeSegment(type)).toBe(type);
  });

  it.each([
    ['a path', '../../etc', /^______etc-[0-9a-f]{16}$/],
    ['nothing', '', /^-[0-9a-f]{16}$/],
    ['a dot', '.', /^_-[0-9a-f]{16}$/],
    ['an umlaut', 'schl\u00fcssel', /^schl_ssel-[0-9a-f]{16}$/],
    ['too long', 'x'.repeat(65), /^x{47}-[0-9a-f]{16}$/],
    ['what looks like a changed name', 'sc-0123456789abcdef', /^sc-0123456789abcdef-[0-9a-f]{16}$/],
  ])('changes %s', (_name, type, expected) => {
    expect(assetTypeSegment(type)).toMatch(expected);
  });

  it('gives different types different segments, all of them safe', () => {
    const type = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\ud800', '\ud801', 'sc/', 'sc?', 'sc_'),
    );
    fc.assert(
      fc.property(type, type, (a, b) => {
        expect(assetTypeSegment(a)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(assetTypeSegment(a) === assetTypeSegment(b)).toBe(a === b);
      }),
    );
    expect(assetTypeSegment('\ud800')).not.toBe(assetTypeSegment('\ud801'));
    expect(assetTypeSegment(assetTypeSegment('sc/'))).not.toBe(assetTypeSegment('sc/'));
  });
});
