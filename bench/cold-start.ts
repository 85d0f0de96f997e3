import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../infra/bundle.ts';
import { FUNCTION_NAMES } from '../infra/function-names.ts';
import type { Benchmark } from './benchmark.ts';
import { bundleFloor } from './bundle-floor.ts';
import { median, spreadText } from './rounds.ts';

const ROUNDS = 30;
const KB = 1024;

/** What Lambda loads before the first run of a function: the size of each bundle and the time of its import, in fresh processes. */
export const coldStart: Benchmark = {
  name: 'cold-start',
  async run() {
    const outDir = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
    try {
      const folders = await bundleFunctions(FUNCTION_NAMES, { outDir });
      const floor = bundleFloor(outDir);
      const bundles = FUNCTION_NAMES.map((name) => ({ name, path: join(folders[name], 'index.mjs') }));
      const all = [{ name: 'the SDK clients alone', path: floor }, ...bundles];
      const times = new Map(all.map(({ path }) => [path, [] as ImportTime[]]));
      for (let round = 0; round < ROUNDS; round += 1)
        for (const { path } of all) times.get(path)?.push(timeImport(path));
      const timesOf = (path: string, of: keyof ImportTime) => (times.get(path) ?? []).map((time) => time[of]);
      const medianOf = (path: string, of: keyof ImportTime) => median(timesOf(path, of));
      const ratio = (path: string, of: keyof ImportTime) =>
        (medianOf(path, of) / medianOf(floor, of)).toFixed(2);
      const row = ({ name, path }: { name: string; path: string }) => [
        name,
        (statSync(path).size / KB).toFixed(0),
        (statSync(path).size / statSync(floor).size).toFixed(2),
        spreadText(timesOf(path, 'ms'), 0),
        ratio(path, 'ms'),
        medianOf(path, 'cpuMs').toFixed(0),
        ratio(path, 'cpuMs'),
      ];
      return [
        {
          title: 'Cold start: bundles of the functions',
          columns: ['', 'KB', '÷ clients', 'import, ms', '÷ clients', 'CPU, ms', '÷ clients'],
          rows: all.map(row),
          notes: [
            'The SDK clients alone: a bundle of the clients of S3 and DynamoDB, with a command each, by the options of the CLI.',
            `The import is timed in ${ROUNDS} fresh processes for each, in turn.`,
          ],
        },
      ];
    } finally {
      rmSync(outDir, { recursive: true, force: true });
    }
  },
};

interface ImportTime {
  ms: number;
  /** Of all threads of the process: on busy cores the steadier one. */
  cpuMs: number;
}

function timeImport(path: string): ImportTime {
  const script = `const start = performance.now(); const cpu = process.cpuUsage(); await import(${JSON.stringify(path)});
    const { user, system } = process.cpuUsage(cpu);
    process.stdout.write(JSON.stringify({ ms: performance.now() - start, cpuMs: (user + system) / 1000 }));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, AWS_REGION: 'us-east-1' },
  });
  if (status !== 0) throw new Error(`expected ${path} to be importable: ${stderr}`);
  return JSON.parse(stdout) as ImportTime;
}
