import { deflateRawSync, gzipSync } from 'node:zlib';
import { inflatePrefix, MAX_ELEMENTS, parseHeader } from '@qure-dropoff/dicom';
import { describe, expect, it } from 'vitest';
import { text } from './support/dicom-arbitrary.ts';
import { FUZZ_TIMEOUT_MS } from './support/fuzz-runs.ts';
import { encodeHostile, type HostileElement, UNDEFINED_LENGTH } from './support/hostile-elements.ts';
import { readCounted } from './support/read-counted.ts';

const MIB = 1024 * 1024;
/** Made quickly; a bomb all the same. */
const FAST = { level: 1 };
/** A header's 4 MiB and the room behind it. */
const MAX_INFLATED_BYTES = 5 * MIB;
const EXPLICIT = { isExplicitVr: true, isBigEndian: false };

const uids: HostileElement[] = [
  { tag: 0x00080018, vr: 'UI', value: text('1.2.3') },
  { tag: 0x0020000d, vr: 'UI', value: text('1.2.1') },
  { tag: 0x0020000e, vr: 'UI', value: text('1.2.2') },
];
const start = (transferSyntax: string) =>
  Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    encodeHostile([{ tag: 0x00020010, vr: 'UI', value: text(transferSyntax) }], EXPLICIT),
  ]);
const file = (elements: readonly HostileElement[], raw: Uint8Array = Buffer.alloc(0)) => {
  const [sop, ...rest] = uids;
  const before = encodeHostile(sop === undefined ? [] : [sop], EXPLICIT);
  const after = encodeHostile([...elements, ...rest], EXPLICIT);
  return Buffer.concat([start('1.2.840.10008.1.2.1'), before, raw, after]);
};
const sequenceOf = (body: Uint8Array): HostileElement => ({
  tag: 0x00081140,
  vr: 'SQ',
  value: body,
  statedLength: UNDEFINED_LENGTH,
});
const dword = (tag: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  return bytes;
};
const openItem = Buffer.concat([dword(0xfffee000).subarray(0, 4), Buffer.alloc(4, 0xff)]);
const openSequence = Buffer.from([0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]);
const emptyItems = (count: number) => Buffer.alloc(count * 8, dword(0xfffee000));
const nestedTo = (depth: number) =>
  Buffer.concat([
    Buffer.alloc((openItem.length + openSequence.length) * depth, Buffer.concat([openItem, openSequence])),
    Buffer.alloc(16 * depth, Buffer.concat([dword(0xfffee0dd), dword(0xfffee00d)])),
  ]);
const manySmall = (count: number) => {
  const bytes = Buffer.alloc(
    count * 12,
    encodeHostile([{ tag: 0x00090000, vr: 'UN', value: Buffer.alloc(0) }], EXPLICIT),
  );
  for (let at = 0; at < count; at += 1) bytes.writeUInt16LE(at & 0xffff, at * 12 + 2);
  return bytes;
};

