import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectTarEnd, nextTarEntry } from '../../functions/archives/tar-entries.ts';
import { readZipDirectory } from '../../functions/archives/zip-directory.ts';
import { paxRecord, tarOf } from '../support/tar.ts';
import { zipOf } from '../support/zip.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const contents = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 6 });
/** Bytes that are changed, bytes that are left out at the end, and bytes that follow. */
const damage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
  cut: fc.nat({ max: 200 }),
  behind: fc.uint8Array({ maxLength: 40 }),
});

function damaged(
  bytes: Buffer,
  { changes, cut, behind }: { changes: [number, number][]; cut: number; behind: Uint8Array },
) {
  const copy = Buffer.concat([bytes.subarray(0, Math.max(0, bytes.length - cut)), behind]);
  for (const [at, byte] of changes) if (copy.length > 0) copy.writeUInt8(byte, at % copy.length);
  return copy;
}

/** A reader that counts what was asked of it. */
function readerOf(bytes: Buffer) {
  const asked = { reads: 0, bytes: 0 };
  const read = async (offset: number, length: number) => {
    asked.reads += 1;
    asked.bytes += Math.min(length, Math.max(0, bytes.length - offset));
    return bytes.subarray(offset, offset + length);
  };
  return { read, asked };
}

const unlessBad = (work: Promise<unknown>) =>
  work.catch((error: unknown) => expect(error).toMatchObject({ name: 'BadArchiveError' }));

describe('whatever the bytes are', () => {
  it(
    'the directory of a zip is read or refused, with a few reads of the archive',
    async () => {
      const zips = contents.map((files) =>
        zipOf(files.map((content) => ({ name: 'IM', content: Buffer.from(content) }))),
      );
      const bytes = fc.oneof(
        fc.tuple(zips, damage).map(([zip, how]) => damaged(zip, how)),
        fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array)),
      );
      await fc.assert(
        fc.asyncProperty(bytes, async (zip) => {
          const { read, asked } = readerOf(zip);
          await unlessBad(
            readZipDirectory(read, zip.length).then((entries) => {
              for (const [at, { offset, limit, storedBytes }] of entries.entries()) {
                expect(offset + storedBytes).toBeLessThanOrEqual(limit);
                expect(limit).toBeLessThanOrEqual(entries[at + 1]?.offset ?? zip.length);
              }
            }),
          );
          expect(asked.reads).toBeLessThanOrEqual(3);
        }),
        fuzzRuns(300),
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    'the files of a tar are read or refused, each within the archive and behind the one before',
    async () => {
      const tars = contents.map((files) =>
        tarOf([
          { name: 'pax', type: 'x', content: paxRecord('size', '5') },
          ...files.map((content) => ({ name: 'IM', content })),
        ]),
      );
      const bytes = fc.oneof(
        fc.tuple(tars, damage).map(([tar, how]) => damaged(tar, how)),
        fc.uint8Array({ maxLength: 3_000 }).map((array) => Buffer.from(array)),
      );
      const readAll = async (tar: Buffer) => {
        const { read, asked } = readerOf(tar);
        let at = 0;
        for (let number = 1; ; number += 1) {
          const entry = await nextTarEntry(read, tar.length, at, number);
          if ('end' in entry) return expectTarEnd(read, tar.length, entry.end);
          expect(entry.next).toBeGreaterThan(at);
          expect(entry.offset + entry.sizeBytes).toBeLessThanOrEqual(tar.length);
          at = entry.next;
          expect(asked.bytes).toBeLessThanOrEqual(2 * tar.length);
        }
      };
      await fc.assert(
        fc.asyncProperty(bytes, async (tar) => {
          await unlessBad(readAll(tar));
        }),
        fuzzRuns(300),
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});
