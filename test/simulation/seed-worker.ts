import { parentPort } from 'node:worker_threads';
import { runStory } from './run-story.ts';
import { messageOf } from './shrink.ts';
import { storyOf } from './story.ts';

/** Seeds to run, both included. */
export interface SeedRange {
  from: number;
  to: number;
}

export interface SeedReport {
  runs: number;
  failures: { seed: number; message: string }[];
  coverage: [string, number][];
  instances: number;
  virtualSeconds: number;
}

/** Runs these seeds one after the other. */
export async function runSeeds({ from, to }: SeedRange): Promise<SeedReport> {
  const report: SeedReport = { runs: 0, failures: [], coverage: [], instances: 0, virtualSeconds: 0 };
  const coverage = new Map<string, number>();
  for (let seed = from; seed <= to; seed += 1) {
    report.runs += 1;
    try {
      const run = await runStory(storyOf(seed));
      for (const [key, times] of run.coverage) coverage.set(key, (coverage.get(key) ?? 0) + times);
      report.instances += run.instances;
      report.virtualSeconds += run.virtualSeconds;
    } catch (error) {
      report.failures.push({ seed, message: messageOf(error) });
    }
  }
  report.coverage = [...coverage];
  return report;
}

parentPort?.on('message', async (range: SeedRange) => {
  parentPort?.postMessage(await runSeeds(range));
});
