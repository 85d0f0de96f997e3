import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';
import { changes, mutate, splice } from './support/mutation.ts';
import { readCounted } from './support/read-counted.ts';

/** Real files beside the repository. Only some checkouts have them. */
const SAMPLES = '../shared/dicom-samples';
/** Mutations of larger ones would mostly change pixels. */
const MAX_FILE_BYTES = 200_000;

function readSamples(): Buffer[] {
  return readdirSync(SAMPLES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:md|json)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter((bytes) => bytes.length > 0 && bytes.length <= MAX_FILE_BYTES);
}

describe.skipIf(!existsSync(SAMPLES))('real files', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const samples = existsSync(SAMPLES) ? readSamples() : [];
  const sample = fc.nat(Math.max(0, samples.length - 1)).map((at) => samples[at] ?? Buffer.alloc(0));

  it('reads real files with some changed bytes to an outcome of the contract', async () => {
    await fc.assert(
      fc.asyncProperty(sample, changes, async (bytes, list) => {
        await readCounted(mutate(bytes, list));
      }),
      fuzzRuns(1000),
    );
  });

  it('reads real files with the end of another file to an outcome of the contract', async () => {
    await fc.assert(
      fc.asyncProperty(sample, sample, fc.nat(), async (first, second, where) => {
        await readCounted(splice(first, second, where));
      }),
      fuzzRuns(500),
    );
  });
});
