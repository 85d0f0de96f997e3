import { gunzipSync, gzipSync } from 'node:zlib';
import { isValidUid, MAX_HEADER_BYTES, parseHeader } from '@qure-dropoff/dicom';
import { buildDicom, TRANSFER_SYNTAX } from '@qure-dropoff/dicom/testing';
import dicomParser from 'dicom-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../functions/ingest/read-dicom-header.ts';

const KINDS = ['header', 'more', 'dicomdir', 'rejected'];

const item = (value: string) => [[{ tag: 0x00080100, vr: 'SH', value }]];
const VALID = Object.values(TRANSFER_SYNTAX).map((transferSyntaxUid) =>
  buildDicom({
    transferSyntaxUid,
    elements: [{ tag: 0x00081140, vr: 'SQ', value: { items: item('A'), isUndefinedLength: true } }],
  }),
);
const SAMPLES = [
  ...VALID,
  ...VALID.map((bytes) => gzipSync(bytes)),
  buildDicom({ hasPreamble: false, hasFileMeta: false }),
];

/** A valid file with some bytes changed, parts cut out or repeated, and an end cut off. */
const mutated = fc
  .record({
    sample: fc.constantFrom(...SAMPLES),
    changes: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0xfe))), {
      maxLength: 8,
    }),
    cutOut: fc.tuple(fc.nat(), fc.nat(40)),
    keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ sample, changes, cutOut: [at, length], keep }) => {
    const bytes = Buffer.from(sample);
    for (const [position, value] of changes) bytes[position % bytes.length] = value;
    const start = at % bytes.length;
    const whole = Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
    return whole.subarray(0, Math.ceil(whole.length * keep));
  });

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .uint8Array({ maxLength: 600 })
    .map((tail) => Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), tail])),
  fc
    .uint8Array({ maxLength: 600 })
    .map((tail) => Buffer.concat([Buffer.from([8, 0, 5, 0, 0x43, 0x53]), tail])),
  fc.uint8Array({ maxLength: 600 }).map((tail) => gzipSync(tail)),
  mutated,
);

function expectSound(bytes: Uint8Array, objectSizeBytes: number): void {
  const outcome = parseHeader(bytes, objectSizeBytes);
  expect(KINDS).toContain(outcome.kind);
  if (outcome.kind === 'more') {
    expect(bytes.length).toBeLessThan(objectSizeBytes);
    expect(outcome.wantBytes).toBeGreaterThan(bytes.length);
  }
  if (outcome.kind === 'header') {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = outcome.header;
    expect([studyInstanceUid, seriesInstanceUid, sopInstanceUid].every(isValidUid)).toBe(true);
    expect(Object.values(outcome.header)).not.toContain(undefined);
  }
}

/** Of such a one the bytes before the damage may be inflated or not, as much as there is of it. Its upload ends in `damaged_object`. */
function isDamagedGzip(bytes: Buffer): boolean {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return false;
  try {
    gunzipSync(bytes);
    return false;
  } catch {
    return true;
  }
}

describe('for any content', () => {
  it('a whole object has a final outcome', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => expectSound(bytes, bytes.length)),
      { numRuns: 3000 },
    );
  });

  it('a prefix has a final outcome or asks for more than it is', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(2 * MAX_HEADER_BYTES), (bytes, rest) =>
        expectSound(bytes, bytes.length + rest),
      ),
      { numRuns: 3000 },
    );
  });

  it('every cut of a plain file within its header or its pixels is found, but for a cut between two elements', () => {
    const bytes = buildDicom();
    const elements = Object.values(dicomParser.parseDicom(bytes).elements);
    const ends = new Set(elements.map(({ dataOffset, length }) => dataOffset + length));
    for (let length = 132; length < bytes.length; length += 1) {
      const outcome = parseHeader(bytes.subarray(0, length), length);
      const isFound = outcome.kind === 'rejected' && ['truncated', 'missing_uid'].includes(outcome.reason);
      // Whole elements, all UIDs, no pixels: nothing tells it from a report.
      const isReport = outcome.kind === 'header' && ends.has(length);
      expect(isFound || isReport, `cut at ${length}`).toBe(true);
    }
  });

  it('the reads of an object end, within 4 MiB, and a short first answer changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.integer({ min: 1, max: 700 }), async (bytes, firstLength) => {
        fc.pre(!isDamagedGzip(bytes));
        const readFrom = (shortest: number) =>
          readHeader(async (firstByte, lastByte) => {
            expect(lastByte).toBeLessThan(MAX_HEADER_BYTES);
            const end = firstByte === 0 ? Math.min(lastByte + 1, shortest) : lastByte + 1;
            return { bytes: bytes.subarray(firstByte, end), totalSizeBytes: bytes.length, etag: 'e' };
          });
        expect((await readFrom(firstLength)).outcome.kind).toBe((await readFrom(Infinity)).outcome.kind);
      }),
      { numRuns: 500 },
    );
  });
});
