import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type ElementForm, encodeHostile, type HostileElement } from './hostile-elements.ts';

/** Bytes of a file, and what is known of them because of the way they were made. */
export interface MadeFile {
  bytes: Buffer;
  form: ElementForm;
  wrapping: 'plain' | 'deflated' | 'gzip';
  /** Of the data set. */
  uids: { study: string; series: string; sop: string };
}

const FORMS: Record<string, ElementForm> = {
  '1.2.840.10008.1.2': { isExplicitVr: false, isBigEndian: false },
  '1.2.840.10008.1.2.1': { isExplicitVr: true, isBigEndian: false },
  '1.2.840.10008.1.2.1.99': { isExplicitVr: true, isBigEndian: false },
  '1.2.840.10008.1.2.2': { isExplicitVr: true, isBigEndian: true },
  '1.2.840.10008.1.2.4.50': { isExplicitVr: true, isBigEndian: false },
};
const META_FORM: ElementForm = { isExplicitVr: true, isBigEndian: false };
const DEFLATED = '1.2.840.10008.1.2.1.99';

export const validUid = fc
  .array(fc.nat(99_999), { minLength: 2, maxLength: 8 })
  .map((parts) => ['1', ...parts].join('.'));

/** Wrong in every way that was thought of, and some that are right after all. */
export const hostileUid = fc.oneof(
  validUid,
  fc.constantFrom(
    '',
    '.',
    '1.',
    '.1',
    '1..2',
    '1.2/../3',
    '..',
    '__proto__',
    '1.2\0',
    '\0',
    ' 1.2 ',
    '1.2\\3',
  ),
  fc.constantFrom('1'.repeat(64), '1'.repeat(65), '1'.repeat(5000), `1.2${' '.repeat(2000)}`, '1.2\n', '١.٢'),
  fc.string({ maxLength: 70 }),
);

export const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
};
const element = (tag: number, vr: string, value: Uint8Array): HostileElement => ({ tag, vr, value });
const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => evened(bytes));
const evened = (bytes: Uint8Array) => (bytes.length % 2 === 0 ? bytes : bytes.subarray(1));

/** Sequences in sequences, with stated lengths or delimiters. */
const nested: fc.Arbitrary<HostileElement> = fc.letrec<{ node: HostileElement }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({
      tag: fc.constantFrom(0x00080100, 0x0020000d, 0x0020000e, 0x00080018),
      vr: fc.constant('UI'),
      value: validUid.map(text),
    }),
    fc.record({
      tag: fc.constantFrom(0x00081140, 0x00189346, 0x00091002),
      vr: fc.constant('SQ'),
      value: fc.record({
        items: fc.array(fc.array(tie('node'), { maxLength: 3 }), { maxLength: 3 }),
        ending: fc.constantFrom('stated_length' as const, 'delimiters' as const),
      }),
    }),
  ),
})).node;

const characterSet = fc.constantFrom(
  '',
  'ISO_IR 192',
  'GB18030',
  'ISO 2022 IR 87',
  '\\ISO 2022 IR 149',
  'GBK',
  'x',
);

/** Elements that are neither UID nor wanted to be there; what their values hold is anything. */
const others: fc.Arbitrary<HostileElement[]> = fc.tuple(
  characterSet.map((term) => element(0x00080005, 'CS', text(term))),
  fc.constantFrom('CT', 'DX', '', 'x'.repeat(300)).map((term) => element(0x00080060, 'CS', text(term))),
  bytesUpTo(300).map((bytes) => element(0x0008103e, 'LO', bytes)),
  bytesUpTo(40).map((bytes) => element(0x00080008, 'CS', bytes)),
  bytesUpTo(3000).map((bytes) => element(0x00091001, 'OB', bytes)),
  bytesUpTo(20).map((bytes) => element(0x00101010, 'AS', bytes)),
  bytesUpTo(8).map((bytes) => element(0x00280010, 'US', bytes)),
  nested.map((node) => ({ ...node, tag: node.value instanceof Uint8Array ? 0x00080102 : 0x00081140 })),
  nested.map((node) => ({ ...node, tag: node.value instanceof Uint8Array ? 0x00189304 : 0x00189346 })),
  bytesUpTo(200).map((bytes) => element(0x7fe00010, 'OW', bytes)),
);

export interface FileParts {
  syntax: string;
  /** What the file meta information says the transfer syntax is. */
  statedSyntax: string;
  elements: HostileElement[];
  hasPreamble: boolean;
  hasMeta: boolean;
  isGzip: boolean;
}

