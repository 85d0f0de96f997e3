import dicomParser from 'dicom-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { honestFile, hostileFile } from './support/dicom-arbitrary.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';
import { changes, mutate, splice } from './support/mutation.ts';
import { readCounted } from './support/read-counted.ts';

/** What dicom-parser reads of a complete plain file; `undefined` where it cannot, or a UID is missing. */
function readByDicomParser(bytes: Uint8Array): [string, string, string] | undefined {
  try {
    const dataSet = dicomParser.parseDicom(bytes);
    const [study, series, sop] = ['x0020000d', 'x0020000e', 'x00080018'].map((tag) => dataSet.string(tag));
    return study && series && sop ? [study, series, sop] : undefined;
  } catch {
    return undefined;
  }
}

/** Study, Series and SOP Instance UID, little and big endian. */
const UID_TAGS = ['20000d00', '0020000d', '20000e00', '0020000e', '08001800', '00080018'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

/** How often the tag of a UID stands in a file. */
function uidTagsIn(bytes: Uint8Array): number {
  const file = Buffer.from(bytes);
  let found = 0;
  for (const tag of UID_TAGS) {
    for (let at = file.indexOf(tag); at !== -1; at = file.indexOf(tag, at + 1)) found += 1;
  }
  return found;
}

describe('the header reader', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('reads every file that keeps the standard to the UIDs that were written, as dicom-parser does', async () => {
    await fc.assert(
      fc.asyncProperty(honestFile, async ({ bytes, uids, wrapping }) => {
        const outcome = await readCounted(bytes);
        expect(outcome).toMatchObject({
          kind: 'header',
          isGzip: wrapping === 'gzip',
          header: {
            studyInstanceUid: uids.study,
            seriesInstanceUid: uids.series,
            sopInstanceUid: uids.sop,
          },
        });
        if (wrapping === 'plain') {
          expect(readByDicomParser(bytes)).toEqual([uids.study, uids.series, uids.sop]);
        }
      }),
      fuzzRuns(600),
    );
  });

  it('reads a cut file to the same header, to less of it, or not at all, never to another one', async () => {
    await fc.assert(
      fc.asyncProperty(honestFile, fc.double({ min: 0, max: 1, noNaN: true }), async ({ bytes }, share) => {
        const whole = await readCounted(bytes);
        const cut = await readCounted(bytes.subarray(0, Math.floor(bytes.length * share)));
        if (whole.kind !== 'header' || cut.kind !== 'header') {
          expect(cut.kind).toBe(cut.kind === 'header' ? whole.kind : 'rejected');
          return;
        }
        expect(whole.header).toMatchObject(cut.header);
      }),
      fuzzRuns(600),
    );
  });

  it('comes to an outcome of the contract for files that lie, the same one each time', async () => {
    await fc.assert(
      fc.asyncProperty(hostileFile, async (bytes) => {
        expect(await readCounted(bytes)).toEqual(await readCounted(bytes));
      }),
      fuzzRuns(1200),
    );
  });

  it('comes to an outcome of the contract for files with some bytes changed', async () => {
    await fc.assert(
      fc.asyncProperty(honestFile, changes, async ({ bytes }, list) => {
        await readCounted(mutate(bytes, list));
      }),
      fuzzRuns(1200),
    );
  });

  it('comes to an outcome of the contract for two files in one', async () => {
    await fc.assert(
      fc.asyncProperty(honestFile, honestFile, fc.nat(), async (first, second, where) => {
        await readCounted(splice(first.bytes, second.bytes, where));
      }),
      fuzzRuns(500),
    );
  });

  it('comes to an outcome of the contract for any bytes behind any start', async () => {
    const start = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]),
      Buffer.from('DICM'),
      Buffer.from([8, 0, 5, 0, 0x43, 0x53]),
      Buffer.from([0, 8, 0, 5, 0x43, 0x53]),
      Buffer.from([2, 0, 0, 0, 0x55, 0x4c, 4, 0]),
      Buffer.from([0x1f, 0x8b, 8, 0]),
    );
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 400 }), async (front, rest) => {
        await readCounted(Buffer.concat([front, rest]));
      }),
      fuzzRuns(1500),
    );
  });

  it('agrees with dicom-parser wherever both read UIDs off a plain file, each named once', async () => {
    await fc.assert(
      fc.asyncProperty(honestFile, changes, async ({ bytes, wrapping }, list) => {
        if (wrapping !== 'plain') return;
        const changed = mutate(
          bytes,
          list.filter(({ kind }) => kind === 'flip' || kind === 'set'),
        );
        // A change can make another element one of these: of two values the reader takes none, dicom-parser the last.
        if (uidTagsIn(changed) > uidTagsIn(bytes)) return;
        const outcome = await readCounted(changed);
        const expected = readByDicomParser(changed);
        if (outcome.kind !== 'header' || expected === undefined) return;
        const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = outcome.header;
        expect([studyInstanceUid, seriesInstanceUid, sopInstanceUid]).toEqual(expected);
      }),
      fuzzRuns(800),
    );
  });
});
