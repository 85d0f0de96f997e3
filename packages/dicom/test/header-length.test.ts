import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HeaderOutcome } from '../src/read/header-outcome.ts';
import { parseHeader } from '../src/read/parse-header.ts';
import { buildDicom, type DicomOverrides, TRANSFER_SYNTAX } from '../src/testing/build-dicom.ts';
import type { DicomElement } from '../src/write/element-writer.ts';

const parseWhole = (bytes: Uint8Array): HeaderOutcome => parseHeader(bytes, bytes.length);
/** The outcome in one word: its kind, or why it was rejected. */
const verdictOf = (outcome: HeaderOutcome): string =>
  outcome.kind === 'rejected' ? outcome.reason : outcome.kind;

describe('sequences before the wanted elements', () => {
  const nested = (depth: number): DicomElement[] => {
    let items: DicomElement[] = [{ tag: 0x00080100, vr: 'SH', value: 'CODE' }];
    for (let i = 0; i < depth; i += 1) {
      items = [{ tag: 0x00081140, vr: 'SQ', value: { items: [items, []], isUndefinedLength: true } }];
    }
    return items;
  };
  const icon = {
    tag: 0x00091100,
    vr: 'SQ',
    value: {
      items: [
        [
          { tag: 0x0020000d, vr: 'UI', value: '9.9.9' },
          { tag: 0x7fe00010, vr: 'OB', value: { fragments: [Buffer.alloc(33)] } },
        ],
      ],
      isUndefinedLength: true,
    },
  };
  const rows: [string, DicomOverrides][] = [
    ['undefined length', { elements: nested(1) }],
    ['nested 5 deep', { elements: nested(5) }],
    ['an icon with encapsulated pixels and a UID of its own', { elements: [icon] }],
    [
      'an empty sequence',
      { elements: [{ tag: 0x00081140, vr: 'SQ', value: { items: [], isUndefinedLength: true } }] },
    ],
    ['a known length', { elements: [{ tag: 0x00081140, vr: 'SQ', value: { items: [nested(1)] } }] }],
  ];
  it.each(rows)('%s', (_name, overrides) => {
    for (const transferSyntaxUid of Object.values(TRANSFER_SYNTAX)) {
      expect(parseWhole(buildDicom({ ...overrides, transferSyntaxUid }))).toMatchObject({
        kind: 'header',
        header: { studyInstanceUid: '1.2.826.0.1.3680043.8.498.1', bodyPartExamined: 'HEAD' },
      });
    }
  });

  // PS3.5 section 6.2.2, note 2.
  it.each([
    {
      order: 'little',
      head: '09000210554e0000ffffffff',
      before: '180015004353',
      transferSyntaxUid: undefined,
    },
    {
      order: 'big',
      head: '00091002554e0000ffffffff',
      before: '001800154353',
      transferSyntaxUid: TRANSFER_SYNTAX.explicitBigEndian,
    },
  ])('a UN of undefined length in a $order-endian file holds implicit VR in little endian', (row) => {
    const { head, before, transferSyntaxUid } = row;
    const unknown = [
      head, // (0009,1002) UN
      'feff00e0ffffffff', // item
      '08000001020000004142', // (0008,0100)
      'feff0de000000000', // item delimitation
      'feffdde000000000', // sequence delimitation
    ];
    const bytes = buildDicom({
      elements: [{ tag: 0x00090010, vr: 'LO', value: 'VENDOR' }],
      ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }),
    });
    const at = bytes.indexOf(Buffer.from(before, 'hex')); // (0018,0015) CS
    const spliced = Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(unknown.join(''), 'hex'),
      bytes.subarray(at),
    ]);
    expect(parseWhole(spliced)).toMatchObject({ kind: 'header', header: { bodyPartExamined: 'HEAD' } });
  });

  it.each([
    { depth: 40_000, verdict: 'truncated' },
    { depth: 100_000, verdict: 'too_large_header' },
  ])('$depth sequences within each other do not overflow the stack', ({ depth, verdict }) => {
    const opening = Buffer.from('08004011ffffffff' + 'feff00e0ffffffff', 'hex'); // (0008,1140) implicit, item
    const deep = Buffer.concat([
      Buffer.from('08000500' + '00000000' + '08000800' + '00000000' + '08001600' + '00000000', 'hex'),
      ...Array.from({ length: depth }, () => opening),
    ]);
    expect(verdictOf(parseWhole(deep))).toBe(verdict);
  });
});

