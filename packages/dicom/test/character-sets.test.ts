import { describe, expect, it } from 'vitest';
import { textDecoderFor } from '../src/read/character-sets.ts';
import { textValue, textValues } from '../src/read/text-values.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('text by Specific Character Set', () => {
  // Bytes of the Asian rows: DICOM PS3.5 annexes H, I, J and K.
  const rows: [string, string | undefined, Buffer, string][] = [
    ['none, ASCII', undefined, Buffer.from('HEAD'), 'HEAD'],
    ['none, though it is UTF-8', undefined, Buffer.from('Schädel'), 'Schädel'],
    ['none, though it is Latin-1', undefined, Buffer.from('Schädel', 'latin1'), 'Schädel'],
    ['an unknown term', 'ISO_IR 999', Buffer.from('Schädel', 'latin1'), 'Schädel'],
    ['ISO_IR 100', 'ISO_IR 100', hex('4372e26e65'), 'Crâne'],
    ['ISO_IR 101', 'ISO_IR 101', hex('4865e8'), 'Heč'],
    ['ISO_IR 109', 'ISO_IR 109', hex('a1'), 'Ħ'],
    ['ISO_IR 110', 'ISO_IR 110', hex('a2'), 'ĸ'],
    ['ISO_IR 144', 'ISO_IR 144', hex('bbeeda'), 'Люк'],
    ['ISO_IR 127', 'ISO_IR 127', hex('d1cad3'), 'رتس'],
    ['ISO_IR 126', 'ISO_IR 126', hex('c4e9ef'), 'Διο'],
    ['ISO_IR 138', 'ISO_IR 138', hex('f9'), 'ש'],
    ['ISO_IR 148', 'ISO_IR 148', hex('fd'), 'ı'],
    ['ISO_IR 166', 'ISO_IR 166', hex('a1'), 'ก'],
    ['ISO_IR 203', 'ISO_IR 203', hex('a4'), '€'],
    ['ISO_IR 13', 'ISO_IR 13', hex('d4cfc0de'), 'ﾔﾏﾀﾞ'],
    ['ISO_IR 192', 'ISO_IR 192', Buffer.from('头部 CT'), '头部 CT'],
    ['GB18030', 'GB18030', hex('cdb7b2bf'), '头部'],
    ['GBK', 'GBK', hex('cdb7b2bf'), '头部'],
    ['escapes: JIS X 0208', '\\ISO 2022 IR 87', hex('1b2442 3b33 4544 1b2842 5e'), '山田^'],
    ['escapes: JIS X 0212', '\\ISO 2022 IR 159', hex('1b242844 3021 1b2842'), '丂'],
    [
      'escapes: half-width katakana first',
      'ISO 2022 IR 13\\ISO 2022 IR 87',
      hex('d4cf 1b2442 3b33 1b284a 41'),
      'ﾔﾏ山A',
    ],
    ['escapes: KS X 1001', '\\ISO 2022 IR 149', hex('1b242943 b1e8 5e'), '김^'],
    ['escapes: GB 2312', '\\ISO 2022 IR 58', hex('1b242941 cdf5'), '王'],
    ['escapes: Greek and Latin-1', 'ISO 2022 IR 100\\ISO 2022 IR 126', hex('e9 1b2d46 c4 1b2d41 e9'), 'éΔé'],
    ['escapes: an unknown one is dropped', 'ISO 2022 IR 100', hex('41 1b2429 5a 42'), 'AB'],
    ['escapes: one that is cut off', 'ISO 2022 IR 100', hex('41 1b24'), 'A'],
  ];
  it.each(rows)('%s', (_name, terms, bytes, text) => {
    const decode = textDecoderFor(terms === undefined ? undefined : Buffer.from(terms));
    expect(decode(bytes)).toBe(text);
  });
});

describe('text values', () => {
  const decode = textDecoderFor(Buffer.from('ISO_IR 192'));
  const rows: [string, string, string | undefined][] = [
    ['padding is no text', '  HEAD \0', 'HEAD'],
    ['empty', '', undefined],
    ['blank', ' \0 ', undefined],
    ['control characters and escapes', 'A\u001b[31mB\r\nC', 'A31mB C'],
    ['cut to 128', 'x'.repeat(500), 'x'.repeat(128)],
    ['not cut within a character', `${'x'.repeat(127)}😀`, 'x'.repeat(127)],
  ];
  it.each(rows)('%s', (_name, raw, text) => {
    expect(textValue(Buffer.from(raw), decode)).toBe(text);
  });

  it('half a character that GB18030 spells out is replaced, as no row may hold it', () => {
    const gb18030 = textDecoderFor(Buffer.from('GB18030'));
    for (const bytes of [hex('e4308130'), hex('e3338130')]) {
      expect(gb18030(bytes).isWellFormed()).toBe(true);
    }
  });

  it('of several, empty ones are left out', () => {
    expect(textValues(Buffer.from('ORIGINAL\\\\ PRIMARY \\'), decode)).toEqual(['ORIGINAL', 'PRIMARY']);
    expect(textValues(Buffer.from('\\ '), decode)).toBeUndefined();
  });
});
