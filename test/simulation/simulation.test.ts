import { describe, expect, it } from 'vitest';
import type { FaultPlan } from './fault-plan.ts';
import { REGRESSIONS } from './regressions.ts';
import { runScenario } from './run-scenario.ts';
import { scenarioOf } from './scenario.ts';
import { runSeeds } from './seed-worker.ts';
import { shrinkScenario } from './shrink.ts';

/** So many in `npm test`; `npm run simulate -- --seeds N` runs any number. */
const SEEDS = 300;
const PART = 50;

describe('the pipeline in a world in which everything goes wrong', () => {
  it.each(Array.from({ length: SEEDS / PART }, (_, part) => 1 + part * PART))(
    'keeps every invariant: seeds from %i',
    async (from) => {
      const { failures } = await runSeeds({ from, to: from + PART - 1 });
      const told = failures.map(({ seed, message }) => `npm run simulate -- --seed ${seed}   # ${message}`);
      expect(told).toEqual([]);
    },
  );

  it.each(REGRESSIONS)('REQ-CRASH-1: keeps the fix of: $found', async ({ scenario }) => {
    let plan: FaultPlan | undefined;
    await runScenario(scenario, (world) => {
      plan = world.plan;
    });
    // A fault that does not happen any more makes it another scenario.
    expect(plan?.notStruck).toEqual([]);
  });

  // In the last two, entries of an archive are unpacked to be compared with other files.
  it.each([7, 31, 257])('runs the same way each time for seed %i', async (seed) => {
    const [once, again] = [await runScenario(scenarioOf(seed)), await runScenario(scenarioOf(seed))];
    expect(again).toEqual(once);
  });

  it('finds nothing to shrink in a clean scenario', async () => {
    expect(await shrinkScenario(7, 10)).toBeUndefined();
  });
});
