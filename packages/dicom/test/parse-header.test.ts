import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HeaderOutcome } from '../src/read/header-outcome.ts';
import { parseHeader } from '../src/read/parse-header.ts';
import { buildDicom, DIRECTORY, type DicomOverrides, TRANSFER_SYNTAX } from '../src/testing/build-dicom.ts';
import { writeDicom } from '../src/write/dicom-writer.ts';

const ALL_FIELDS = {
  studyInstanceUid: '1.2.3.1',
  seriesInstanceUid: '1.2.3.2',
  sopInstanceUid: '1.2.3.3',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  modality: 'CT',
  bodyPartExamined: 'HEAD',
  imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  seriesDescription: 'Schädel nativ',
  studyDescription: 'CT Schädel',
  protocolName: 'HEAD ROUTINE',
  viewPosition: 'AP',
  stationName: 'CT-EMERGENCY',
  manufacturer: 'ACME',
  manufacturerModelName: 'Scanner 9',
  acquisitionNumber: 3,
  instanceNumber: 17,
  imagePositionMm: [-125.5, 0, 1042.375],
  imageOrientation: [1, 0, 0, 0, 0.9272, -0.3746],
  convolutionKernel: 'H30s',
  numberOfFrames: 2,
  rows: 512,
  columns: 258,
  sliceThicknessMm: 0.625,
  contrastBolusAgent: 'IOHEXOL',
  patientAgeYears: 45,
  accessionNumber: 'A-77',
  expectedInstances: 240,
};

const parseWhole = (bytes: Uint8Array): HeaderOutcome => parseHeader(bytes, bytes.length);
const outcomeOf = (overrides: DicomOverrides): HeaderOutcome => parseWhole(buildDicom(overrides));
/** The outcome in one word: its kind, or why it was rejected. */
const verdictOf = (outcome: HeaderOutcome): string =>
  outcome.kind === 'rejected' ? outcome.reason : outcome.kind;

const { jpegBaseline, ...SYNTAXES } = TRANSFER_SYNTAX;

const COUNTS = {
  series: 0x00201209,
  cardiac: 0x00181090,
  acquisition: 0x00201002,
  times: 0x00200105,
};

const DIRECTORY_CLASS = '1.2.840.10008.1.3.10';

/** As `buildDicom` writes them. */
const REPEATED_UIDS = [
  {
    name: 'the study UID',
    tag: '20000d00',
    same: '1.2.826.0.1.3680043.8.498.1',
    other: '1.2.826.0.1.3680043.8.498.9',
  },
  {
    name: 'the series UID',
    tag: '20000e00',
    same: '1.2.826.0.1.3680043.8.498.2',
    other: '1.2.826.0.1.3680043.8.498.9',
  },
  {
    name: 'the instance UID',
    tag: '08001800',
    same: '1.2.826.0.1.3680043.8.498.3',
    other: '1.2.826.0.1.3680043.8.498.9',
  },
];

/** The element once more, out of its place: just before the pixels. */
function withSecond(tag: string, value: string): Buffer {
  const bytes = buildDicom();
  const at = bytes.indexOf(Buffer.from('e07f1000', 'hex'));
  const padded = Buffer.from(value.length % 2 === 0 ? value : `${value}\0`);
  const head = Buffer.from(`${tag}55490000`, 'hex'); // UI
  head.writeUInt16LE(padded.length, 6);
  return Buffer.concat([bytes.subarray(0, at), head, padded, bytes.subarray(at)]);
}

