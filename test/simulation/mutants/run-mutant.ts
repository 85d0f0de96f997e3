import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MUTATION_VARIABLE } from './mutation.ts';
import type { MutantOutcome, Seeds } from './run-seeds.ts';

const run = promisify(execFile);
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A mutant that never ends is not killed by an invariant. */
const MAX_RUN_MS = 15 * 60_000;

/** Runs scenarios with a mutation in a process of its own; without one it is the control. `scenarios`: drawn from seeds, or kept. */
export async function runMutant(
  mutation: string | undefined,
  { from, to }: Seeds,
  scenarios: 'drawn' | 'kept' = 'drawn',
): Promise<MutantOutcome> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    new URL('apply-mutation.ts', import.meta.url).href,
    pathOf('run-seeds.ts'),
    scenarios,
    String(from),
    String(to),
  ];
  const { [MUTATION_VARIABLE]: _outer, ...environment } = process.env;
  const env = mutation === undefined ? environment : { ...environment, [MUTATION_VARIABLE]: mutation };
  try {
    const { stdout } = await run(process.execPath, args, { env, timeout: MAX_RUN_MS });
    return JSON.parse(stdout) as MutantOutcome;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const reason = /^[A-Za-z]*Error: .*$/m.exec(stderr)?.[0];
    return { kind: 'crashed', message: reason ?? 'the process ended before it told anything' };
  }
}

/**
 * Runs until a seed kills the mutant and is clean without the mutation: a seed that breaks in both proves nothing.
 */
export async function runMutantWithControl(
  mutation: string,
  seeds: Seeds,
  scenarios: 'drawn' | 'kept' = 'drawn',
): Promise<MutantOutcome> {
  for (let { from } = seeds; from <= seeds.to; ) {
    const outcome = await runMutant(mutation, { from, to: seeds.to }, scenarios);
    if (outcome.kind !== 'killed') return outcome;
    const control = await runMutant(undefined, { from: outcome.seed, to: outcome.seed }, scenarios);
    if (control.kind === 'survived') return outcome;
    from = outcome.seed + 1;
  }
  return { kind: 'survived' };
}
