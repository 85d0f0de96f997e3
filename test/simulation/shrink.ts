import * as fc from 'fast-check';
import { runScenario } from './run-scenario.ts';
import { type Scenario, scenario } from './scenario.ts';

export interface Shrunk {
  scenario: Scenario;
  /** What goes wrong in the shrunk scenario; usually, but not always, what went wrong in the whole one. */
  message: string;
}

/** Looks for the shortest scenario that still fails, from the scenario of a seed; at most so many runs. */
export async function shrinkScenario(seed: number, maxRuns: number): Promise<Shrunk | undefined> {
  let runs = 0;
  let shortest: Shrunk | undefined;
  const property = fc.asyncProperty(fc.noBias(scenario), async (candidate) => {
    runs += 1;
    // Out of patience: what is found so far is the shortest.
    if (runs > maxRuns) return;
    try {
      await runScenario(candidate);
    } catch (error) {
      shortest = { scenario: candidate, message: messageOf(error) };
      throw error;
    }
  });
  await fc.check(property, { seed, numRuns: 1 });
  return shortest;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