describe('every field is read, whatever the form of the file', () => {
  const forms: [string, DicomOverrides][] = [
    ...Object.entries(SYNTAXES).map(([name, transferSyntaxUid]): [string, DicomOverrides] => [
      name,
      { transferSyntaxUid },
    ]),
    ['no preamble', { hasPreamble: false }],
    ['bare, explicit little endian', { hasPreamble: false, hasFileMeta: false }],
    [
      'bare, implicit little endian',
      { hasPreamble: false, hasFileMeta: false, transferSyntaxUid: SYNTAXES.implicitLittleEndian },
    ],
    [
      'bare, explicit big endian',
      { hasPreamble: false, hasFileMeta: false, transferSyntaxUid: SYNTAXES.explicitBigEndian },
    ],
    ['an unknown private transfer syntax', { transferSyntaxUid: '1.2.3.4.5' }],
  ];
  it.each(forms)('%s', (_name, form) => {
    const bytes = buildDicom({ ...ALL_FIELDS, ...form, isUtf8: true });
    const transferSyntaxUid =
      form.hasFileMeta === false
        ? {}
        : { transferSyntaxUid: form.transferSyntaxUid ?? SYNTAXES.explicitLittleEndian };
    expect(parseWhole(bytes)).toEqual({
      kind: 'header',
      header: { ...ALL_FIELDS, ...transferSyntaxUid },
      isGzip: false,
    });
    expect(parseWhole(gzipSync(bytes))).toEqual({
      kind: 'header',
      header: { ...ALL_FIELDS, ...transferSyntaxUid },
      isGzip: true,
    });
  });

  it.each<{
    name: string;
    counts: Partial<Record<keyof typeof COUNTS, string>>;
    expected: number | undefined;
  }>([
    {
      name: 'the series before all others',
      counts: { series: '240', cardiac: '20', acquisition: '30' },
      expected: 240,
    },
    {
      name: 'the cardiac cycle before the acquisition',
      counts: { cardiac: '20', acquisition: '30' },
      expected: 20,
    },
    { name: 'an acquisition', counts: { acquisition: '30' }, expected: 30 },
    {
      name: 'an acquisition at each of several times',
      counts: { acquisition: '30', times: '12' },
      expected: 360,
    },
    { name: 'an acquisition at no number of times', counts: { acquisition: '30', times: '0' }, expected: 30 },
    { name: 'times alone', counts: { times: '12' }, expected: undefined },
    {
      name: 'what is no count',
      counts: { series: '0', cardiac: 'many', acquisition: '-3' },
      expected: undefined,
    },
    {
      name: 'more than a row can hold',
      counts: { acquisition: '999999999999', times: '999999999999' },
      expected: undefined,
    },
  ])('expects as many instances as are told of: $name', ({ counts, expected }) => {
    const elements = Object.entries(counts).map(([of, value]) => ({
      tag: COUNTS[of as keyof typeof COUNTS],
      vr: 'IS',
      value,
    }));
    const outcome = outcomeOf({ elements });
    expect(outcome.kind === 'header' && outcome.header.expectedInstances).toBe(expected);
  });

  it('leaves out absent attributes', () => {
    const outcome = outcomeOf({
      bodyPartExamined: undefined,
      rows: undefined,
      columns: undefined,
      modality: '',
    });
    expect(outcome.kind === 'header' && Object.keys(outcome.header).sort()).toEqual([
      'seriesInstanceUid',
      'sopClassUid',
      'sopInstanceUid',
      'studyInstanceUid',
      'transferSyntaxUid',
    ]);
  });

  it('reads an implicit data set whose transfer syntax says explicit', () => {
    const meta = writeDicom([], { mediaStorageSopClassUid: '1.2', mediaStorageSopInstanceUid: '1.3' });
    const dataSet = buildDicom({
      transferSyntaxUid: SYNTAXES.implicitLittleEndian,
      hasPreamble: false,
      hasFileMeta: false,
    });
    expect(parseWhole(Buffer.concat([meta, dataSet]))).toMatchObject({ kind: 'header', header: { rows: 8 } });
  });

  it('reads SOP class and instance from the file meta information if the data set has none', () => {
    const outcome = outcomeOf({
      sopClassUid: undefined,
      sopInstanceUid: undefined,
      mediaStorageSopClassUid: '1.2.5',
      mediaStorageSopInstanceUid: '1.2.6',
    });
    expect(outcome).toMatchObject({ header: { sopClassUid: '1.2.5', sopInstanceUid: '1.2.6' } });
  });
});

