import { availableParallelism } from 'node:os';
import { type Benchmark, formatFindings } from './benchmark.ts';
import { coldStart } from './cold-start.ts';
import { completionLatency } from './completion-latency.ts';
import { consoleBenchmark } from './console.ts';
import { cost } from './cost/cost.ts';
import { fairness } from './fairness.ts';
import { headerReading } from './header-reading.ts';
import { indexing } from './indexing.ts';
import { largeObjects } from './large/large-objects.ts';
import { polls } from './polls/polls.ts';
import { scale } from './scale/scale.ts';
import { completion } from './senders/completion.ts';
import { timeToResult } from './time-to-result/time-to-result.ts';
import { upload } from './upload.ts';

/** `npm run bench [-- name…]`: measures; no number makes it fail. Some run by name alone. See docs/benchmarks.md. */

const BENCHMARKS: readonly Benchmark[] = [
  headerReading,
  indexing,
  upload,
  largeObjects,
  completionLatency,
  coldStart,
  consoleBenchmark,
  cost,
  scale,
  completion,
  timeToResult,
  polls,
  fairness,
];
/** Those that take minutes. */
const BY_NAME_ALONE: readonly Benchmark[] = [
  largeObjects,
  consoleBenchmark,
  completion,
  timeToResult,
  fairness,
];
const EXIT_USAGE = 2;

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = BENCHMARKS.map(({ name }) => name).join(', ');
    process.stderr.write(`expected names out of ${known}; got ${unknown.join(', ')}\n`);
    return EXIT_USAGE;
  }
  const date = new Date().toISOString().slice(0, 10);
  process.stdout.write(`${date}, Node ${process.version}, ${availableParallelism()} cores\n\n`);
  for (const benchmark of BENCHMARKS) {
    const isWanted = names.length > 0 ? names.includes(benchmark.name) : !BY_NAME_ALONE.includes(benchmark);
    if (!isWanted) continue;
    const start = performance.now();
    for (const findings of await benchmark.run()) process.stdout.write(`${formatFindings(findings)}\n`);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stderr.write(`(${benchmark.name}: ${seconds} s)\n\n`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
