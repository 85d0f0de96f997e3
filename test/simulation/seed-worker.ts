import { parentPort } from 'node:worker_threads';
import { addCoverage } from './coverage-table.ts';
import type { Coverage } from './fault-plan.ts';
import { runScenario } from './run-scenario.ts';
import { scenarioOf } from './scenario.ts';
import { messageOf } from './shrink.ts';

/** Seeds to run, both included. */
export interface SeedRange {
  from: number;
  to: number;
}

export interface SeedReport {
  runs: number;
  failures: { seed: number; message: string }[];
  coverage: [string, number][];
  outcomes: [string, number][];
  objects: number;
  virtualSeconds: number;
}

/** Runs these seeds one after the other. */
export async function runSeeds({ from, to }: SeedRange): Promise<SeedReport> {
  const report: SeedReport = {
    runs: 0,
    failures: [],
    coverage: [],
    outcomes: [],
    objects: 0,
    virtualSeconds: 0,
  };
  const coverage: Coverage = new Map();
  const outcomes: Coverage = new Map();
  for (let seed = from; seed <= to; seed += 1) {
    report.runs += 1;
    try {
      const run = await runScenario(scenarioOf(seed));
      addCoverage(coverage, run.coverage);
      addCoverage(outcomes, run.outcomes);
      report.objects += run.objects;
      report.virtualSeconds += run.virtualSeconds;
    } catch (error) {
      report.failures.push({ seed, message: messageOf(error) });
    }
  }
  report.coverage = [...coverage];
  report.outcomes = [...outcomes];
  return report;
}

parentPort?.on('message', async (range: SeedRange) => {
  parentPort?.postMessage(await runSeeds(range));
});