describe('what cannot be indexed', () => {
  const valid = buildDicom();
  const html = '<!doctype html><html><body>502 Bad Gateway</body></html>'.repeat(10);
  const rows: [string, Uint8Array, string][] = [
    ['no bytes', Buffer.alloc(0), 'empty_object'],
    ['one byte', Buffer.from('x'), 'not_dicom'],
    ['text', Buffer.from('just some text\n'.repeat(100)), 'not_dicom'],
    ['HTML', Buffer.from(html), 'not_dicom'],
    ['gzipped HTML', gzipSync(html), 'not_dicom'],
    [
      'JPEG',
      Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb'.padEnd(600, '0'), 'hex'),
      'not_dicom',
    ],
    ['PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n'.padEnd(600), 'latin1'), 'not_dicom'],
    ['zip', Buffer.from('504b0304140000000800'.padEnd(600, '0'), 'hex'), 'not_dicom'],
    ['zeros', Buffer.alloc(4096), 'not_dicom'],
    ['gzip magic and noise', Buffer.from(`1f8b08${'a5'.repeat(300)}`, 'hex'), 'not_dicom'],
    ['binary that starts like group 0008', Buffer.from(`0800${'c3'.repeat(300)}`, 'hex'), 'not_dicom'],
    ['binary that starts like big endian', Buffer.from(`0008${'00'.repeat(300)}`, 'hex'), 'not_dicom'],
    ['a preamble and nothing else', valid.subarray(0, 132), 'truncated'],
    ['cut in the file meta information', valid.subarray(0, 200), 'truncated'],
    ['cut in the data set', valid.subarray(0, 421), 'truncated'],
    ['cut between two elements', valid.subarray(0, 420), 'missing_uid'],
    ['cut in the pixels', valid.subarray(0, valid.length - 1), 'truncated'],
    [
      'gzip around deflated, breaks off',
      gzipSync(buildDicom({ transferSyntaxUid: SYNTAXES.deflatedLittleEndian })).subarray(0, -20),
      'truncated',
    ],
    ['gzip that breaks off', gzipSync(valid).subarray(0, -20), 'truncated'],
    [
      'deflated, breaks off',
      buildDicom({ transferSyntaxUid: SYNTAXES.deflatedLittleEndian }).subarray(0, -20),
      'truncated',
    ],
    ['no study UID', buildDicom({ studyInstanceUid: undefined }), 'missing_uid'],
    ['empty series UID', buildDicom({ seriesInstanceUid: '' }), 'missing_uid'],
    [
      'blank instance UID',
      buildDicom({ sopInstanceUid: '  ', mediaStorageSopInstanceUid: ' ' }),
      'missing_uid',
    ],
    ['a path for a UID', buildDicom({ studyInstanceUid: '../../x?y=1' }), 'invalid_uid'],
    ['80 digits', buildDicom({ seriesInstanceUid: '1'.repeat(80) }), 'invalid_uid'],
    ['HTML for a UID', buildDicom({ sopInstanceUid: '<script>alert(1)</script>' }), 'invalid_uid'],
    ['two UIDs', buildDicom({ sopInstanceUid: '1.2\\1.3' }), 'invalid_uid'],
    ['an empty component', buildDicom({ sopInstanceUid: '1..2' }), 'invalid_uid'],
    ['4000 digits', buildDicom({ sopInstanceUid: '1'.repeat(4000) }), 'invalid_uid'],
    ['DICOMDIR', buildDicom(DIRECTORY), 'dicomdir'],
    [
      'DICOMDIR, big endian',
      buildDicom({ ...DIRECTORY, transferSyntaxUid: SYNTAXES.explicitBigEndian }),
      'dicomdir',
    ],
    [
      'a scan that says it is a DICOMDIR',
      buildDicom({ mediaStorageSopClassUid: DIRECTORY_CLASS }),
      'invalid_uid',
    ],
    ['a DICOMDIR with pixels', buildDicom({ ...DIRECTORY, pixels: 200 }), 'invalid_uid'],
    [
      'a report that says it is a DICOMDIR',
      buildDicom({ mediaStorageSopClassUid: DIRECTORY_CLASS, pixels: false, modality: 'SR' }),
      'invalid_uid',
    ],
    [
      'what says it is a DICOMDIR and is nothing',
      buildDicom({ ...DIRECTORY, elements: [], modality: 'CT' }),
      'missing_uid',
    ],
    ...REPEATED_UIDS.map(({ name, tag, other }): [string, Uint8Array, string] => [
      `${name} twice, with different values`,
      withSecond(tag, other),
      'invalid_uid',
    ]),
    ...REPEATED_UIDS.map(({ name, tag, other }): [string, Uint8Array, string] => [
      `${name} twice, with different values, in a gzip stream`,
      gzipSync(withSecond(tag, other)),
      'invalid_uid',
    ]),
    ...REPEATED_UIDS.map(({ name, tag, same }): [string, Uint8Array, string] => [
      `${name} twice, with the same value`,
      withSecond(tag, same),
      'header',
    ]),
  ];
  it.each(rows)('%s', (_name, bytes, verdict) => {
    expect(verdictOf(parseWhole(bytes))).toBe(verdict);
  });

  it('does not repeat the value of a hostile UID', () => {
    expect(JSON.stringify(outcomeOf({ studyInstanceUid: '../../x?y=1' }))).not.toContain('x?y');
  });
});