export function makeBytes(parts: FileParts): Buffer {
  const form = FORMS[parts.syntax] ?? META_FORM;
  const dataSet = encodeHostile(parts.elements, form);
  const meta = encodeHostile(
    [
      element(0x00020001, 'OB', Buffer.from([0, 1])),
      element(0x00020003, 'UI', text('1.2.3.4.5.6')),
      element(0x00020010, 'UI', text(parts.statedSyntax)),
    ],
    META_FORM,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  const file = Buffer.concat([
    ...(parts.hasPreamble ? [Buffer.alloc(128), Buffer.from('DICM')] : []),
    ...(parts.hasMeta ? [encodeHostile([element(0x00020000, 'UL', length)], META_FORM), meta] : []),
    parts.syntax === DEFLATED ? deflateRawSync(dataSet) : dataSet,
  ]);
  return parts.isGzip ? gzipSync(file) : file;
}

/** Files that keep the standard, however odd: each must be read to the very UIDs written. */
export const honestFile: fc.Arbitrary<MadeFile> = fc
  .record({
    syntax: fc.constantFrom(...Object.keys(FORMS)),
    uids: fc.record({ study: validUid, series: validUid, sop: validUid }),
    others,
    isGzip: fc.boolean(),
  })
  .map(({ syntax, uids, others: rest, isGzip }) => {
    const elements = [
      ...rest,
      element(0x00080018, 'UI', text(uids.sop)),
      element(0x0020000d, 'UI', text(uids.study)),
      element(0x0020000e, 'UI', text(uids.series)),
    ].sort((a, b) => a.tag - b.tag);
    const parts = { syntax, statedSyntax: syntax, elements, hasPreamble: true, hasMeta: true, isGzip };
    const wrapping = isGzip ? 'gzip' : syntax === DEFLATED ? 'deflated' : 'plain';
    return { bytes: makeBytes(parts), form: FORMS[syntax] ?? META_FORM, wrapping, uids };
  });

const statedLength = fc.oneof(
  fc.constantFrom(0, 1, 7, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
  fc.nat(70_000),
);
const hostileValue = fc.oneof(
  hostileUid.map(text),
  fc.uint8Array({ maxLength: 200 }),
  fc.record({
    items: fc.array(fc.array(nested, { maxLength: 2 }), { maxLength: 3 }),
    ending: fc.constantFrom('stated_length' as const, 'delimiters' as const, 'no_delimiters' as const),
  }),
);
const hostileElement: fc.Arbitrary<HostileElement> = fc
  .record({
    tag: fc.oneof(
      fc.constantFrom(0x00020010, 0x00020003, 0x00080005, 0x00080018, 0x0020000d, 0x0020000e, 0x7fe00010, 0),
      fc.constantFrom(0xfffee000, 0xfffee00d, 0xfffee0dd, 0x00091001, 0x00280011, 0x50003000, 0xffffffff),
      fc.nat(0xffffffff),
    ),
    vr: fc.constantFrom('UI', 'SQ', 'UN', 'OB', 'OW', 'UT', 'OV', 'LO', 'ZZ', '\0\0', '??', 'US'),
    value: hostileValue,
    lie: fc.option(statedLength, { nil: undefined, freq: 4 }),
  })
  .map(({ lie, ...rest }) => (lie === undefined ? rest : { ...rest, statedLength: lie }));

/** Files that lie about everything. */
export const hostileFile: fc.Arbitrary<Buffer> = fc
  .record({
    syntax: fc.constantFrom(...Object.keys(FORMS)),
    statedSyntax: fc.oneof(fc.constantFrom(...Object.keys(FORMS)), hostileUid),
    uids: fc.tuple(hostileUid, hostileUid, hostileUid),
    extra: fc.array(hostileElement, { maxLength: 6 }),
    isSorted: fc.boolean(),
    hasPreamble: fc.boolean(),
    hasMeta: fc.boolean(),
    isGzip: fc.boolean(),
  })
  .map(({ uids: [study, series, sop], extra, isSorted, ...parts }) => {
    const elements = [
      element(0x00080018, 'UI', text(sop)),
      element(0x0020000d, 'UI', text(study)),
      element(0x0020000e, 'UI', text(series)),
      ...extra,
    ];
    return makeBytes({ ...parts, elements: isSorted ? elements.sort((a, b) => a.tag - b.tag) : elements });
  });
