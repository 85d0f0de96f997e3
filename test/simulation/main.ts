import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { addCoverage, coverageTable, emptyPlaces, outcomeTable } from './coverage-table.ts';
import { runScenario } from './run-scenario.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import type { SeedRange, SeedReport } from './seed-worker.ts';
import { messageOf, shrinkScenario } from './shrink.ts';

const USAGE = `npm run simulate -- [--seeds N] [--from SEED] [--workers N]   run many seeds on all cores
npm run simulate -- --seed SEED [--shrink-runs N]              replay one seed, and shrink it when it fails
npm run simulate -- --scenario FILE                               replay a scenario that was shrunk`;

/** Seeds handed to a worker at a time: enough to forget the message, few enough to keep all cores busy. */
const SEEDS_AT_ONCE = 50;
const MAX_SHOWN_FAILURES = 10;
/** The table is expected to be full from here on; the rarest places need that many scenarios. */
const SEEDS_FOR_EACH_PLACE = 20_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
      scenario: { type: 'string' },
      'shrink-runs': { type: 'string', default: '2000' },
    },
  });
  if (values.scenario !== undefined)
    return replay(JSON.parse(readFileSync(values.scenario, 'utf8')) as Scenario);
  if (values.seed !== undefined) return replaySeed(count(values.seed), count(values['shrink-runs']));
  return runMany(count(values.from), count(values.seeds), Math.max(1, count(values.workers)));
}

function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new TypeError(`expected a whole number, got ${text}`);
  return Number(text);
}

async function replay(scenario: Scenario): Promise<number> {
  try {
    const run = await runScenario(scenario);
    console.log(`clean: ${run.objects} objects, ${Math.round(run.virtualSeconds)} s of virtual time`);
    return 0;
  } catch (error) {
    console.log(`broken: ${messageOf(error)}`);
    return 1;
  }
}

async function replaySeed(seed: number, shrinkRuns: number): Promise<number> {
  if ((await replay(scenarioOf(seed))) === 0) return 0;
  const shrunk = await shrinkScenario(seed, shrinkRuns);
  if (shrunk === undefined) return 1;
  console.log(
    `the shortest scenario found: ${shrunk.message}\n${JSON.stringify(shrunk.scenario, undefined, 1)}`,
  );
  return 1;
}

async function runMany(from: number, seeds: number, workers: number): Promise<number> {
  const startedMs = performance.now();
  const ranges: SeedRange[] = [];
  for (let at = from; at < from + seeds; at += SEEDS_AT_ONCE) {
    ranges.push({ from: at, to: Math.min(at + SEEDS_AT_ONCE, from + seeds) - 1 });
  }
  const coverage = new Map<string, number>();
  const failures: SeedReport['failures'] = [];
  const outcomes = new Map<string, number>();
  const total = { runs: 0, objects: 0, virtualSeconds: 0 };
  let shownMs = startedMs;
  await Promise.all(
    Array.from({ length: Math.min(workers, ranges.length) }, () =>
      work(ranges, (report) => {
        addCoverage(coverage, report.coverage);
        failures.push(...report.failures);
        total.runs += report.runs;
        addCoverage(outcomes, report.outcomes);
        total.objects += report.objects;
        total.virtualSeconds += report.virtualSeconds;
        for (const { seed, message } of report.failures) console.log(`seed ${seed}: ${message}`);
        if (performance.now() - shownMs < 10_000) return;
        shownMs = performance.now();
        console.log(
          `${total.runs} of ${seeds} seeds, ${failures.length} broken, ${speed(total.runs, startedMs)}`,
        );
      }),
    ),
  );
  console.log(`\n${coverageTable(coverage)}\n`);
  console.log(`${outcomeTable(outcomes)}\n`);
  const years = (total.virtualSeconds / (365 * 86_400)).toFixed(1);
  console.log(
    `${total.runs} seeds from ${from}: ${failures.length} broken; ${total.objects} objects, ${years} years of virtual time, ${speed(total.runs, startedMs)}`,
  );
  const empty = emptyPlaces(coverage);
  if (empty.length > 0) console.log(`never injected: ${empty.join(', ')}`);
  for (const { seed } of failures.slice(0, MAX_SHOWN_FAILURES)) {
    console.log(`replay and shrink: npm run simulate -- --seed ${seed}`);
  }
  return failures.length > 0 || (seeds >= SEEDS_FOR_EACH_PLACE && empty.length > 0) ? 1 : 0;
}

function speed(runs: number, startedMs: number): string {
  return `${(runs / ((performance.now() - startedMs) / 1000)).toFixed(1)} runs/s`;
}

/** One worker, which takes ranges until none is left. */
function work(ranges: SeedRange[], onReport: (report: SeedReport) => void): Promise<void> {
  const worker = new Worker(new URL('./seed-worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const next = () => {
      const range = ranges.shift();
      if (range !== undefined) worker.postMessage(range);
      else void worker.terminate().then(() => resolve());
    };
    worker.on('message', (report: SeedReport) => {
      onReport(report);
      next();
    });
    worker.on('error', reject);
    next();
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