describe('UIDs that are in order', () => {
  it.each([
    ['padded with NUL', '1.2.840.1\0'],
    ['padded with blanks', '1.2.840.1  '],
  ])('%s', (_name, studyInstanceUid) => {
    expect(outcomeOf({ studyInstanceUid })).toMatchObject({ header: { studyInstanceUid: '1.2.840.1' } });
  });

  it('accepts a UID of 64 characters', () => {
    const studyInstanceUid = `1.${'2'.repeat(62)}`;
    expect(outcomeOf({ studyInstanceUid })).toMatchObject({ header: { studyInstanceUid } });
  });

  it('leaves out an invalid SOP class', () => {
    const outcome = outcomeOf({ sopClassUid: '../x', mediaStorageSopClassUid: '../y' });
    expect(outcome.kind === 'header' && 'sopClassUid' in outcome.header).toBe(false);
  });
});

describe('pixels', () => {
  it.each([
    ['trailing zeros', Buffer.alloc(300)],
    ['a trailing blank', Buffer.from(' ')],
    ['trailing rubbish', Buffer.from('rubbish')],
  ])('%s behind them are no cut', (_name, padding) => {
    expect(verdictOf(parseWhole(Buffer.concat([buildDicom(), padding])))).toBe('header');
  });

  it('accepts encapsulated pixels without a length check', () => {
    const bytes = buildDicom({
      transferSyntaxUid: jpegBaseline,
      elements: [{ tag: 0x7fe00010, vr: 'OB', value: { fragments: [Buffer.alloc(5000)] } }],
    });
    expect(verdictOf(parseWhole(bytes.subarray(0, bytes.length - 2000)))).toBe('header');
  });

  it('compares their end with the size of the object, not of the prefix', () => {
    const bytes = buildDicom({ pixels: 500_000 });
    const prefix = bytes.subarray(0, 16_384);
    expect(verdictOf(parseHeader(prefix, bytes.length))).toBe('header');
    expect(verdictOf(parseHeader(prefix, bytes.length - 2))).toBe('truncated');
  });

  it('accepts odd padding in a file without pixels, and rejects the start of an element', () => {
    const report = buildDicom({ pixels: false, modality: 'SR' });
    expect(verdictOf(parseWhole(Buffer.concat([report, Buffer.alloc(3)])))).toBe('header');
    expect(verdictOf(parseWhole(Buffer.concat([report, Buffer.alloc(50)])))).toBe('header');
    expect(verdictOf(parseWhole(Buffer.concat([report, Buffer.from([0x40, 0, 8])])))).toBe('truncated');
  });

  it('reads a 64-bit VR before them with its 32-bit length', () => {
    const bytes = buildDicom({ elements: [{ tag: 0x7fe00001, vr: 'OV', value: Buffer.alloc(16, 1) }] });
    expect(verdictOf(parseWhole(bytes))).toBe('header');
    expect(verdictOf(parseWhole(bytes.subarray(0, -1)))).toBe('truncated');
  });
});
