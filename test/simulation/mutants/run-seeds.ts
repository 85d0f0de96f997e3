import { BrokenInvariantError } from '../broken-invariant.ts';
import { REGRESSIONS } from '../regressions.ts';
import { runScenario } from '../run-scenario.ts';
import { type Scenario, scenarioOf } from '../scenario.ts';
import { messageOf } from '../shrink.ts';
import { isAsPlanned } from './apply-mutation.ts';

/** The outcome of a run, printed for the parent process as one line of JSON. `survived`: no invariant broke. */
export type MutantOutcome =
  | { kind: 'survived' }
  | { kind: 'killed'; seed: number; invariant: string }
  /** The simulation itself failed; no invariant broke. */
  | { kind: 'crashed'; message: string };

/** Seeds to run, or numbers of kept scenarios, both included. */
export interface Seeds {
  from: number;
  to: number;
}

/** Runs scenarios until an invariant breaks, or none is left. */
async function runSeeds(
  { from, to }: Seeds,
  scenarioAt: (number: number) => Scenario,
): Promise<MutantOutcome> {
  if (!isAsPlanned()) return { kind: 'crashed', message: 'no stage loads the file of the mutation' };
  for (let seed = from; seed <= to; seed += 1) {
    try {
      await runScenario(scenarioAt(seed));
    } catch (error) {
      return error instanceof BrokenInvariantError
        ? { kind: 'killed', seed, invariant: error.message }
        : { kind: 'crashed', message: messageOf(error) };
    }
  }
  return { kind: 'survived' };
}

function keptScenario(number: number): Scenario {
  const kept = REGRESSIONS[number];
  if (kept === undefined) throw new TypeError(`expected the number of a kept scenario, got ${number}`);
  return kept.scenario;
}

const [kind, from, to] = process.argv.slice(2);
const range = { from: Number(from), to: Number(to) };
console.log(JSON.stringify(await runSeeds(range, kind === 'kept' ? keptScenario : scenarioOf)));