describe('content made to take time or memory', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const rows: [string, () => Uint8Array, string][] = [
    [
      'almost 100,000 empty items',
      () => file([sequenceOf(Buffer.concat([emptyItems(99_900), dword(0xfffee0dd)]))]),
      'header',
    ],
    [
      'half a million empty items',
      () => file([sequenceOf(Buffer.concat([emptyItems(500_000), dword(0xfffee0dd)]))]),
      'too_large_header',
    ],
    [
      'half a million empty items, deflated and in a gzip stream',
      () => {
        const elements = encodeHostile(
          [sequenceOf(Buffer.concat([emptyItems(500_000), dword(0xfffee0dd)])), ...uids],
          EXPLICIT,
        );
        return gzipSync(
          Buffer.concat([start('1.2.840.10008.1.2.1.99'), deflateRawSync(elements, { level: 9 })]),
        );
      },
      'too_large_header',
    ],
    [
      'a million empty items',
      () => file([sequenceOf(Buffer.concat([emptyItems(1_000_000), dword(0xfffee0dd)]))]),
      'too_large_header',
    ],
    [
      'sequences in sequences, 20,000 deep',
      () => file([sequenceOf(Buffer.concat([nestedTo(20_000), dword(0xfffee0dd)]))]),
      'header',
    ],
    [
      'sequences in sequences, 100,000 deep',
      () => file([sequenceOf(Buffer.concat([nestedTo(100_000), dword(0xfffee0dd)]))]),
      'too_large_header',
    ],
    [
      'sequences in sequences without an end',
      () => file([sequenceOf(Buffer.alloc(6 * MIB, Buffer.concat([openItem, openSequence])))]),
      'too_large_header',
    ],
    ['90,000 private elements first', () => file([], manySmall(90_000)), 'header'],
    ['300,000 private elements first', () => file([], manySmall(300_000)), 'too_large_header'],
    [
      'a private element beyond all that is read',
      () => file([{ tag: 0x00091001, vr: 'OB', value: Buffer.alloc(5 * MIB) }]),
      'too_large_header',
    ],
    [
      'a private element of 3 GB that is not there',
      () => file([{ tag: 0x00091001, vr: 'OB', value: Buffer.alloc(0), statedLength: 3e9 }]),
      'truncated',
    ],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(24 * MIB), FAST), 'not_dicom'],
    [
      'a gzip bomb that starts as a DICOM file',
      () => gzipSync(Buffer.concat([file([{ tag: 0x00091001, vr: 'OB', value: Buffer.alloc(24 * MIB) }])])),
      'too_large_header',
    ],
    ['a gzip bomb in a gzip stream', () => gzipSync(gzipSync(Buffer.alloc(24 * MIB), FAST)), 'not_dicom'],
    ['200,000 empty gzip members', () => Buffer.alloc(200_000 * 20, gzipSync(Buffer.alloc(0))), 'not_dicom'],
    [
      'a deflate bomb',
      () => Buffer.concat([start('1.2.840.10008.1.2.1.99'), deflateRawSync(Buffer.alloc(24 * MIB), FAST)]),
      'rejected',
    ],
    [
      'a deflate bomb in a gzip stream',
      () =>
        gzipSync(
          Buffer.concat([start('1.2.840.10008.1.2.1.99'), deflateRawSync(Buffer.alloc(24 * MIB), FAST)]),
        ),
      'rejected',
    ],
    [
      'deflated elements without an end',
      () => Buffer.concat([start('1.2.840.10008.1.2.1.99'), deflateRawSync(manySmall(700_000), FAST)]),
      'too_large_header',
    ],
  ];
  it.each(rows)('%s', async (_name, make, expected) => {
    const outcome = await readCounted(make());
    const kinds: string[] = outcome.kind === 'rejected' ? [outcome.kind, outcome.reason] : [outcome.kind];
    expect(kinds).toContain(expected);
  });

  it.each([
    [MAX_ELEMENTS - 10, 'not_dicom'],
    [MAX_ELEMENTS, 'too_large_header'],
  ])('reads no further than its limit of elements: what is wrong behind %i is %s', (items, reason) => {
    const noItem = dword(0x00080018);
    const bytes = file([sequenceOf(Buffer.concat([emptyItems(items), noItem]))]);
    expect(parseHeader(bytes, bytes.length)).toMatchObject({ kind: 'rejected', reason });
  });

  it.each([true, false])('a bomb inflates to 5 MiB at most (input at its end: %s)', (isWhole) => {
    for (const [format, bomb] of [
      ['gzip', gzipSync(Buffer.alloc(32 * MIB), FAST)],
      ['deflate', deflateRawSync(Buffer.alloc(32 * MIB), FAST)],
    ] as const) {
      const { bytes, end } = inflatePrefix(format, bomb, isWhole);
      expect(end).toBe('limit');
      expect(bytes.length).toBeLessThanOrEqual(MAX_INFLATED_BYTES);
    }
  });
});
