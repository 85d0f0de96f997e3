import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Hunted, Seeds } from './hunt.ts';
import { MUTATION_VARIABLE } from './mutation.ts';

const run = promisify(execFile);
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** What breaks so badly that it never ends is no proof of an invariant. */
const MAX_HUNT_MS = 15 * 60_000;

/** Hunts for a mutation in a process of its own; without one it is the control. `stories`: drawn from seeds, or kept. */
export async function runHunt(
  mutation: string | undefined,
  { from, to }: Seeds,
  stories: 'drawn' | 'kept' = 'drawn',
): Promise<Hunted> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    new URL('apply-mutation.ts', import.meta.url).href,
    pathOf('hunt.ts'),
    stories,
    String(from),
    String(to),
  ];
  const { [MUTATION_VARIABLE]: _outer, ...environment } = process.env;
  const env = mutation === undefined ? environment : { ...environment, [MUTATION_VARIABLE]: mutation };
  try {
    const { stdout } = await run(process.execPath, args, { env, timeout: MAX_HUNT_MS });
    return JSON.parse(stdout) as Hunted;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const reason = /^[A-Za-z]*Error: .*$/m.exec(stderr)?.[0];
    return { kind: 'crashed', message: reason ?? 'the process ended before it told anything' };
  }
}

/**
 * Hunts until a seed breaks with the mutation that is clean without it: what breaks anyhow proves nothing.
 */
export async function runFairHunt(
  mutation: string,
  seeds: Seeds,
  stories: 'drawn' | 'kept' = 'drawn',
): Promise<Hunted> {
  for (let { from } = seeds; from <= seeds.to; ) {
    const hunted = await runHunt(mutation, { from, to: seeds.to }, stories);
    if (hunted.kind !== 'caught') return hunted;
    const control = await runHunt(undefined, { from: hunted.seed, to: hunted.seed }, stories);
    if (control.kind === 'clean') return hunted;
    from = hunted.seed + 1;
  }
  return { kind: 'clean' };
}
