import type fc from 'fast-check';

/**
 * How often a property runs: `usual` times in `npm test`, `FUZZ_RUNS` times where that is set. `FUZZ_SEED` and `FUZZ_PATH`
 * repeat a failure: fast-check prints both, with the counterexample.
 */
export function fuzzRuns(usual: number): fc.Parameters<unknown> {
  const { FUZZ_RUNS, FUZZ_SEED, FUZZ_PATH } = process.env;
  return {
    numRuns: FUZZ_RUNS === undefined ? usual : Number(FUZZ_RUNS),
    ...(FUZZ_SEED === undefined ? {} : { seed: Number(FUZZ_SEED) }),
    ...(FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH }),
  };
}

/** Many runs take their time; a hang is still found. */
export const FUZZ_TIMEOUT_MS = process.env['FUZZ_RUNS'] === undefined ? 120_000 : 3_600_000;
