import { expect, test } from 'vitest';
import { parseHeader } from '../src/read/parse-header.ts';
import { buildDicom } from '../src/testing/build-dicom.ts';
import type { DicomElement } from '../src/write/element-writer.ts';

const ID: DicomElement = { tag: 0x00100020, vr: 'LO', value: '4711' };

function nameOf(value: string | Buffer, more: DicomElement[] = []): string | undefined {
  const name: DicomElement = { tag: 0x00100010, vr: 'PN', value };
  const file = buildDicom({ elements: [name, ID, ...more] });
  const outcome = parseHeader(file, file.length);
  return outcome.kind === 'header' ? outcome.patient?.name : undefined;
}

const characterSet = (value: string): DicomElement => ({ tag: 0x00080005, vr: 'CS', value });

test.each<[string, string | Buffer, DicomElement[], string | undefined]>([
  ['a name as it is', 'Doe^Jane', [], 'Doe^Jane'],
  ['without padding', 'Doe^Jane\0 ', [], 'Doe^Jane'],
  ['without control characters', 'Doe\u001b[2J^Ja\rne\u0007', [], 'Doe2J^Ja ne'],
  ['markup as text', '<img src=x onerror=alert(1)>', [], '<img src=x onerror=alert(1)>'],
  ['by its character set', Buffer.from('Sch\u00e4fer', 'latin1'), [characterSet('ISO_IR 100')], 'Schäfer'],
  [
    'bytes that are none of its character set',
    Buffer.from([0x41, 0xff, 0x42]),
    [characterSet('ISO_IR 192')],
    'A\ufffdB',
  ],
  [
    'groups of an ideographic name',
    Buffer.from('Yamada^Tarou=\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B', 'latin1'),
    [characterSet('\\ISO 2022 IR 87')],
    'Yamada^Tarou=山田^太郎',
  ],
  ['none of an empty one', '', [], undefined],
  ['none of a blank one', ' \0 ', [], undefined],
])('reads %s', (_what, value, more, expected) => {
  expect(nameOf(value, more)).toBe(expected);
});

test('reads no more of 64 KB than a name may have', () => {
  expect(nameOf('N'.repeat(65_500))).toBe('N'.repeat(194));
});

test('cuts no character in half', () => {
  expect(nameOf(Buffer.from(`${'N'.repeat(193)}😀`), [characterSet('ISO_IR 192')])).toBe('N'.repeat(193));
});