describe('a prefix that is too short', () => {
  it('asks for what the long element needs, and knows when it is there', () => {
    const bytes = buildDicom({ privateFillerBytes: 900 * 1024 });
    const outcome = parseHeader(bytes.subarray(0, 16_384), bytes.length);
    expect(outcome.kind).toBe('more');
    const wantBytes = outcome.kind === 'more' ? outcome.wantBytes : 0;
    expect(wantBytes).toBeGreaterThan(900 * 1024);
    expect(wantBytes).toBeLessThan(930 * 1024);
    expect(verdictOf(parseHeader(bytes.subarray(0, wantBytes), bytes.length))).toBe('header');
  });

  it('a header of more than 4 MiB is refused at the first look', () => {
    const bytes = buildDicom({ privateFillerBytes: 4 * 1024 * 1024 + 10 });
    expect(verdictOf(parseHeader(bytes.subarray(0, 16_384), bytes.length))).toBe('too_large_header');
  });

  it('with every wanted value at hand, 4 MiB of other elements before the pixels are no obstacle', () => {
    const bytes = buildDicom({
      elements: [{ tag: 0x00291010, vr: 'OB', value: Buffer.alloc(4 * 1024 * 1024) }],
    });
    expect(verdictOf(parseHeader(bytes.subarray(0, 16_384), bytes.length))).toBe('header');
  });

  it.each([
    ['before the last wanted element, refuse it', 0x00091001, 'too_large_header'],
    ['behind it, are no obstacle', 0x52009230, 'header'],
  ] as const)('more than 100,000 elements %s', (_name, tag, verdict) => {
    const items = Array.from({ length: 100_001 }, () => []);
    const bytes = buildDicom({ elements: [{ tag, vr: 'SQ', value: { items, isUndefinedLength: true } }] });
    expect(verdictOf(parseWhole(bytes))).toBe(verdict);
  });

  it.each(['fffffff0', 'fffffffe', '00000080'])('a length of %s neither allocates nor loops', (length) => {
    const bytes = Buffer.concat([
      buildDicom({ pixels: false }),
      Buffer.from(`7200010055540000${length}`, 'hex'), // (0072,0001) UT
    ]);
    expect(verdictOf(parseWhole(bytes))).toBe('truncated');
  });

  it('a gzip stream asks for more input while the header goes on', () => {
    const noise = Buffer.concat(
      Array.from({ length: 1250 }, (_, i) => createHash('sha256').update(String(i)).digest()),
    );
    const bytes = gzipSync(buildDicom({ elements: [{ tag: 0x00091001, vr: 'OB', value: noise }] }));
    expect(bytes.length).toBeGreaterThan(16_384);
    expect(parseHeader(bytes.subarray(0, 4096), bytes.length)).toEqual({ kind: 'more', wantBytes: 16_384 });
    expect(verdictOf(parseWhole(bytes))).toBe('header');
  });

  it('a gzip bomb is inflated to some MiB at most, and judged by its start', () => {
    const header = buildDicom({ pixels: 64 * 1024 * 1024 });
    expect(verdictOf(parseWhole(gzipSync(header)))).toBe('header');
    const endless = buildDicom({ privateFillerBytes: 64 * 1024 * 1024 });
    expect(verdictOf(parseWhole(gzipSync(endless)))).toBe('too_large_header');
  });
});

describe('a file without pixels of which a range has all but the last bytes', () => {
  const sequence = { tag: 0x0040a730, vr: 'SQ', value: { items: [[]], isUndefinedLength: true } };
  const report = buildDicom({ pixels: false, elements: [sequence] });
  const files: [string, Buffer][] = [
    ['ends with a delimiter', report],
    ...[1, 2, 4, 6, 7, 8, 12].map((zeros): [string, Buffer] => [
      `ends with ${zeros} zeros`,
      Buffer.concat([buildDicom({ pixels: false }), Buffer.alloc(zeros)]),
    ]),
  ];
  it.each(files)('is no truncated one: it %s', (_name, bytes) => {
    expect(parseWhole(bytes).kind).toBe('header');
    for (let length = bytes.length - 40; length < bytes.length; length += 1)
      expect(['header', 'more']).toContain(verdictOf(parseHeader(bytes.subarray(0, length), bytes.length)));
  });

  it('is truncated where its own end is missing', () => {
    expect(verdictOf(parseWhole(report.subarray(0, -4)))).toBe('truncated');
  });
});
