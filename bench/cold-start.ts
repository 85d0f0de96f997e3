import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../infra/bundle.ts';
import { FUNCTION_NAMES } from '../infra/function-names.ts';
import type { Benchmark } from './benchmark.ts';
import { bundleFloor } from './bundle-floor.ts';
import { median, spreadText } from './rounds.ts';

const ROUNDS = 15;
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
      const times = new Map(all.map(({ path }) => [path, [] as number[]]));
      for (let round = 0; round < ROUNDS; round += 1)
        for (const { path } of all) times.get(path)?.push(importMs(path));
      const timesOf = (path: string) => times.get(path) ?? [];
      const row = ({ name, path }: { name: string; path: string }) => [
        name,
        (statSync(path).size / KB).toFixed(0),
        (statSync(path).size / statSync(floor).size).toFixed(2),
        spreadText(timesOf(path), 0),
        (median(timesOf(path)) / median(timesOf(floor))).toFixed(2),
      ];
      return [
        {
          title: 'Cold start: bundles of the functions',
          columns: ['', 'KB', '÷ clients', 'import, ms', '÷ clients'],
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

function importMs(path: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(path)}); process.stdout.write(String(performance.now() - start));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, AWS_REGION: 'us-east-1' },
  });
  if (status !== 0) throw new Error(`expected ${path} to be importable: ${stderr}`);
  return Number(stdout);
}
